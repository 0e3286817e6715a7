// In: the button's settled edges and their times. Out: the gesture they make, as a GESTURE_ number, told as early as it
// is sure. It knows nothing of alarms but whether there is one to cancel; firmware/README.md has the table and the reasons.
import type { State } from '../fields.ts'
import { isCancellable, isOpenly, NEVER } from '../state.ts'

export const GESTURE_NONE = 0
export const GESTURE_HOLD = 1
export const GESTURE_ASSIST = 2
export const GESTURE_OKAY = 3
export const GESTURE_TEST = 4
export const GESTURE_CANCEL = 5
export const GESTURE_DURESS = 6

/** Short presses before the hold that ends a cancel, and before the one that looks like it. */
const CANCEL_PRESSES = 3
const DURESS_PRESSES = 2

/** A hold that begins now may be the end of a cancel or of a duress. */
const isPattern = (s: State): boolean =>
  isCancellable(s) &&
  s.isQuiet === 1 &&
  s.isSpoiled === 0 &&
  (s.presses === CANCEL_PRESSES || s.presses === DURESS_PRESSES)

/** The hold that is on was given the time of one, whatever has become of the alarm meanwhile. */
const isPatternHold = (s: State): boolean => s.isSpoiled === 0 && s.holdAtMs > s.pressedAtMs + s.holdMs

/** What was pressed so far counts for nothing: only a new group, after a pause, can be a gesture again. */
export const spoil = (s: State): void => {
  s.presses = 0
  s.isSpoiled = 1
  s.slowPresses = 0
  s.groupAtMs = NEVER
}

/** What was pressed so far counts no more; where two presses waited for a hold that might have followed, they are assistance. */
const spoilGroup = (s: State): number => {
  const isAssist = s.presses > 1 && !isOpenly(s)
  spoil(s)
  return isAssist ? GESTURE_ASSIST : GESTURE_NONE
}

/** The button goes down. */
export const press = (s: State): number => {
  let gesture = GESTURE_NONE
  const restMs = s.atMs - s.releasedAtMs
  if (restMs >= s.gapMaxMs) {
    s.presses = 0
    s.isSpoiled = 0
    s.isHushed = 0
    s.isQuiet = restMs >= s.quietMs ? 1 : 0
  } else if (restMs < s.gapMinMs) {
    gesture = spoilGroup(s)
  }
  s.pressedAtMs = s.atMs
  s.groupAtMs = NEVER
  s.holdAtMs = s.atMs + (isPattern(s) ? Math.max(s.holdMs, s.cancelHoldMaxMs) : s.holdMs)
  s.stuckAtMs = s.atMs + s.stuckMs
  return gesture
}

const patternAfter = (s: State, heldMs: number): number => {
  if (heldMs < s.holdMs) return GESTURE_NONE
  // A cancel let go too early is one more alarm: whoever holds that long wants something.
  if (heldMs < s.cancelHoldMs) return GESTURE_HOLD
  return s.presses === CANCEL_PRESSES ? GESTURE_CANCEL : GESTURE_DURESS
}

const count = (s: State, heldMs: number): number => {
  if (heldMs < s.pressMinMs || heldMs > s.pressMaxMs || s.isSpoiled > 0) {
    return spoilGroup(s)
  }
  s.presses++
  if (isOpenly(s)) return GESTURE_NONE
  // Where a cancel may be begun, it is assistance once no hold has followed.
  if (s.presses === 2 && !isCancellable(s)) return GESTURE_ASSIST
  s.groupAtMs = s.atMs + s.gapMaxMs
  return GESTURE_NONE
}

/** The button is let go. */
export const release = (s: State): number => {
  const wasHeld = s.holdAtMs === NEVER
  const isPatterned = isPatternHold(s)
  const heldMs = s.atMs - s.pressedAtMs
  s.holdAtMs = NEVER
  s.stuckAtMs = NEVER
  s.releasedAtMs = s.atMs
  if (wasHeld) {
    spoil(s)
    return GESTURE_NONE
  }
  const pattern = isPatterned ? patternAfter(s, heldMs) : GESTURE_NONE
  if (pattern === GESTURE_NONE) return count(s, heldMs)
  spoil(s)
  return pattern
}

/** The hold has come to its end while the button is still down. */
export const hold = (s: State): number => {
  s.holdAtMs = NEVER
  spoil(s)
  return GESTURE_HOLD
}

/** No further press came: one press alone (so many of them at a slow pace are the test), or several and no hold. */
export const alone = (s: State): number => {
  const presses = s.presses
  s.groupAtMs = NEVER
  s.presses = 0
  if (presses > 1) return GESTURE_ASSIST
  // It has stopped a pre-alarm, and is nothing else.
  if (s.isHushed) return GESTURE_NONE
  s.slowPresses = s.pressedAtMs - s.slowAtMs <= s.testPaceMs ? s.slowPresses + 1 : 1
  s.slowAtMs = s.pressedAtMs
  if (s.slowPresses < s.testPresses) return GESTURE_OKAY
  s.slowPresses = 0
  return GESTURE_TEST
}
