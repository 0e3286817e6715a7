// A walk test of forty rooms through the real engine, and what it is worth: rooms are found by it that physics alone does
// not find, with a receiver down and from storey to storey; and live data are held against it without tracking anybody.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layoutOf } from '../../../../gateway/core/locating/building/layout.ts'
import type { Model } from '../../../../gateway/core/locating/building/model.ts'
import { modelOf } from '../../../../gateway/core/locating/building/uncalibrated.ts'
import { replay } from '../../../../gateway/core/locating/evaluating/replay.ts'
import { NO_ROOM, type Score, score } from '../../../../gateway/core/locating/evaluating/score.ts'
import { calibrate } from '../../../../gateway/core/locating/learning/calibrate.ts'
import { planOf } from '../../../../gateway/core/plan/plan.ts'
import { startEngine } from '../../../../gateway/engine/engine.ts'
import { createLog } from '../../../../gateway/log.ts'
import { createMetrics } from '../../../../gateway/metrics.ts'
import type { EngineEvent } from '../../../../gateway/ports.ts'
import { memoryJournal } from '../../../../gateway/store/memory.ts'
import type { WalkReport } from '../../../../schemas/api/walk.ts'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import type { Walk } from '../../../../schemas/walk.ts'
import { createRandom } from '../../../../simulator/air/random.ts'
import { createBuilding40 } from '../../../../simulator/building/building40.ts'
import { createRounds } from '../../../../simulator/people/rounds.ts'
import { hearRounds } from '../../../simulator/building/building40.ts'
import { ADDRESS, sealedFrame } from '../../core/building.ts'

const house = createBuilding40(4)
const rooms = [...house.plan.keys()]
const plan = planOf(house.site)
const T0 = 1_790_000_000_000
/** A stay that was tapped: what is shorter was walked through. */
const TAPPED_MS = 15_000

type Happening = { atMs: number; event: EngineEvent | (() => void) }
type Session = {
  journal: ReturnType<typeof memoryJournal>
  engine: Awaited<ReturnType<typeof startEngine>>
  /** Lets a walk's beacons come as they came, and `events` between them; the clock goes on from where it was. */
  play(
    walk: Walk,
    events?: readonly Happening[],
    frame?: { kind: number; alarmNumber: number },
  ): Promise<void>
}

/** A gateway of the forty rooms on a clock of its own. */
async function openSession(): Promise<Session> {
  let nowMs = T0
  let counter = 0
  const journal = memoryJournal()
  const engine = await startEngine({
    plan,
    journal,
    clock: { nowMs: () => nowMs, after: () => () => undefined },
    effects: { place() {}, withdraw() {}, reply() {}, tell() {} },
    metrics: createMetrics(),
    log: createLog({ level: 'silent', pretty: false }),
  })
  const beat = async (): Promise<void> => {
    const status = { v: 1, status: 'online', uptimeMs: 0, heard: 0, published: 0, dropped: 0 } as const
    for (const receiver of house.receivers.keys())
      await engine.submit({ kind: 'receiver-status', receiver, status })
    await engine.submit({ kind: 'tick' })
  }
  await beat()
  return {
    journal,
    engine,
    async play(walk, events = [], frame = undefined) {
      const fromMs = nowMs
      let beatAtMs = 0
      let sentAtMs = -1
      let data = ''
      const heard = walk.readings.map(([atMs, receiver, rssiDbm]) => ({ atMs, heard: { receiver, rssiDbm } }))
      const all = [
        ...events.map(each => ({ ...each, heard: null })),
        ...heard.map(each => ({ ...each, event: null })),
      ]
      for (const { atMs, event, heard: reading } of all.sort((a, b) => a.atMs - b.atMs)) {
        nowMs = fromMs + atMs
        if (atMs - beatAtMs >= 10_000) {
          beatAtMs = atMs
          await beat()
        }
        if (typeof event === 'function') event()
        else if (event !== null) expect((await engine.submit(event)).refused).toBeNull()
        if (reading === null) continue
        if (atMs !== sentAtMs) {
          counter += 1
          data = sealedFrame({ counter, ...frame })
          sentAtMs = atMs
        }
        const { receiver, rssiDbm } = reading
        const report = { address: ADDRESS, rssiDbm, data, ageMs: 0 }
        await engine.submit({ kind: 'reports', receiver, wasRedelivered: false, reports: [report] })
      }
    },
  }
}

/** Walks every room for so long with p-01, through the engine: taps and beacons as they come. */
async function walkThrough({ engine, play }: Session, secondsARoom: number): Promise<void> {
  const rounds = createRounds({ ...house, rooms, secondsARoom, seed: 11 })
  const heard = hearRounds(house, rounds, { seed: 12 })
  const by = { pendant: 'p-01', by: 'Ada' }
  const taps = heard.stays.filter(({ fromMs, toMs }) => toMs - fromMs >= TAPPED_MS)
  await engine.submit({ kind: 'walk-start', ...by })
  await play(
    heard,
    taps.flatMap(({ room, fromMs, toMs }) => [
      { atMs: fromMs, event: { kind: 'walk-enter', room, ...by } as const },
      { atMs: toMs, event: { kind: 'walk-between', ...by } as const },
    ]),
  )
  expect((await engine.submit({ kind: 'walk-finish', ...by })).refused).toBeNull()
}

