// A fault in locating, through the engine: the alarm is called without a room, a technical alarm says so, the engine lives
// on, and rooms are named again as soon as they can be worked out.
import { afterEach, describe, expect, it } from 'vitest'
import type { Model } from '../../../gateway/core/locating/building/model.ts'
import { modelFor } from '../../../gateway/core/locating/learning/calibrate.ts'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { type Engine, startEngine } from '../../../gateway/engine/engine.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { EngineEvent, PageOrder, ReportsEvent } from '../../../gateway/ports.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { ADDRESS, sealedFrame, site } from '../core/building.ts'
import { spoken } from '../core/spoken.ts'

const plan = planOf(site())
const sound = modelFor(plan)

const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

async function start(model: Model) {
  const placed: PageOrder[] = []
  const clock = steppedClock(1_790_000_000_000)
  const engine = await startEngine({
    plan,
    journal: memoryJournal(),
    clock,
    model,
    effects: { place: order => placed.push(order), withdraw: () => {}, reply: () => {}, tell: () => {} },
    metrics: createMetrics(),
    log: createLog({ level: 'silent', pretty: false }),
  })
  engines.push(engine)
  const tick = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await engine.submit({ kind: 'tick' })
  }
  const technical = () => engine.desk.snapshot().technical.filter(({ key }) => key === 'locating')
  return { engine, placed, tick, technical }
}

const heard = (counter: number, alarmNumber = 0): ReportsEvent => ({
  kind: 'reports',
  receiver: 'r-interview',
  wasRedelivered: false,
  reports: [
    {
      address: ADDRESS,
      rssiDbm: -60,
      data: sealedFrame(alarmNumber === 0 ? { counter } : { counter, kind: KIND_CORD, alarmNumber }),
      ageMs: 0,
    },
  ],
})

const nowhere = (): never => {
  throw new TypeError('nothing is here')
}
const broken: [string, () => Model][] = [
  [
    'that throws wherever it is asked',
    () =>
      new Proxy(sound, {
        get: (of, key) => (key === 'receiverIndex' || key === 'isCalibrated' ? of[key] : nowhere()),
      }),
  ],
  ['that throws in the middle of a look', () => ({ ...sound, rowSilence: [] })],
  ['that makes no numbers', () => ({ ...sound, rowLevel: sound.rowLevel.map(() => Number.NaN) })],
  ['whose rooms are no numbers', () => ({ ...sound, cellPrior: sound.cellPrior.map(() => Number.NaN) })],
  ['whose confidence is no number', () => ({ ...sound, tempo: { ...sound.tempo, candour: Number.NaN } })],
]

describe('with a model', () => {
  it.each(broken)(
    '%s an alarm is called without a room, and the next with one as soon as it can be',
    async (_, model) => {
      const { engine, placed, tick, technical } = await start(model())
      for (let counter = 1; counter <= 8; counter++) {
        await engine.submit(heard(counter))
        await tick(500)
      }
      await engine.submit(heard(10, 1))
      expect(spoken(placed[0])).toContain('Room not known.')
      expect(engine.desk.snapshot().incidents).toMatchObject([
        { state: 'raised', whereabouts: { room: null } },
      ])
      for (let counter = 11; counter < 20; counter++) {
        await engine.submit(heard(counter, 1))
        await tick(500)
      }
      expect(technical(), 'one, however often').toHaveLength(1)
      expect(technical()[0]?.text).toContain('alarms are called without a room')

      await engine.submit({ kind: 'model', model: sound } as EngineEvent)
      for (let counter = 20; counter < 24; counter++) {
        await engine.submit(heard(counter, 1))
        await tick(1_000)
      }
      expect(engine.desk.snapshot().incidents).toMatchObject([{ whereabouts: { room: 'interview' } }])
      expect(technical(), 'not before it has worked for a minute').toHaveLength(1)
      await tick(60_000)
      expect(technical()).toEqual([])
    },
  )

  it.each(broken)('%s that was learnt, rooms are named as before, and it is said', async (_, model) => {
    const { engine, placed, tick, technical } = await start(sound)
    await engine.submit({ kind: 'model', model: model() })
    await engine.submit(heard(10, 1))
    await tick(500)
    expect(spoken(placed[0])).toContain('Northgate House, room 2 1 4,')
    expect(technical()).toHaveLength(1)
  })

  it('that is sound nothing of the kind is said', async () => {
    const { engine, tick, technical } = await start(sound)
    await engine.submit(heard(1, 1))
    await tick(1_000)
    expect(technical()).toEqual([])
  })
})

it('a plan that physics fails at costs the rooms and not the gateway', async () => {
  const flat = { ...plan, places: new Map(plan.places) }
  // Positions of receivers that are no numbers: nothing checks what another loader may hand in.
  flat.site = { ...plan.site, receivers: nowhereAt() } as typeof plan.site
  const engine = await startEngine({
    plan: flat,
    journal: memoryJournal(),
    clock: steppedClock(1_790_000_000_000),
    effects: { place: () => {}, withdraw: () => {}, reply: () => {}, tell: () => {} },
    metrics: createMetrics(),
    log: createLog({ level: 'silent', pretty: false }),
  })
  engines.push(engine)
  await engine.submit(heard(10, 1))
  await engine.submit({ kind: 'tick' })
  const { incidents, technical } = engine.desk.snapshot()
  expect(incidents).toMatchObject([{ state: 'raised', whereabouts: { room: null } }])
  expect(technical.map(({ key }) => key)).toContain('locating')
})

const nowhereAt = (): unknown[] =>
  plan.site.receivers.map(each => ({
    ...each,
    get at() {
      return nowhere()
    },
  }))
