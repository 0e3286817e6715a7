// A disk that refuses, and one that does not answer: people are called, the wearer is told no more than is so, receivers send
// again, and what waited is written in its order. What waits has bounds.
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../gateway/core/plan/change.ts'
import { createBacklog } from '../../../gateway/engine/backlog.ts'
import { NotCarriedOut } from '../../../gateway/engine/round.ts'
import { NotKept } from '../../../gateway/engine/writer.ts'
import { createLog } from '../../../gateway/log.ts'
import { KIND_DURESS, KIND_IDLE, TOLD_HEARD, TOLD_STORED } from '../../../schemas/frame.ts'
import { openBeacon } from '../core/beacons.ts'
import { cord, heldJournal, report, startBench } from './engine-bench.ts'

const failure = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => null,
    error => error,
  )

describe('a disk that does not answer', () => {
  it('keeps no call: the page goes out within a second, the wearer is told heard, the receiver gets no PUBACK, the desk says so', async () => {
    const journal = heldJournal()
    const bench = await startBench({ journal })
    journal.hold()
    const beganMs = bench.clock.nowMs()
    expect(await bench.within(failure(bench.submit(cord())))).toBeInstanceOf(NotKept)
    expect(bench.clock.nowMs() - beganMs).toBeLessThanOrEqual(1_500)
    expect(bench.placed.map(({ page }) => page)).toEqual(['i-0001-p1'])
    expect(bench.told.map(data => openBeacon(data).told)).toEqual([TOLD_HEARD])
    expect(bench.engine.desk.health().technical).toContainEqual(
      expect.objectContaining({ key: 'journal', text: expect.stringContaining('does not answer') }),
    )
    expect(journal.entries).toEqual([])

    // Nothing that comes now waits for it again.
    const beforeMs = bench.clock.nowMs()
    expect(await bench.within(failure(bench.submit(cord(11))))).toBeInstanceOf(NotKept)
    await bench.within(bench.busy())
    expect(bench.clock.nowMs()).toBe(beforeMs)
    await bench.wait(3_250)
    expect(bench.placed.map(({ page }) => page)).toEqual(['i-0001-p1', 'i-0001-p2'])

    journal.letGo()
    await bench.wait(500)
    expect(journal.entries.map(({ change }) => change.is).slice(0, 3)).toEqual(['raised', 'told', 'page-due'])
    expect(bench.told.map(data => openBeacon(data).told)).toEqual([TOLD_HEARD, TOLD_STORED])
    expect(bench.keys()).not.toContain('journal')
    expect(await failure(bench.submit(cord(12)))).toBeNull()
    await bench.engine.close()
    const after = await startBench({ journal, atMs: bench.clock.nowMs() })
    expect(after.engine.desk.snapshot().incidents).toMatchObject([
      { id: 'i-0001', state: 'raised', presses: 1 },
    ])
    await after.engine.close()
  })

  it('does not keep a gateway from starting, and it goes on with what the journal had', async () => {
    const journal = heldJournal()
    const first = await startBench({ journal })
    await first.submit(cord())
    await first.engine.close()
    journal.failWith(new Error('read-only'))
    const again = await startBench({ journal })
    expect(again.placed.map(({ page }) => page)).toEqual(['i-0001-p1'])
    expect(again.keys()).toContain('journal')
    await again.engine.close()
  })
})

