import { expect, test } from 'vitest'
import { GREEN, MOOD_COMING, MOOD_DARK, MOOD_TEST_FAILED, patternOf } from '../../firmware/lights.ts'

const moods = Array.from({ length: MOOD_TEST_FAILED + 1 }, (_, mood) => mood)

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
