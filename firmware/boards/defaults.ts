// Settings whose defaults are a board's own, by name.

/** A watch has no upright and stillness alone says little, so that it waits longer; and a wrist barely breathes. */
export const BANGLEJS2_DEFAULTS = { stillMs: 300000, moveMg: 50 }

/** AES in JavaScript costs 390 ms of processor a frame (../current.ts): sealed each 2 s, a CR2032 is empty in ten days. */
export const MDBT42Q_DEFAULTS = { heartbeatMs: 10000 }