describe('a disk that refuses', () => {
  it('has a duress sent again until it is there, though its alarm was', async () => {
    const journal = heldJournal()
    const bench = await startBench({ journal })
    await bench.submit(cord())
    await bench.submit({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    journal.failWith(new Error('disk full'))
    const duress = report({ counter: 11, kind: KIND_DURESS, alarmNumber: 2 })
    expect(await failure(bench.submit(duress))).toBeInstanceOf(NotKept)
    expect(await failure(bench.submit(duress)), 'sent again').toBeInstanceOf(NotKept)
    expect(await failure(bench.submit(report({ counter: 12, kind: KIND_IDLE }, 'r-hall')))).toBeInstanceOf(
      NotKept,
    )
    journal.failWith(null)
    expect(await failure(bench.submit(duress))).toBeNull()
    expect(journal.entries.map(({ change }) => change.is)).toEqual(
      expect.arrayContaining(['pressed-again', 'worsened']),
    )
    await bench.engine.close()
  })
})

describe('the log, while a disk refuses', () => {
  it('hears of it at once and then once a minute, of another reason at once, and when it is over', async () => {
    const journal = heldJournal()
    const FULL = 'could not write to the journal in memory: disk full'
    const lines: string[] = []
    const log = createLog({ level: 'info', pretty: false, to: { write: line => lines.push(line) } })
    const bench = await startBench({ journal, log })
    const said = () =>
      lines
        .map(line => JSON.parse(line) as { msg: string; err?: { message: string } })
        .filter(({ msg }) => /^(the )?journal can/.test(msg))
        .map(({ msg, err }) => err?.message ?? msg)
    journal.failWith(new Error('disk full'))
    await bench.submit(cord()).catch(() => undefined)
    await bench.wait(59_000)
    expect(said()).toEqual([FULL])
    await bench.wait(2_000)
    expect(said()).toEqual([FULL, FULL])
    journal.failWith(new Error('read-only'))
    await bench.wait(1_000)
    expect(said().slice(2)).toEqual(['could not write to the journal in memory: read-only'])
    journal.failWith(null)
    await bench.wait(1_000)
    expect(said().slice(3)).toEqual(['the journal can be written again'])
    await bench.engine.close()
  })
})

describe('rows that wait', () => {
  const batch = (...changes: Change[]) => ({
    entries: changes.map(change => ({ atMs: 1, actor: 'tocsin', change })),
    counters: new Map<string, number>(),
    arrivedAtMs: 0,
  })
  const located: Change = { is: 'technical-mended', key: 'x' }
  const answer = (n: number): Change => ({ is: 'acknowledged', incident: `i-${n}` })
  const call = (n: number, more: Change[] = []): Change[] => [
    { is: 'page-due', page: `i-1-p${n}` } as Change,
    ...more,
    { is: 'page-ended', page: `i-1-p${n}` } as Change,
  ]
  const all = (backlog: ReturnType<typeof createBacklog>): Change[] => {
    const changes: Change[] = []
    for (let next = backlog.first(); next !== undefined; next = backlog.first()) {
      changes.push(...next.entries.map(({ change }) => change))
      backlog.shift()
    }
    return changes
  }

  it('are kept as they came up to their bound', () => {
    const backlog = createBacklog(100)
    for (let n = 0; n < 100; n++) backlog.add(batch(n % 2 === 0 ? located : answer(n)))
    expect([backlog.size(), backlog.letGo(), all(backlog).length]).toEqual([100, 0, 100])
  })

  it('beyond it let go of the lesser, then of old calls, and never of an alarm or an answer', () => {
    const backlog = createBacklog(100)
    for (let n = 0; n < 400; n++) {
      backlog.add(batch(located, ...(n % 10 === 0 ? [answer(n)] : [])))
      backlog.add(batch(...call(n, n % 100 === 0 ? [{ is: 'page-key', page: `i-1-p${n}` } as Change] : [])))
    }
    const gone = backlog.letGo()
    expect(backlog.size()).toBeLessThanOrEqual(100 + 2)
    const kept = all(backlog)
    expect(kept.length + gone).toBe(400 + 40 + 800 + 4)
    expect(kept.filter(({ is }) => is === 'acknowledged')).toHaveLength(40)
    expect(kept.filter(({ is }) => is === 'page-key')).toHaveLength(4)
    const due = kept.flatMap(change => (change.is === 'page-due' ? [change.page] : []))
    const ended = kept.flatMap(change => (change.is === 'page-ended' ? [change.page] : []))
    expect(due).toEqual(ended)
    expect(due.at(-1)).toBe('i-1-p399')
    expect(backlog.letGo()).toBe(0)
  })
})

it('what cannot be carried out because of a fault of ours is not said to be, and nothing else is kept by it', async () => {
  const bench = await startBench()
  await bench.submit(cord())
  const unreadable = {
    kind: 'acknowledge' as const,
    by: 'Ann',
    get incident(): string {
      throw new Error('a fault of ours')
    },
  }
  expect(await failure(bench.submit(unreadable))).toBeInstanceOf(NotCarriedOut)
  expect(bench.keys()).toContain('bug:deciding acknowledge')
  expect(await failure(bench.submit({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' }))).toBeNull()
  await bench.engine.close()
})
