// A walk test of forty rooms through the real engine, and what it is worth: rooms are found by it that physics alone does
// not find, with a receiver down, from storey to storey, and by a pendant that is weaker than the one walked with.
import { beforeAll, describe, expect, test } from 'vitest'
import { calibrate } from '../../gateway/core/locating/calibrate.ts'
import { layoutOf } from '../../gateway/core/locating/layout.ts'
import type { Model } from '../../gateway/core/locating/model.ts'
import { replay } from '../../gateway/core/locating/replay.ts'
import { NO_ROOM, type Score, score } from '../../gateway/core/locating/score.ts'
import { modelOf } from '../../gateway/core/locating/uncalibrated.ts'
import { planOf } from '../../gateway/core/plan.ts'
import { startEngine } from '../../gateway/engine.ts'
import { createLog } from '../../gateway/log.ts'
import { createMetrics } from '../../gateway/metrics.ts'
import type { Clock, EngineEvent } from '../../gateway/ports.ts'
import { memoryJournal } from '../../gateway/store/memory.ts'
import type { Walk } from '../../schemas/walk.ts'
import type { WalkReport } from '../../schemas/walk-api.ts'
import { createBuilding40 } from '../../simulator/building40.ts'
import { createRandom } from '../../simulator/random.ts'
import { createRounds } from '../../simulator/rounds.ts'
import { hearRounds } from '../simulator/building40.ts'
import { sealedFrame } from './core/building.ts'

const house = createBuilding40(4)
const rooms = [...house.plan.keys()]
const plan = planOf(house.site)
const T0 = 1_790_000_000_000
/** A stay that was tapped: what is shorter was walked through. */
const TAPPED_MS = 15_000

const engineOf = async (clock: Clock, journal = memoryJournal()) =>
  startEngine({
    plan,
    journal,
    clock,
    effects: { place() {}, withdraw() {}, tell() {} },
    metrics: createMetrics(),
    log: createLog({ level: 'silent', pretty: false }),
  })

/** Walks every room for so long with p-01, through the engine: taps and beacons as they come. */
async function walkThrough(
  secondsARoom: number,
): Promise<{ walk: Walk; report: WalkReport; rowBytes: number }> {
  const rounds = createRounds({ ...house, rooms, secondsARoom, seed: 11 })
  const heard = hearRounds(house, rounds, { seed: 12 })
  let nowMs = T0
  const journal = memoryJournal()
  const engine = await engineOf({ nowMs: () => nowMs, after: () => () => undefined }, journal)
  const online = async (): Promise<void> => {
    const status = { v: 1, status: 'online', uptimeMs: 0, heard: 0, published: 0, dropped: 0 } as const
    for (const receiver of house.receivers.keys())
      await engine.submit({ kind: 'receiver-status', receiver, status })
  }
  const taps = heard.stays.filter(({ fromMs, toMs }) => toMs - fromMs >= TAPPED_MS)
  const by = { pendant: 'p-01', by: 'Ada' }
  const events: { atMs: number; event: EngineEvent }[] = [
    ...taps.flatMap(({ room, fromMs, toMs }) => [
      { atMs: fromMs, event: { kind: 'walk-enter', room, ...by } as const },
      { atMs: toMs, event: { kind: 'walk-between', ...by } as const },
    ]),
    ...heard.readings.map(([atMs, receiver, rssiDbm]) => {
      const data = sealedFrame({ counter: 1 + Math.floor(atMs / 2_000) })
      const report = { address: 'c7:f9:36:dd:b0:ca', rssiDbm, data, ageMs: 0 }
      return { atMs, event: { kind: 'reports', receiver, wasRedelivered: false, reports: [report] } as const }
    }),
  ]
  await online()
  await engine.submit({ kind: 'walk-start', ...by })
  let onlineAtMs = 0
  for (const { atMs, event } of events.sort((a, b) => a.atMs - b.atMs)) {
    nowMs = T0 + atMs
    if (atMs - onlineAtMs >= 10_000) {
      onlineAtMs = atMs
      await online()
      await engine.submit({ kind: 'tick' })
    }
    expect((await engine.submit(event)).refused).toBeNull()
  }
  expect((await engine.submit({ kind: 'walk-finish', ...by })).refused).toBeNull()
  const walk = engine.desk.walks.walk(1)
  const report = engine.desk.walks.report('standing')
  await engine.close()
  if (walk === null || report === null) throw new Error('expected a stored walk and its report')
  const row = journal.entries.find(({ change }) => change.is === 'walk-stored')
  return { walk, report, rowBytes: JSON.stringify(row?.change).length }
}