/** Somebody else, another day: rooms in another order. Readings of a down receiver are not there. */
type Someday = {
  txPowerDbm?: number
  without?: string
  /** How many rooms, and how long in each. */
  order?: number
  secondsARoom?: number
  receivers?: typeof house.receivers
}
function someday(
  seed: number,
  { order: visits = 20, secondsARoom = 45, receivers = house.receivers, ...options }: Someday = {},
): Walk {
  const random = createRandom(seed)
  const order = rooms
    .map(room => ({ room, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ room }) => room)
    .slice(0, visits)
  const rounds = createRounds({ ...house, rooms: order, secondsARoom, seed })
  return hearRounds({ ...house, receivers }, rounds, { seed: seed + 1, ...options })
}

const evaluate = (model: Model, walks: readonly Walk[]): Score =>
  score(walks.map((walk, i) => ({ name: String(i), decided: replay(model, walk), stays: walk.stays })))
/** Of the seconds in which a room was named: the share on the right storey, whatever the room. */
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

describe('forty rooms walked through the engine', () => {
  let session: Session
  let walked: { walk: Walk; report: WalkReport; rowBytes: number }
  let calibrated: Model
  const physics = modelOf(layoutOf(plan))
  const days = [someday(21)]
  beforeAll(async () => {
    session = await openSession()
    await walkThrough(session, 45)
    const walk = session.engine.desk.walks.walk(1)
    const report = session.engine.desk.walks.report('standing')
    if (walk === null || report === null) throw new Error('expected a stored walk and its report')
    const row = session.journal.entries.find(({ change }) => change.is === 'walk-stored')
    walked = { walk, report, rowBytes: JSON.stringify(row?.change).length }
    calibrated = calibrate(layoutOf(plan), [walked.walk])
  })

  afterAll(() => session.engine.close())

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

  test('are found better than by physics alone, on the right storey', () => {
    const [found, bare] = [evaluate(calibrated, days), evaluate(physics, days)]
    expect(found.accuracy).toBeGreaterThan(bare.accuracy + 0.2)
    expect(found.accuracy).toBeGreaterThan(0.7)
    expect(found.withinTwo).toBeGreaterThan(0.85)
    expect(storeyRight(found)).toBeGreaterThan(0.97)
  })

  test('are found with a receiver down, hardly worse', () => {
    const [whole, down] = [someday(31), someday(31, { without: 'r-09' })]
    expect(evaluate(calibrated, [down]).accuracy).toBeGreaterThan(
      evaluate(calibrated, [whole]).accuracy - 0.05,
    )
  })

  test('are found by a pendant 8 dB weaker than the one that was walked with, a few points worse', () => {
    const [same, weak] = [someday(21), someday(21, { txPowerDbm: -4 })].map(walk =>
      evaluate(calibrated, [walk]),
    )
    expect(weak?.accuracy).toBeGreaterThan((same?.accuracy ?? 1) - 0.1)
  })

  test('are followed from an alarm on by what was learnt', async () => {
    const walk = someday(31, { order: 6 })
    const visits = walk.stays.filter(({ fromMs, toMs }) => toMs - fromMs >= TAPPED_MS)
    const named: (string | null | undefined)[] = []
    const look = (): void => {
      named.push(session.engine.desk.snapshot().incidents.at(-1)?.whereabouts.room)
    }
    await session.play(
      walk,
      visits.map(({ toMs }) => ({ atMs: toMs - 1_000, event: look })),
      { kind: KIND_CORD, alarmNumber: 1 },
    )
    const right = visits.filter(({ room }, i) => named[i] === room).length
    expect(right / visits.length).toBeGreaterThanOrEqual(0.8)
    const [incident] = session.engine.desk.snapshot().incidents
    if (incident === undefined) throw new Error('expected an incident')
    const over = { incident: incident.id, by: 'Ada', outcome: 'test', reason: 'a test' } as const
    expect((await session.engine.submit({ kind: 'resolve', ...over })).refused).toBeNull()
  })

  const drift = () => session.engine.desk.walks.view().drift.map(({ key }) => key)
  const rowsOf = () => session.journal.entries.length

  test('are walked about in for two hours afterwards: nothing is contradicted, nothing of it is kept', async () => {
    const before = rowsOf()
    for (const seed of [41, 51]) await session.play(someday(seed, { order: 40, secondsARoom: 80 }))
    expect(drift()).toEqual([])
    const rows = JSON.stringify(session.journal.entries.slice(before))
    for (const room of rooms) expect(rows).not.toContain(`"${room}"`)
    expect(rows).not.toContain(ADDRESS)
  })

  test('one receiver hung elsewhere is noticed within the day, and no other is blamed', async () => {
    const moved = new Map(house.receivers)
    const [one, other] = ['r-03', 'r-06'].map(id => house.receivers.get(id))
    if (one === undefined || other === undefined) throw new Error('expected both receivers')
    moved.set('r-03', { ...one, x: other.x, y: other.y })
    for (const seed of [71, 81])
      await session.play(someday(seed, { order: 40, secondsARoom: 80, receivers: moved }))
    expect(drift()).toEqual(['receiver-moved:r-03'])
    await session.engine.submit({ kind: 'walk-withdraw', walk: 1, by: 'Ada' })
    expect(drift()).toEqual([])
  })
})
