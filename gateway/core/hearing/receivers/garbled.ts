// What is remembered of a receiver's messages that could not be read whole: when the newest of them came.

/** When a receiver's newest messages came that could not be read whole, oldest first. */
export type Garbled = { atMs: readonly number[] }

/** A broken message now and then is no fault of the receiver; so many within so long are. */
export const TIMES_MIN = 3

/** The receiver's memory after one more such message. */
export const garbledAfter = (before: Garbled | undefined, nowMs: number): Garbled => ({
  atMs: [...(before?.atMs ?? []), nowMs].slice(-TIMES_MIN),
})
