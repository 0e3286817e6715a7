// What a hand does to a pendant's button, by name: rests and holds in turn, in ms. Drawn from the default settings of the
// firmware (its README): well within each limit, so that what is played is what is meant.
import type { Gesture } from '../page/building.ts'

const PRESS_MS = 150
/** Between the presses of one group. */
const GAP_MS = 150
/** Between presses that are each one alone, about one a second. */
const PACE_MS = 900
const HOLD_MS = 1_000
/** A hold that is let go: longer than one that asks for help, shorter than a pinned button. */
const LONG_HOLD_MS = 2_200
/** Nobody who fights rests for so long. */
const QUIET_MS = 1_000

/** One after the other: rest, hold, rest, hold … */
export type Pattern = readonly { restMs: number; holdMs: number }[]

const presses = (count: number, gapMs: number, firstRestMs = 0): Pattern =>
  Array.from({ length: count }, (_, i) => ({ restMs: i === 0 ? firstRestMs : gapMs, holdMs: PRESS_MS }))

export const GESTURES: Readonly<Record<Gesture, Pattern>> = {
  okay: presses(1, GAP_MS),
  assist: presses(2, GAP_MS),
  hold: [{ restMs: 0, holdMs: HOLD_MS }],
  test: presses(4, PACE_MS),
  cancel: [...presses(3, GAP_MS, QUIET_MS), { restMs: GAP_MS, holdMs: LONG_HOLD_MS }],
  duress: [...presses(2, GAP_MS, QUIET_MS), { restMs: GAP_MS, holdMs: LONG_HOLD_MS }],
}
