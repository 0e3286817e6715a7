// A store that fails and recovers, and what the wearer is told meanwhile: heard while the alarm is not on disk, stored once
// it is, and never under a beacon counter that a restart would use again.
import { afterEach, describe, expect, it } from 'vitest'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { type Engine, startEngine } from '../../../gateway/engine/engine.ts'
import { NotKept } from '../../../gateway/engine/writer.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { EngineEvent, ReportsEvent } from '../../../gateway/ports.ts'
import { type MemoryJournal, memoryJournal } from '../../../gateway/store/memory.ts'
import {
  KIND_ASK,
  KIND_CORD,
  KIND_TEST,
  TOLD_ACKNOWLEDGED,
  TOLD_HEARD,
  TOLD_STORED,
  TOLD_TEST_PASSED,
} from '../../../schemas/frame.ts'
import { type SteppedClock, steppedClock } from '../../../simulator/clock.ts'
import { type OpenedBeacon, openBeacon } from '../core/beacons.ts'
import { ADDRESS, type FrameOf, sealedFrame, site } from '../core/building.ts'

const FULL = new Error('disk full')

type Bench = {
  engine: Engine
  journal: MemoryJournal
  clock: SteppedClock
  told: OpenedBeacon[]
  placed: string[]
  /** Submits; answers whether it was kept. */
  hear(event: EngineEvent): Promise<boolean>
}

const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

async function start(journal = memoryJournal(), clock = steppedClock(1_790_000_000_000)): Promise<Bench> {
  const told: OpenedBeacon[] = []
  const placed: string[] = []
  const effects = {
    place: ({ page }: { page: string }) => void placed.push(page),
    withdraw: () => {},
    reply: () => {},
    tell: (orders: readonly { data: string }[]) =>
      void told.push(...orders.map(({ data }) => openBeacon(data))),
  }
  const log = createLog({ level: 'silent', pretty: false })
  const metrics = createMetrics()
  const engine = await startEngine({ plan: planOf(site()), journal, clock, effects, metrics, log })
  engines.push(engine)
  const hear = (event: EngineEvent): Promise<boolean> =>
    engine.submit(event).then(
      () => true,
      error => {
        if (error instanceof NotKept) return false
        throw error
      },
    )
  return { engine, journal, clock, told, placed, hear }
}

const report = (of: FrameOf): ReportsEvent => ({
  kind: 'reports',
  receiver: 'r-interview',
  wasRedelivered: false,
  reports: [{ address: ADDRESS, rssiDbm: -60, data: sealedFrame(of), ageMs: 0 }],
})
const cord = (counter: number, alarmNumber = 1) => report({ counter, kind: KIND_CORD, alarmNumber })
const test = (counter: number) => report({ counter, kind: KIND_TEST, packetId: 9 })
const TICK: EngineEvent = { kind: 'tick' }
const saidOf = ({ told }: Bench) => told.map(each => each.told)

