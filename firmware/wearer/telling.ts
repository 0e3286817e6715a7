// In: the pendant. Out: what the lights show the wearer, step by step of its pattern.
import { KIND_TEST, TOLD_COMING } from '../../schemas/frame.ts'
import type { State } from '../fields.ts'
import { isFaulty, isOpenly, NEVER } from '../state.ts'
import {
  isOnce,
  MOOD_ALONE,
  MOOD_BEGUN,
  MOOD_DARK,
  MOOD_FAULT,
  MOOD_MAN_DOWN,
  MOOD_TESTING,
  STEP_LENGTH,
  stepsOf,
} from './lights.ts'

/** The moods of what is told follow one another as the words of a beacon do, from MOOD_BEGUN for nothing on. */
export const moodOf = (s: State): number => {
  if (isOpenly(s)) return MOOD_BEGUN + Math.min(s.told, TOLD_COMING)
  if (s.isPreAlarm) return MOOD_MAN_DOWN
  if (s.eventKind === KIND_TEST) return MOOD_TESTING
  return isFaulty(s) ? MOOD_FAULT : s.isDeaf ? MOOD_ALONE : MOOD_DARK
}

/** Starts a pattern from its first step. */
export const show = (s: State, mood: number): void => {
  s.mood = mood
  s.lightStep = 0
  s.lightAtMs = s.atMs
}

/** Shows what there is to tell now, without starting anew a pattern that is already on, nor cutting short what is shown once. */
export const refresh = (s: State): void => {
  const mood = moodOf(s)
  if (mood !== s.mood && (isOpenly(s) || !isOnce(s.mood))) show(s, mood)
}

/** The next step of the pattern that is on. */
export const light = (s: State): void => {
  if (s.lightStep * STEP_LENGTH >= stepsOf(s.mood).length) {
    s.lightStep = 0
    if (isOnce(s.mood)) s.mood = moodOf(s)
  }
  const step = stepsOf(s.mood).substr(s.lightStep++ * STEP_LENGTH, STEP_LENGTH)
  s.colours = step === '' ? 0 : parseInt(step.charAt(0), 10)
  s.lightAtMs = step === '' ? NEVER : s.atMs + parseInt(step.substr(1), 10)
}
