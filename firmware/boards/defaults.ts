// Settings whose defaults are a board's own, by name.

/** AES in JavaScript costs 390 ms of processor a frame (../current.ts): sealed each 2 s, a CR2032 is empty in ten days. */
export const MDBT42Q_DEFAULTS = { heartbeatMs: 10000 }
