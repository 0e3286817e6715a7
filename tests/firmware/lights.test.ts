import { expect, test } from 'vitest'
import {
  GREEN,
  MOOD_ALONE,
  MOOD_COMING,
  MOOD_DARK,
  MOOD_MAN_DOWN,
  STEP_LENGTH,
  stepsOf,
} from '../../firmware/lights.ts'

/** The steps of a mood, or null where it has none. */
const patternOf = (mood: number) => {
  const text = stepsOf(mood)
  expect(text.length % STEP_LENGTH).toBe(0)
  const steps = Array.from({ length: text.length / STEP_LENGTH }, (_, i) => ({
    colours: Number(text[i * STEP_LENGTH]),
    forMs: Number(text.slice(i * STEP_LENGTH + 1, (i + 1) * STEP_LENGTH)),
  }))
  return text === '' ? null : { steps }
}
/** All that lights have; the long rest of 'nobody is listening' is dark on purpose, and has words on a screen. */
const moods = Array.from({ length: MOOD_MAN_DOWN + 1 }, (_, mood) => mood).filter(mood => mood !== MOOD_ALONE)

test('green alone stays on for two seconds or more in coming and in nothing else', () => {
  for (const mood of moods) {
    const longest = Math.max(
      0,
      ...(patternOf(mood)?.steps ?? []).filter(({ colours }) => (colours & GREEN) !== 0).map(s => s.forMs),
    )
    expect(longest >= 2000, `mood ${mood}`).toBe(mood === MOOD_COMING)
  }
})

test('no two moods look alike, each ends dark, and only the dark has no pattern', () => {
  const shown = moods.map(mood => JSON.stringify(patternOf(mood)))
  expect(new Set(shown).size).toBe(moods.length)
  for (const mood of moods) expect(patternOf(mood) === null).toBe(mood === MOOD_DARK)
  for (const mood of moods.slice(1)) expect(patternOf(mood)?.steps.at(-1)?.colours).toBe(0)
})