describe('an alarm while the disk refuses', () => {
  it('pages at once and tells heard, not stored; and stored as soon as it is on disk', async () => {
    const bench = await start()
    bench.journal.failWith(FULL)
    expect(await bench.hear(cord(10))).toBe(false)
    expect(bench.placed).toEqual(['i-0001-p1'])
    expect(saidOf(bench)).toEqual([TOLD_HEARD])
    bench.clock.advance(5_000)
    expect(await bench.hear(TICK)).toBe(true)
    expect(await bench.hear(cord(11)), 'sent again because there was no PUBACK').toBe(false)
    expect(saidOf(bench), 'nothing new').toEqual([TOLD_HEARD])

    bench.journal.failWith(null)
    await bench.hear(TICK)
    expect(saidOf(bench)).toEqual([TOLD_HEARD, TOLD_STORED])
    const [heard, stored] = bench.told
    expect(stored?.counter, 'a pendant believes only higher counters').toBeGreaterThan(heard?.counter ?? 0)
    expect(bench.placed, 'and nobody is called twice for it').toEqual(['i-0001-p1'])
    const rows = bench.journal.entries.map(({ change }) => change.is)
    expect(rows).toEqual(['raised', 'told', 'page-due', 'told', 'told'])
    expect(bench.engine.desk.snapshot().incidents[0]?.lines.map(({ text }) => text)).toContain(
      'The disk does not take it yet: the wearer is being told no more than: heard',
    )
  })

  it('whose acknowledgement cannot be kept either still tells that somebody has it', async () => {
    const bench = await start()
    bench.journal.failWith(FULL)
    await bench.hear(cord(10))
    await bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    expect(saidOf(bench)).toEqual([TOLD_HEARD, TOLD_ACKNOWLEDGED])
    bench.journal.failWith(null)
    await bench.hear(TICK)
    expect(saidOf(bench), 'stored is less than that somebody has it').toEqual([TOLD_HEARD, TOLD_ACKNOWLEDGED])
  })

  it('pressed again with a new number is heard again, and an alarm stored before stays stored', async () => {
    const bench = await start()
    await bench.hear(cord(10))
    expect(saidOf(bench)).toEqual([TOLD_STORED])
    bench.journal.failWith(FULL)
    await bench.hear(TICK)
    expect(saidOf(bench)).toEqual([TOLD_STORED])
    await bench.hear(cord(20, 2))
    expect(bench.told.at(-1)).toMatchObject({ told: TOLD_HEARD, alarmNumber: 2 })
    bench.journal.failWith(null)
    await bench.hear(TICK)
    expect(bench.told.at(-1)).toMatchObject({ told: TOLD_STORED, alarmNumber: 2 })
  })

  it('that fails again in the very write of stored is heard until that is written too', async () => {
    const bench = await start()
    bench.journal.failWith(FULL)
    await bench.hear(cord(10))
    const commit = bench.journal.commit
    bench.journal.failWith(null)
    // What waited is taken, the row of *stored* is not.
    const taken: unknown[] = []
    bench.journal.commit = async batch => {
      if (taken.push(batch) === 3) bench.journal.failWith(FULL)
      return commit(batch)
    }
    await bench.hear(TICK)
    expect(saidOf(bench)).toEqual([TOLD_HEARD, TOLD_HEARD])
    bench.journal.failWith(null)
    await bench.hear(TICK)
    expect(saidOf(bench)).toEqual([TOLD_HEARD, TOLD_HEARD, TOLD_STORED])
  })

  it('and a gateway killed before it could be written: the next one hears it anew, under new beacon counters', async () => {
    const first = await start()
    first.journal.failWith(FULL)
    await first.hear(cord(10))
    first.journal.failWith(null)
    const second = await start(first.journal)
    await second.hear(cord(11))
    expect(saidOf(second)).toEqual([TOLD_STORED])
    expect(second.told[0]?.counter).toBeGreaterThan(first.told.at(-1)?.counter ?? 0)
  })

  it('killed after what waited was written, and before stored was told: the next one tells it', async () => {
    const first = await start()
    first.journal.failWith(FULL)
    await first.hear(cord(10))
    const { commit } = first.journal
    first.journal.failWith(null)
    let commits = 0
    first.journal.commit = async batch => {
      if (++commits > 2) throw FULL
      return commit(batch)
    }
    await first.hear(TICK)
    first.journal.commit = commit
    expect(first.journal.entries.at(-1)?.change).toMatchObject({ is: 'told', told: TOLD_HEARD })
    const second = await start(first.journal)
    expect(saidOf(second).at(-1)).toBe(TOLD_STORED)
  })
})

describe('a beacon counter that is not reserved on disk', () => {
  it('is never used, however long the disk refuses', async () => {
    const bench = await start()
    bench.journal.failWith(FULL)
    const ask = (i: number) => report({ counter: 100 + i, packetId: i, kind: KIND_ASK })
    for (let i = 0; i < 200; i++) await bench.hear(ask(i))
    expect(bench.told).toHaveLength(64)
    bench.journal.failWith(null)
    await bench.hear(TICK)
    await bench.hear(ask(200))
    expect(bench.told).toHaveLength(65)
    expect(new Set(bench.told.map(({ counter }) => counter)).size).toBe(65)
  })
})

describe('a test while the disk refuses', () => {
  it('has passed once it is on disk, and not before', async () => {
    const bench = await start()
    await bench.hear(test(10))
    bench.journal.failWith(FULL)
    bench.clock.advance(3_000)
    await bench.hear(TICK)
    expect(saidOf(bench)).toEqual([])
    bench.journal.failWith(null)
    await bench.hear(TICK)
    expect(saidOf(bench)).toEqual([TOLD_TEST_PASSED])
  })

  it('is not told passed when its minute is over: the wearer has seen that it did not', async () => {
    const bench = await start()
    await bench.hear(test(10))
    bench.journal.failWith(FULL)
    bench.clock.advance(3_000)
    await bench.hear(TICK)
    bench.clock.advance(61_000)
    bench.journal.failWith(null)
    await bench.hear(TICK)
    expect(saidOf(bench)).toEqual([])
  })
})
