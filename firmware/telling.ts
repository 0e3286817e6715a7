// In: the state. Out: what the lights show the wearer, step by step of its pattern.
import { KIND_TEST, TOLD_ACKNOWLEDGED, TOLD_COMING, TOLD_HEARD, TOLD_STORED } from '../schemas/frame.ts'
import {
  MOOD_ACKNOWLEDGED,
  MOOD_BEGUN,
  MOOD_COMING,
  MOOD_DARK,
  MOOD_FAULT,
  MOOD_HEARD,
  MOOD_STORED,
  MOOD_TESTING,
  patternOf,
} from './lights.ts'
import { type Effect, isFaulty, isOpenly, NEVER, type State } from './state.ts'

const moodOf = (s: State): number => {
  if (s.alarm === null || s.alarm.isHidden) {
    if (s.event !== null && s.event.kind === KIND_TEST) return MOOD_TESTING
    return isFaulty(s) ? MOOD_FAULT : MOOD_DARK
  }
  switch (s.alarm.told) {
    case TOLD_HEARD:
      return MOOD_HEARD
    case TOLD_STORED:
      return MOOD_STORED
    case TOLD_ACKNOWLEDGED:
      return MOOD_ACKNOWLEDGED
    case TOLD_COMING:
      return MOOD_COMING
    default:
      return MOOD_BEGUN
  }
}

/** Starts a pattern from its first step. */
export const show = (s: State, mood: number, nowMs: number): void => {
  s.mood = mood
  s.lightStep = -1
  s.lightAtMs = nowMs
}

const isOnce = (mood: number): boolean => {
  const pattern = patternOf(mood)
  return pattern !== null && !pattern.isRepeated
}

/** Shows what there is to tell now, without starting anew a pattern that is already on, nor cutting short what is shown once. */
export const refresh = (s: State, nowMs: number): void => {
  const mood = moodOf(s)
  if (mood === s.mood || (isOnce(s.mood) && !isOpenly(s))) return
  show(s, mood, nowMs)
}

/** The next step of the pattern that is on. */
export const light = (s: State, nowMs: number, effects: Effect[]): void => {
  const pattern = patternOf(s.mood)
  s.lightStep++
  if (pattern?.isRepeated) s.lightStep %= pattern.steps.length
  const step = pattern === null ? undefined : pattern.steps[s.lightStep]
  if (step !== undefined) {
    effects.push({ kind: 'lights', colours: step.colours })
    s.lightAtMs = nowMs + step.forMs
    return
  }
  // The pattern is played to its end, or there is none.
  const isOver = s.mood !== moodOf(s)
  effects.push({ kind: 'lights', colours: 0 })
  s.mood = moodOf(s)
  s.lightStep = -1
  s.lightAtMs = isOver && s.mood !== MOOD_DARK ? nowMs : NEVER
}
