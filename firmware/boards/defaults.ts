// Settings whose defaults are a board's own, by name.

/** A watch has no upright and stillness alone says little, so that it waits longer; and a wrist barely breathes. */
export const BANGLEJS2_DEFAULTS = { stillMs: 300000, moveMg: 50 }

/**
 * AES in JavaScript costs this board 0.2 s of processor a frame (../cell/power.ts): sealed anew each 2 s, a CR2032 would be
 * empty in twelve days. The same frame goes out each `idleMs` (../README.md, A board without AES). Its first frame of an alarm takes 4 ms
 * longer than a Puck.js's, and a worn jack bounces for ten: 18 leave 32.
 */
export const MDBT42Q_DEFAULTS = { heartbeatMs: 60000, cordDebounceMs: 18 }

/** No DC/DC converter, twice the current of a processor that works twenty times as long: what it draws beyond a Puck.js. */
export const MDBT42Q_EXTRA_UA = 39
