// In: the button's settled edges and their times. Out: the gesture they make, as a GESTURE_ number, told as early as it
// is sure. It knows nothing of alarms but whether one shows; firmware/README.md has the table and the reasons.
import type { Settings } from './settings.ts'
import { isOpenly, NEVER, type State } from './state.ts'

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

/** The hold that is on may be the end of a cancel or of a duress. */
const isPattern = (s: State): boolean =>
  isOpenly(s) && s.isQuiet && !s.isSpoiled && (s.presses === CANCEL_PRESSES || s.presses === DURESS_PRESSES)

/** What was pressed so far counts for nothing: only a new group, after a pause, can be a gesture again. */
export const spoil = (s: State): void => {
  s.presses = 0
  s.isSpoiled = true
  s.slowPresses = 0
  s.groupAtMs = NEVER
}

/** The button goes down. */
export const press = (s: State, settings: Settings, nowMs: number): void => {
  const restMs = nowMs - s.releasedAtMs
  if (restMs >= settings.gapMaxMs) {
    s.presses = 0
    s.isSpoiled = false
    s.isQuiet = restMs >= settings.quietMs
  } else if (restMs < settings.gapMinMs) {
    spoil(s)
  }
  s.pressedAtMs = nowMs
  s.groupAtMs = NEVER
  s.holdAtMs = nowMs + (isPattern(s) ? Math.max(settings.holdMs, settings.cancelHoldMaxMs) : settings.holdMs)
  s.stuckAtMs = nowMs + settings.stuckMs
}

const patternAfter = (s: State, settings: Settings, heldMs: number): number => {
  if (heldMs < settings.holdMs) return GESTURE_NONE
  // A cancel let go too early is one more alarm: whoever holds that long wants something.
  if (heldMs < settings.cancelHoldMs) return GESTURE_HOLD
  return s.presses === CANCEL_PRESSES ? GESTURE_CANCEL : GESTURE_DURESS
}

const count = (s: State, settings: Settings, heldMs: number, nowMs: number): number => {
  if (heldMs < settings.pressMinMs || heldMs > settings.pressMaxMs || s.isSpoiled) {
    spoil(s)
    return GESTURE_NONE
  }
  s.presses++
  if (isOpenly(s)) return GESTURE_NONE
  if (s.presses === 2) return GESTURE_ASSIST
  s.groupAtMs = nowMs + settings.gapMaxMs
  return GESTURE_NONE
}

/** The button is let go. */
export const release = (s: State, settings: Settings, nowMs: number): number => {
  const wasHeld = s.holdAtMs === NEVER
  const heldMs = nowMs - s.pressedAtMs
  s.holdAtMs = NEVER
  s.stuckAtMs = NEVER
  s.releasedAtMs = nowMs
  if (wasHeld) {
    spoil(s)
    return GESTURE_NONE
  }
  const pattern = isPattern(s) ? patternAfter(s, settings, heldMs) : GESTURE_NONE
  if (pattern === GESTURE_NONE) return count(s, settings, heldMs, nowMs)
  spoil(s)
  return pattern
}

/** The hold has come to its end while the button is still down. */
export const hold = (s: State): number => {
  s.holdAtMs = NEVER
  spoil(s)
  return GESTURE_HOLD
}

/** No further press came: one press alone. So many of them at a slow pace are the test. */
export const alone = (s: State, settings: Settings): number => {
  s.groupAtMs = NEVER
  s.presses = 0
  s.slowPresses = s.pressedAtMs - s.slowAtMs <= settings.testPaceMs ? s.slowPresses + 1 : 1
  s.slowAtMs = s.pressedAtMs
  if (s.slowPresses < settings.testPresses) return GESTURE_OKAY
  s.slowPresses = 0
  return GESTURE_TEST
}
