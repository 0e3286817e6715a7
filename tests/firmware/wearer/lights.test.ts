import { expect, test } from 'vitest'
import {
  GREEN,
  MOOD_ACKNOWLEDGED,
  MOOD_AGAIN,
  MOOD_ALONE,
  MOOD_BEGUN,
  MOOD_COMING,
  MOOD_DARK,
  MOOD_MAN_DOWN,
  MOOD_TAKEN,
  MOOD_TEST_PASSED,
  RED,
  STEP_LENGTH,
  stepsOf,
} from '../../../firmware/wearer/lights.ts'

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

/** For how long light stays on without a break, and what is on then. */
const lit = (mood: number, colour: number): { forMs: number; also: Set<number> }[] => {
  const spells: { forMs: number; also: Set<number> }[] = []
  let isOn = false
  for (const { colours, forMs } of patternOf(mood)?.steps ?? []) {
    if ((colours & colour) === 0) {
      isOn = false
      continue
    }
    if (!isOn) spells.push({ forMs: 0, also: new Set() })
    isOn = true
    const spell = spells.at(-1)
    if (spell === undefined) continue
    spell.forMs += forMs
    spell.also.add(colours)
  }
  return spells
}

test('green stays on for two seconds in coming and in nothing else, and red joins it: no bootloader looks so', () => {
  for (const mood of moods) {
    const longest = Math.max(0, ...lit(mood, GREEN).map(({ forMs }) => forMs))
    expect(longest >= 2000, `mood ${mood}`).toBe(mood === MOOD_COMING)
  }
  expect(lit(MOOD_COMING, GREEN).map(({ also }) => [...also])).toEqual([[GREEN, RED | GREEN]])
})

test('what a person said, and what was passed or taken, is told by red too: a dying cell lights no green', () => {
  const onRed = [MOOD_ACKNOWLEDGED, MOOD_COMING, MOOD_TAKEN, MOOD_TEST_PASSED, MOOD_AGAIN].map(mood =>
    JSON.stringify(lit(mood, RED).map(({ forMs }) => forMs)),
  )
  expect(onRed).not.toContain('[]')
  expect(new Set(onRed).size).toBe(onRed.length)
  expect(onRed.slice(0, 2)).not.toContain(JSON.stringify(lit(MOOD_BEGUN, RED).map(({ forMs }) => forMs)))
})

test('no two moods look alike, each ends dark, and only the dark has no pattern', () => {
  const shown = moods.map(mood => JSON.stringify(patternOf(mood)))
  expect(new Set(shown).size).toBe(moods.length)
  for (const mood of moods) expect(patternOf(mood) === null).toBe(mood === MOOD_DARK)
  for (const mood of moods.slice(1)) expect(patternOf(mood)?.steps.at(-1)?.colours).toBe(0)
})
