// Whoever sits is looked at again through the same errors; whoever walks is seen from somewhere else each time.
import { expect, it } from 'vitest'
import { followed, independentS, unheard } from '../../../../../gateway/core/locating/belief/independence.ts'

const SLOTS = 4
const levels = (
  now: readonly number[],
  before: readonly number[],
  at: readonly number[] = now.map(() => 0),
) => ({
  level: Float32Array.from({ length: SLOTS }, (_, i) => now[i] ?? 0),
  before: Float32Array.from({ length: SLOTS }, (_, i) => before[i] ?? 0),
  at: Float64Array.from({ length: SLOTS }, (_, i) => at[i] ?? 0),
  heardAtMs: 0,
})

it('levels that stay say nothing new for seconds, levels that go say it at once', () => {
  const still = independentS(levels([-60, -70], [-60, -70]), 2)
  const strolling = independentS(levels([-60, -70], [-63, -67]), 2)
  const hurrying = independentS(levels([-60, -70], [-72, -58]), 2)
  expect(still).toBe(3)
  expect(strolling).toBeLessThan(1)
  expect(strolling).toBeGreaterThan(hurrying)
  expect(hurrying).toBe(0.25)
})

it('a receiver that was not heard a moment ago is news', () => {
  expect(independentS(levels([-60], [unheard(-60)]), 1)).toBeLessThan(0.5)
})

it('a receiver that fell silent is not: its level stands still because nobody hears it', () => {
  const both = levels([-60, -70], [-60, -60], [0, -4_000])
  expect(independentS(both, 2)).toBe(3)
})

it('a level is left behind within a moment', () => {
  expect(followed(-70, -60, 0)).toBe(-70)
  expect(followed(-70, -60, 20)).toBeCloseTo(-60, 3)
})
