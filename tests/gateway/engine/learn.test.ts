// Rooms are learnt apart, one at a time, and only what stands now is handed on; the engine names rooms by it.
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { layoutOf } from '../../../gateway/core/locating/building/layout.ts'
import type { Model } from '../../../gateway/core/locating/building/model.ts'
import { modelOf } from '../../../gateway/core/locating/building/uncalibrated.ts'
import type { Change } from '../../../gateway/core/plan/change.ts'
import { packReadings } from '../../../gateway/core/walk/pack.ts'
import type { StoredWalk } from '../../../gateway/core/walk/stored-walk.ts'
import { startEngine } from '../../../gateway/engine/engine.ts'
import {
  createLearner,
  LearningStopped,
  learnHere,
  learnIn,
  learnInThread,
} from '../../../gateway/engine/learn.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import type { WalkReading } from '../../../schemas/walk.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { plan } from '../core/building.ts'

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
  const apart = await learnInThread(building, [walk])
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
    after: () => () => {},
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
    after: () => () => {},
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

/** A thread that says that it has begun and then never comes back. */
const hanging = () =>
  new Worker("require('node:worker_threads').parentPort.postMessage({ is: 'step' }); for (;;);", {
    eval: true,
  })
const deaf = () => new Worker('setInterval(() => {}, 1_000_000)', { eval: true })

test('a thread that hangs is noticed within seconds and ended, and rooms are learnt by the next one', async () => {
  const begun: Worker[] = []
  const failures: string[] = []
  const waits: number[] = []
  const startedAtMs = Date.now()
  let failedAfterMs = 0
  const model = await new Promise<Model>(onModel => {
    const learner = createLearner({
      learn: (of, walks) => {
        if (begun.length > 0) return learnInThread(of, walks)
        return learnIn(() => begun[begun.push(hanging()) - 1] as Worker, of, walks)
      },
      after: (ms, run) => {
        waits.push(ms)
        setImmediate(run)
        return () => {}
      },
      plan: () => building,
      walks: () => [walk],
      onModel,
      onFailure: error => {
        failedAfterMs = Date.now() - startedAtMs
        failures.push((error as Error).message)
      },
    })
    learner.relearn()
  })
  expect(model.isCalibrated).toBe(true)
  expect(failures).toEqual(['the thread that learns rooms hung: it said nothing for 3 s'])
  expect(failedAfterMs).toBeGreaterThanOrEqual(3_000)
  expect(waits, 'tried again soon').toEqual([1_000])
  expect(begun[0]?.threadId, 'the one that hung is gone').toBe(-1)
})

test('a thread that goes on is not taken for one that hangs where it is the gateway that stands still', async () => {
  const goesOn = `const { parentPort } = require('node:worker_threads')
    let steps = 0
    setInterval(() => {
      parentPort.postMessage(++steps < 80 ? { is: 'step' } : { is: 'learnt', model: 'learnt' })
    }, 100)`
  const learning = learnIn(
    () => {
      const thread = new Worker(goesOn, { eval: true })
      // As I/O would: what was said meanwhile is read only after the timers that have come due.
      const standStill = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6_000)
      thread.once('message', () => setTimeout(() => setImmediate(standStill), 300))
      return thread
    },
    building,
    [walk],
  )
  expect(await learning).toBe('learnt')
})

test('a thread that is ended is told, and tried again a few times and no oftener', async () => {
  const failures: unknown[] = []
  const waits: number[] = []
  await new Promise<void>(settledAtLast => {
    const learner = createLearner({
      learn: (of, walks) =>
        learnIn(
          () => {
            const thread = deaf()
            thread.once('online', () => void thread.terminate())
            return thread
          },
          of,
          walks,
        ),
      after: (ms, run) => {
        waits.push(ms)
        setImmediate(run)
        return () => {}
      },
      plan: () => building,
      walks: () => [walk],
      onModel: () => undefined,
      onFailure: error => {
        failures.push(error)
        if (failures.length === 4) setImmediate(settledAtLast)
      },
    })
    learner.relearn()
  })
  expect(failures.every(error => error instanceof LearningStopped)).toBe(true)
  expect(waits).toEqual([1_000, 10_000, 60_000])
})

test('the desk says that learning stopped, rooms are named as before, and it is mended when it is done', async () => {
  const hand = byHand()
  const journal = memoryJournal()
  const { atMs: _, by, withdrawn: __, ...stored } = walk
  const change: Change = {
    is: 'walk-stored',
    ...stored,
    receivers,
    stays: [...walk.stays],
    readings: walk.readings ?? '',
    form: 'w1',
  }
  await journal.commit({ entries: [{ atMs: 1, actor: by, change }], counters: new Map() })
  const clock = steppedClock(1_790_000_000_000)
  const engine = await startEngine({
    plan: building,
    journal,
    clock,
    learn: hand.learn,
    effects: { place: () => {}, withdraw: () => {}, reply: () => {}, tell: () => {} },
    metrics: createMetrics(),
    log: createLog({ level: 'silent', pretty: false }),
  })
  const keys = () => engine.desk.health().technical.map(({ key }) => key)
  hand.begun[0]?.fail(new LearningStopped('the thread that learns rooms hung: it said nothing for 5 s'))
  await settled()
  await engine.submit({ kind: 'tick' })
  expect(keys()).toContain('model')
  clock.advance(1_000)
  expect(hand.begun, 'tried again').toHaveLength(2)
  hand.begun[1]?.end(await learnHere(building, [walk]))
  await settled()
  await engine.submit({ kind: 'tick' })
  expect(keys()).not.toContain('model')
  await engine.close()
})