/** Somebody else, another day: rooms in another order. Readings of a down receiver are not there. */
function someday(seed: number, options: { txPowerDbm?: number; without?: string } = {}): Walk {
  const random = createRandom(seed)
  const order = rooms
    .map(room => ({ room, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ room }) => room)
    .slice(0, 20)
  const rounds = createRounds({ ...house, rooms: order, secondsARoom: 45, seed })
  return hearRounds(house, rounds, { seed: seed + 1, ...options })
}

const evaluate = (model: Model, walks: readonly Walk[]): Score =>
  score(walks.map((walk, i) => ({ name: String(i), decided: replay(model, walk), stays: walk.stays })))
/** The share of scored seconds on the right storey, whatever the room. */
const storeyRight = ({ confusion }: Score): number => {
  const storey = (room: string): string => room.slice(-1)
  let [right, all] = [0, 0]
  for (const [i, truth] of confusion.rooms.entries()) {
    for (const [j, decided] of confusion.decided.entries()) {
      const seconds = confusion.seconds[i]?.[j] ?? 0
      if (decided === NO_ROOM) continue
      all += seconds
      if (storey(truth) === storey(decided)) right += seconds
    }
  }
  return right / all
}

/** The share of scored seconds in which no room was named. */
const unnamed = ({ confusion, seconds }: Score): number => {
  const none = confusion.decided.indexOf(NO_ROOM)
  return confusion.seconds.reduce((sum, row) => sum + (row[none] ?? 0), 0) / seconds
}

describe('forty rooms walked through the engine', () => {
  let walked: Awaited<ReturnType<typeof walkThrough>>
  let calibrated: Model
  const physics = modelOf(layoutOf(plan))
  const days = [21, 31].map(seed => someday(seed))
  beforeAll(async () => {
    walked = await walkThrough(45)
    calibrated = calibrate(layoutOf(plan), [walked.walk])
  }, 60_000)

  test('are kept in one row of tens of kilobytes, every room with its stay', () => {
    expect(new Set(walked.walk.stays.map(({ room }) => room)).size).toBe(40)
    expect(walked.walk.readings.length).toBeGreaterThan(5_000)
    expect(walked.rowBytes).toBeLessThan(100_000)
  })

  test('are reported on: 780 pairs, every room walked, and receivers missing where they were left out', () => {
    const { report } = walked
    expect(report.compared).toBe(780)
    expect(report.apart / report.compared).toBeGreaterThan(0.9)
    expect(report.unwalked).toEqual([])
    expect(report.pairs.length).toBeGreaterThan(0)
    const hasReceiver = new Set(house.site.receivers.map(({ room }) => room))
    expect(report.advice === null || !hasReceiver.has(report.advice.room)).toBe(true)
  })

  test('are found better than by physics alone', () => {
    const [with40, without] = [evaluate(calibrated, days), evaluate(physics, days)]
    console.log('calibrated', with40.accuracy, with40.macroF1, with40.withinTwo, 'physics', without.accuracy)
    expect(with40.accuracy).toBeGreaterThan(without.accuracy + 0.05)
    expect(with40.accuracy).toBeGreaterThan(0.7)
    expect(with40.withinTwo).toBeGreaterThan(0.85)
  })

  test('are found with any one receiver down, a few points worse', () => {
    const whole = evaluate(calibrated, days).accuracy
    for (const without of ['r-02', 'r-09']) {
      const down = [21, 31].map(seed => someday(seed, { without }))
      const acc = evaluate(calibrated, down).accuracy
      console.log('without', without, acc, whole)
      expect(acc).toBeGreaterThan(whole - 0.08)
    }
  })

  test('are found on the right storey, also after the stairs', () => {
    console.log('storey', storeyRight(evaluate(calibrated, days)))
    expect(storeyRight(evaluate(calibrated, days))).toBeGreaterThan(0.97)
  })

  test('are found by a pendant 8 dB weaker than the one that was walked with', () => {
    const weak = evaluate(calibrated, [someday(21, { txPowerDbm: -4 })])
    console.log(
      'unnamed',
      unnamed(weak),
      unnamed(evaluate(calibrated, days)),
      unnamed(evaluate(physics, days)),
      'weak',
      weak.accuracy,
      evaluate(calibrated, [someday(21)]).accuracy,
    )
    expect(weak.accuracy).toBeGreaterThan(evaluate(calibrated, [someday(21)]).accuracy - 0.1)
  })
})
