// Rooms are learnt apart, one at a time, and only what stands now is handed on; the engine names rooms by it.
import { expect, test } from 'vitest'
import { layoutOf } from '../../gateway/core/locating/layout.ts'
import type { Model } from '../../gateway/core/locating/model.ts'
import { modelOf } from '../../gateway/core/locating/uncalibrated.ts'
import type { StoredWalk } from '../../gateway/core/stored-walk.ts'
import { packReadings } from '../../gateway/core/walk-pack.ts'
import { createLearner, learnApart, learnHere } from '../../gateway/learn.ts'
import type { WalkReading } from '../../schemas/walk.ts'
import { plan } from './core/building.ts'

const building = plan()
const receivers = ['r-hall', 'r-interview']
const readings = Array.from({ length: 120 }, (_, second): WalkReading[] => [
  [1_000 * second, 'r-hall', second < 60 ? -50 : -78],
  [1_000 * second, 'r-interview', second < 60 ? -77 : -51],
]).flat()
const walk: StoredWalk = {
  walk: 1,
  atMs: 0,
  by: 'Ada',
  pendant: 'p-07',
  receivers,
  stays: [
    { room: 'hall', fromMs: 0, toMs: 60_000 },
    { room: 'interview', fromMs: 60_000, toMs: 120_000 },
  ],
  lengthMs: 120_000,
  count: readings.length,
  readings: packReadings(readings, receivers),
  withdrawn: null,
}

test('what a thread of its own learns is what this one would', async () => {
  const apart = await learnApart(building, [walk])
  expect(apart.isCalibrated).toBe(true)
  expect(apart).toEqual(await learnHere(building, [walk]))
})

test('a walk that was withdrawn teaches nothing', async () => {
  const withdrawn = { ...walk, readings: null, withdrawn: { atMs: 1, by: 'Ben' } }
  expect((await learnHere(building, [withdrawn])).isCalibrated).toBe(false)
})

/** Learning that a test ends by hand. */
function byHand() {
  const begun: { walks: readonly StoredWalk[]; end(model: Model): void; fail(error: Error): void }[] = []
  return {
    begun,
    learn: (_plan: unknown, walks: readonly StoredWalk[]) =>
      new Promise<Model>((end, fail) => begun.push({ walks, end, fail })),
  }
}
const settled = () => new Promise(resolve => setImmediate(resolve))

test('walks that change while they are learnt from are learnt from again, and the stale model is dropped', async () => {
  const hand = byHand()
  const models: Model[] = []
  let walks: StoredWalk[] = []
  const learner = createLearner({
    learn: hand.learn,
    plan: () => building,
    walks: () => walks,
    onModel: model => models.push(model),
    onFailure: error => expect(error).toBeUndefined(),
  })
  const [stale, fresh] = [modelOf(layoutOf(building)), modelOf(layoutOf(building))]
  learner.relearn()
  walks = [walk]
  learner.relearn()
  learner.relearn()
  expect(hand.begun).toHaveLength(1)
  hand.begun[0]?.end(stale)
  await settled()
  expect(hand.begun).toHaveLength(2)
  expect(hand.begun[1]?.walks).toEqual([walk])
  hand.begun[1]?.end(fresh)
  await settled()
  expect(models).toHaveLength(1)
  expect(models[0]).toBe(fresh)
})

test('a failure is told, and the next walk is learnt from all the same', async () => {
  const hand = byHand()
  const failures: unknown[] = []
  const learner = createLearner({
    learn: hand.learn,
    plan: () => building,
    walks: () => [],
    onModel: () => undefined,
    onFailure: error => failures.push(error),
  })
  learner.relearn()
  hand.begun[0]?.fail(new Error('no memory'))
  await settled()
  expect(failures).toEqual([new Error('no memory')])
  learner.relearn()
  expect(hand.begun).toHaveLength(2)
})
