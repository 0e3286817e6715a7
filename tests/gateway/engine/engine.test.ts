// The engine on a real journal: rows before effects, a full disk that still calls people, a restart that goes on.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { type Effects, type Engine, startEngine } from '../../../gateway/engine/engine.ts'
import { NotKept } from '../../../gateway/engine/writer.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { Journal, ReportsEvent } from '../../../gateway/ports.ts'
import { openDatabase } from '../../../gateway/store/database.ts'
import { journalOn, openJournal } from '../../../gateway/store/journal.ts'
import type { LiveEvent } from '../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { ADDRESS, type FrameOf, sealedFrame, site } from '../core/building.ts'

let folder: string
let engines: Engine[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-engine-'))
  engines = []
})
afterEach(async () => {
  for (const engine of engines) await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const journalFile = () => join(folder, 'journal.sqlite')

/** An engine whose effects are noted in the order in which they and the journal's commits happen. */
async function start(journal: Journal = openJournal(journalFile())) {
  const happened: string[] = []
  const clock = steppedClock(1_790_000_000_000)
  const watched: Journal = {
    ...journal,
    commit: async batch => {
      const seq = await journal.commit(batch)
      for (const { change } of batch.entries) happened.push(`row ${change.is}`)
      return seq
    },
  }
  const effects: Effects = {
    place: order => happened.push(`place ${order.page}`),
    withdraw: page => happened.push(`withdraw ${page}`),
    reply: ({ page, is }) => happened.push(`reply ${page} ${is}`),
    tell: orders => happened.push(`tell ${orders.map(order => order.pendant)}`),
  }
  const metrics = createMetrics()
  const log = createLog({ level: 'silent', pretty: false })
  const engine = await startEngine({ plan: planOf(site()), journal: watched, clock, effects, metrics, log })
  engines.push(engine)
  const live: LiveEvent[] = []
  engine.desk.subscribe(event => live.push(event))
  return { engine, happened, clock, live, metrics }
}

const report = (of: FrameOf, receiver = 'r-interview'): ReportsEvent => ({
  kind: 'reports',
  receiver,
  wasRedelivered: false,
  reports: [{ address: ADDRESS, rssiDbm: -60, data: sealedFrame(of), ageMs: 0 }],
})
const cord = (counter: number) => report({ counter, kind: KIND_CORD, alarmNumber: 1 })

describe('the engine', () => {
  it('writes the rows before any effect leaves, and answers after both', async () => {
    const { engine, happened } = await start()
    await engine.submit(cord(10))
    expect(happened).toEqual(['row raised', 'row told', 'row page-due', 'place i-0001-p1', 'tell p-07'])
  })

  it('numbers live events by their rows, so that a client that lost the line misses nothing and sees nothing twice', async () => {
    const { engine, live } = await start()
    await engine.submit(cord(10))
    const heardUpTo = live.at(-1)?.seq ?? 0
    await engine.submit({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    await engine.submit({ kind: 'fault', key: 'sip', text: 'gone' })
    const missed = engine.desk.since(heardUpTo) ?? []
    expect(missed).toMatchObject([
      { kind: 'incident', incident: { id: 'i-0001', state: 'acknowledged' } },
      { kind: 'technical', technical: [{ key: 'sip' }] },
      { kind: 'technical' },
      { kind: 'receivers' },
    ])
    expect(engine.desk.since(0)).not.toBeNull()
    expect(engine.desk.since(9_999)).toBeNull()
  })

  it('shows the receivers anew where one of them came or went, and not for a heartbeat', async () => {
    const { engine, live, clock } = await start()
    const says = async (status: 'online' | 'offline', receiver = 'r-interview'): Promise<number> => {
      live.length = 0
      clock.advance(1_000)
      await engine.submit({ kind: 'receiver-status', receiver, status: { v: 1, status } })
      return live.filter(({ kind }) => kind === 'receivers').length
    }
    const came = [await says('online'), await says('online'), await says('online', 'r-hall')]
    expect([...came, await says('online')]).toEqual([1, 0, 1, 0])
    expect([await says('offline'), await says('offline'), await says('online')]).toEqual([1, 0, 1])
  })

  it('says of a fault that is over what works again: to who looks on, and to who comes later or after a restart', async () => {
    const { engine, live } = await start()
    await engine.submit({ kind: 'fault', key: 'sip', text: 'gone' })
    await engine.submit({ kind: 'fault', key: 'sip', text: null })
    const mended = { key: 'sip', text: 'The telephone exchange works again' }
    expect(live.slice(-2)).toMatchObject([
      { kind: 'mended', mended },
      { kind: 'technical', technical: [] },
    ])
    expect(engine.desk.snapshot().mended).toMatchObject([mended])
    await engine.submit({ kind: 'fault', key: 'strange', text: 'The lamp is broken' })
    await engine.close()
    engines = []
    const next = await start()
    expect(next.engine.desk.snapshot()).toMatchObject({ technical: [], mended: [mended] })
  })

  it('takes up after a restart what the last one left: the incident, the page, the wearer', async () => {
    const first = await start()
    await first.engine.submit(cord(10))
    await first.engine.close()
    engines = []
    const second = await start()
    expect(second.happened).toEqual(['place i-0001-p1', 'tell p-07'])
    await second.engine.submit(cord(11))
    expect(second.engine.desk.snapshot().incidents).toMatchObject([
      { id: 'i-0001', state: 'raised', presses: 1 },
    ])
    expect(second.engine.desk.since(0)).toBeNull()
  })

  it('closed, it drops what comes as if it had ended already: no row, no effect, no answer', async () => {
    const first = await start()
    await first.engine.close()
    engines = []
    const answered = vi.fn()
    first.engine.submit(cord(10)).then(answered, answered)
    const second = await start()
    expect(second.engine.desk.snapshot().incidents).toEqual([])
    expect([first.happened, answered.mock.calls]).toEqual([[], []])
  })

  it('counts a batch once and each refusal by its reason', async () => {
    const { engine, metrics } = await start()
    const batch = {
      ...cord(10),
      reports: [...cord(10).reports, ...report({ counter: 11, key: '0'.repeat(32) }).reports],
    }
    await engine.submit(batch)
    const text = await metrics.render()
    expect(text).toMatch(/tocsin_reports_total\{receiver="r-interview"\} 2/)
    expect(text).toMatch(/tocsin_refused_total\{reason="wrong-key"\} 1/)
    expect(text).toMatch(/tocsin_incidents_total\{kind="cord"\} 1/)
  })
})

describe('a full disk', () => {
  it('still calls people, says so loudly, tells the receiver it was not kept, and writes it all when there is room', async () => {
    const db = openDatabase(journalFile())
    const { engine, happened, clock } = await start(journalOn(db, journalFile()))
    const pages = db.pragma('page_count', { simple: true }) as number
    db.pragma(`max_page_count = ${pages}`)
    // Fill what room the last page of the table still has.
    for (let i = 0; i < 200; i++) {
      const key = `fill-${i}`
      const isFull = await engine.submit({ kind: 'fault', key, text: 'x'.repeat(500) }).then(
        () => false,
        error => error instanceof NotKept,
      )
      if (isFull) break
    }
    await expect(engine.submit(cord(10))).rejects.toThrow(NotKept)
    await expect(engine.submit(cord(10)), 'sent again because there was no PUBACK').rejects.toThrow(NotKept)
    expect(happened).toContain('place i-0001-p1')
    expect(happened).not.toContain('row raised')
    expect(engine.desk.health().technical).toContainEqual(expect.objectContaining({ key: 'journal' }))

    db.pragma('max_page_count = 1000000')
    clock.advance(1_000)
    await engine.submit({ kind: 'tick' })
    expect(happened).toContain('row raised')
    expect(engine.desk.health().technical.map(each => each.key)).not.toContain('journal')
    await engine.close()
    engines = []
    const after = await start()
    expect(after.engine.desk.snapshot().incidents).toMatchObject([{ id: 'i-0001' }])
    expect(after.happened.filter(each => each.startsWith('place'))).toEqual(['place i-0001-p1'])
  })
})
