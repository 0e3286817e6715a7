// Thin walks: few packets, receivers in no room, rooms hardly entered. Whatever was recorded, what is learnt from it is a
// number, what is decided by it is a room with a confidence, and nothing throws.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLayout, readWalk } from '../../../../../gateway/commands/walk/files.ts'
import { hear, newBelief } from '../../../../../gateway/core/locating/belief/belief.ts'
import { chancesAt, whereabouts } from '../../../../../gateway/core/locating/belief/whereabouts.ts'
import type { Layout } from '../../../../../gateway/core/locating/building/layout.ts'
import type { Model } from '../../../../../gateway/core/locating/building/model.ts'
import { evaluate, evaluateLeavingOneOut } from '../../../../../gateway/core/locating/evaluating/evaluate.ts'
import { score } from '../../../../../gateway/core/locating/evaluating/score.ts'
import { calibrate } from '../../../../../gateway/core/locating/learning/calibrate.ts'
import type { Walk, WalkReading, WalkStay } from '../../../../../schemas/walk.ts'

const THIN = fileURLToPath(new URL('../../../../data/walk-thin/', import.meta.url))

const numbersOf = (model: Model): number[] => [
  ...model.rowLevel,
  ...model.rowVariance,
  ...model.rowHeard.flatMap(each => [...each]),
  ...model.rowSilence.flatMap(each => [...each]),
  ...model.cellPrior,
  ...model.cellSilence.flatMap(each => [...each]),
  ...model.moveShare,
  ...model.cellLeaving,
  model.fadingSdDb,
  model.tempo.candour,
]

/** Replays the readings and looks at each answer on the way. */
function expectSound(model: Model, readings: readonly WalkReading[]): void {
  expect(numbersOf(model).filter(each => !Number.isFinite(each))).toEqual([])
  const belief = newBelief(model)
  for (const [tMs, receiver, rssiDbm] of readings) {
    hear(belief, receiver, rssiDbm, tMs)
    const sum = [...chancesAt(belief, tMs + 100)].reduce((all, chance) => all + chance, 0)
    if (!(Math.abs(sum - 1) < 1e-6)) throw new Error(`chances sum to ${sum}`)
    const { confidence, room, isOutside } = whereabouts(belief, tMs + 100)
    const isAnswer = Number.isNaN(belief.heardAtMs) || room !== null || isOutside === true
    if (!(confidence >= 0 && confidence <= 1 && isAnswer)) throw new Error(`${room} at ${confidence}`)
  }
}

describe('a walk in which a receiver was heard in a room too rarely to have a level there', () => {
  const layout = readLayout(`${THIN}layout.json`)
  const walk = readWalk(`${THIN}walk`, layout)
  it('is learnt from, evaluated and heard', () => {
    expect(walk.readings.length).toBeLessThan(100)
    expectSound(calibrate(layout, [walk]), walk.readings)
    expect(score(evaluate(layout, [walk], [walk])).accuracy).toBeGreaterThan(0.5)
  })

  it('is what was recorded', () => {
    expect(readFileSync(`${THIN}walk/truth.csv`, 'utf8')).toContain('81,102,c')
  })
})

const ROOMS = ['a', 'b', 'c', 'd', 'e']
const RECEIVERS = ['r1', 'r2', 'r3', 'r4', 'r5']

const layouts: fc.Arbitrary<Layout> = fc
  .record({
    rooms: fc.integer({ min: 1, max: 5 }),
    receivers: fc.array(fc.option(fc.nat({ max: 4 })), { maxLength: 5 }),
    doors: fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })), { maxLength: 6 }),
    at: fc.array(fc.option(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 3 }))), {
      minLength: 5,
      maxLength: 5,
    }),
  })
  .map(({ rooms, receivers, doors, at }) => ({
    rooms: ROOMS.slice(0, rooms),
    doors: doors.map(([a, b]): [string, string] => [ROOMS[a % rooms] as string, ROOMS[b % rooms] as string]),
    receivers: receivers.map((room, i) => ({
      id: RECEIVERS[i] as string,
      // In no room of the layout: levels of physics are not known of it.
      room: room === null ? '' : (ROOMS[room % rooms] as string),
      at: at[i] ?? null,
    })),
    storeys: new Map(),
    buildings: new Map(),
    boxes: new Map(),
  }))

const walkIn = ({ rooms, receivers }: Layout): fc.Arbitrary<Walk> =>
  fc
    .record({
      stays: fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 40_000 })), {
        minLength: 1,
        maxLength: 5,
      }),
      readings: fc.array(
        fc.tuple(fc.nat({ max: 3_000 }), fc.nat({ max: 4 }), fc.integer({ min: -127, max: 20 })),
        { maxLength: 80 },
      ),
      dead: fc.nat({ max: 12 }),
    })
    .map(({ stays, readings, dead }) => {
      let [fromMs, tMs] = [0, 0]
      const ids = receivers.map(({ id }) => id)
      return {
        pendant: 'tag',
        receivers: ids.filter((_, i) => i !== dead),
        stays: stays.map(([room, ms]): WalkStay => {
          const stay = { room: rooms[room] ?? null, fromMs, toMs: fromMs + ms }
          fromMs += ms
          return stay
        }),
        readings: readings.map(([ms, r, rssiDbm]): WalkReading => {
          tMs += ms
          return [tMs, RECEIVERS[r] as string, rssiDbm]
        }),
      }
    })

it('no small walk makes anything but numbers: neither learning, nor evaluating, nor hearing throws', () => {
  const cases = layouts.chain(layout =>
    fc.record({
      layout: fc.constant(layout),
      walks: fc.array(walkIn(layout), { minLength: 1, maxLength: 3 }),
      other: walkIn(layout),
    }),
  )
  fc.assert(
    fc.property(cases, ({ layout, walks, other }) => {
      expectSound(calibrate(layout, walks), other.readings)
      const runs = [...evaluate(layout, walks, [other]), ...evaluate(layout, [], [other])]
      if (walks.length > 1) runs.push(...evaluateLeavingOneOut(layout, walks).flat())
      const { accuracy, calibration } = score(runs)
      expect([accuracy, calibration.error].every(Number.isFinite)).toBe(true)
    }),
    { numRuns: 120 },
  )
})

it('a level or an instant that is no number is passed over', () => {
  const layout = readLayout(`${THIN}layout.json`)
  const model = calibrate(layout, [readWalk(`${THIN}walk`, layout)])
  const belief = newBelief(model)
  hear(belief, 'r1', -60, 1_000)
  hear(belief, 'r2', Number.NaN, 2_000)
  hear(belief, 'r2', -60, Number.POSITIVE_INFINITY)
  hear(belief, 'r1', -61, 3_000)
  expect(whereabouts(belief, 3_000).heardAtMs).toBe(3_000)
})
