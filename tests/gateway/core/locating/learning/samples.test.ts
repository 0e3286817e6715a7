// What a walk teaches of the radio itself, and how often it is looked at.
import { describe, expect, it } from 'vitest'
import { fadingOf, samplesOf } from '../../../../../gateway/core/locating/learning/samples.ts'
import type { Walk } from '../../../../../schemas/walk.ts'
import { building, random } from '../synthetic.ts'

const DRIFT_PER_S = 40
const USUAL_DB = 4

/** One receiver, ten minutes: a mean that goes by so many dB a second there and back, and fading about it. */
function walkOf({ everyMs, fadingDb, goes = 0 }: { everyMs: number; fadingDb: number; goes?: number }): Walk {
  const next = random(7)
  // The sum of twelve even numbers is nearly normal, with a variance of one.
  const normal = (): number => Array.from({ length: 12 }, next).reduce((a, b) => a + b, -6)
  const readings = Array.from({ length: 600_000 / everyMs }, (_, i): Walk['readings'][number] => {
    const phaseS = ((i * everyMs) / 1000) % 20
    const mean = goes * (phaseS < 10 ? phaseS : 20 - phaseS)
    return [i * everyMs, 'r-1', -60 + mean + fadingDb * normal()]
  })
  return { pendant: 'p', receivers: ['r-1'], readings, stays: [{ room: 'room-1', fromMs: 0, toMs: 600_000 }] }
}

describe('the fading of single packets', () => {
  it('is found to a tenth, be the pendant carried about or not', () => {
    for (const fadingDb of [3, 5, 8]) {
      for (const goes of [0, 1]) {
        const found = fadingOf([walkOf({ everyMs: 100, fadingDb, goes })], DRIFT_PER_S, USUAL_DB)
        expect(found).toBeGreaterThan(0.9 * fadingDb)
        expect(found).toBeLessThan(1.1 * fadingDb)
      }
    }
  })

  it('is not explained away by what the mean may have moved between beacons two seconds apart', () => {
    const found = fadingOf([walkOf({ everyMs: 2_000, fadingDb: 4 })], DRIFT_PER_S, USUAL_DB)
    expect(found).toBeGreaterThan(2.5)
    expect(found).toBeLessThan(4.4)
  })

  it('is the usual one where a walk has too few packets to say', () => {
    expect(fadingOf([], DRIFT_PER_S, USUAL_DB)).toBe(USUAL_DB)
    const walk = walkOf({ everyMs: 20_000, fadingDb: 9 })
    expect(fadingOf([walk], DRIFT_PER_S, USUAL_DB)).toBe(USUAL_DB)
  })
})

it('a walk is looked at as often as a wearer is: four times a second, while packets came', () => {
  const { layout } = building(3, 6, 5)
  const walk = walkOf({ everyMs: 200, fadingDb: 4 })
  const readings = walk.readings.filter(([tMs]) => tMs < 10_000)
  const samples = samplesOf(layout, [{ ...walk, readings }], { fadingSdDb: 4, driftPerS: DRIFT_PER_S })
  expect(samples.slice(0, 3).map(({ atS }) => atS)).toEqual([0, 0.25, 0.5])
  expect(samples).toHaveLength(44)
  expect(samples.at(-1)?.atS).toBe(10.75)
})
