// Rows that a newer Tocsin wrote before somebody went back to this one: kept, said, and never taken for something else.
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../../gateway/core/plan/change.ts'
import { snapshotView } from '../../../../gateway/core/view/desk-view.ts'
import type { JournalEntry } from '../../../../gateway/ports.ts'
import { IncidentView } from '../../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { createBench, T0 } from '../engine.ts'

const HOUR_MS = 3_600_000
const MESSAGE = {
  ...{ kind: 'cord', wearer: 'Jane Smith', where: 'heard', rooms: [], note: null },
  ...{ isVerified: true, isSuspect: false, isMoved: false },
}

/** The rows of one cord that is being paged, and what a newer version wrote after them. */
function withRows(...newer: object[]) {
  const before = createBench()
  before.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  return loaded([...before.entries, ...newer.map((change, i) => row(before.entries.length + i + 1, change))])
}
const row = (seq: number, change: object): JournalEntry => ({
  seq,
  atMs: T0,
  actor: 'newer',
  change: change as Change,
})
function loaded(entries: JournalEntry[]) {
  const bench = createBench({ entries, atMs: T0 + 1_000 })
  bench.hear({ kind: 'start' })
  return bench
}
const technical = (bench: ReturnType<typeof createBench>) =>
  [...bench.state.technical.values()].map(({ text }) => text)

const raisedOf = (alarm: string) => {
  const bench = createBench()
  bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  return bench.entries.flatMap(entry =>
    entry.change.is === 'raised' ? [row(entry.seq, { ...entry.change, alarm })] : [],
  )
}

describe('a row of a kind that is not known', () => {
  it.each([
    ['about nothing we know', { is: 'lift-stopped', lift: 'a' }],
    ['about an incident', { is: 'call-bridged', incident: 'i-0001', to: '5151' }],
    ['that is no object', 'odd'],
    ['of a known kind in another shape', { is: 'technical-raised', what: 'x' }],
    ['about the clock in another shape', { is: 'clock-stepped', offsetSeconds: 5 }],
  ])('%s is no security event, is said loudly, and stays said over restarts', (_name, newer) => {
    const bench = withRows(newer as object)
    expect(bench.state.security).toEqual([])
    expect(technical(bench).join()).toContain('Written by a newer Tocsin')
    expect(bench.incident()).toMatchObject({ id: 'i-0001', state: 'raised' })
    expect(() => JSON.stringify(snapshotView(bench.state, T0))).not.toThrow()
    expect(technical(bench.restart()).join()).toContain('Written by a newer Tocsin')
  })

  it('is a line in the story of the incident that it is about', () => {
    const { lines } = withRows({ is: 'call-bridged', incident: 'i-0001', to: '5151' }).incident()
    expect(lines.map(({ text }) => text)).toContain(
      'Written by a newer Tocsin: rows of the kind "call-bridged"',
    )
  })
})

describe('a known row with a word that is not known', () => {
  it('an alarm of an unknown kind is an alarm, and pages', () => {
    const bench = loaded(raisedOf('gas'))
    expect(technical(bench).join()).toContain('alarms of the kind "gas"')
    expect(bench.incident().pages).toMatchObject([{ target: '5150', round: 1 }])
  })

  it('an alarm whose wearer can no longer be read is an alarm, and pages', () => {
    const entries = raisedOf('cord').map(entry =>
      entry.change.is === 'raised'
        ? row(entry.seq, { ...entry.change, wearer: undefined, wearfr: 'jane' })
        : entry,
    )
    const bench = loaded(entries)
    expect(bench.incident()).toMatchObject({ wearer: 'unknown', state: 'raised' })
    expect(bench.incident().pages).toMatchObject([{ target: '5150', round: 1 }])
  })

  it('a page by an unknown channel is over, placed by nobody, and the ladder goes on', () => {
    const before = createBench()
    before.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    const entries = before.entries.map(entry =>
      entry.change.is === 'page-due'
        ? row(entry.seq, { ...entry.change, channel: 'mail', target: 'a@b' })
        : entry,
    )
    const bench = createBench({ entries, atMs: T0 + HOUR_MS })
    const { pages } = bench.hear({ kind: 'start' })
    expect(pages.map(({ target }) => target)).not.toContain('a@b')
    expect(pages).toHaveLength(1)
    expect(bench.incident().pages[0]).toMatchObject({ channel: 'mail', outcome: 'failed' })
  })

  it.each([
    ['nothing', null],
    ['no rooms', { kind: 'cord', wearer: 'Jane Smith', where: 'heard', note: null }],
    ['a place of a new kind', { kind: 'cord', wearer: 'J', where: 'lift', rooms: [], note: null }],
    [
      'a floor that is a number',
      { ...MESSAGE, rooms: [{ id: 'hall', building: 'N', number: '1', floor: 2, note: null }] },
    ],
    ['a note in several languages', { ...MESSAGE, note: { en: 'Wait outside' } }],
    [
      'rooms of another shape',
      { kind: 'cord', wearer: 'J', where: 'heard', rooms: [{ lift: 1 }], note: null },
    ],
  ])('a page whose message is %s is called with one made anew of its incident', (_name, message) => {
    const before = createBench()
    const first = before.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }).pages
    const entries = before.entries.map(entry =>
      entry.change.is === 'page-due' ? row(entry.seq, { ...entry.change, message }) : entry,
    )
    const bench = createBench({ entries, atMs: T0 })
    const { pages } = bench.hear({ kind: 'start' })
    expect(pages).toEqual(first)
    expect(technical(bench).join()).toContain('messages in another shape')
  })

  it.each([
    ['nothing of', undefined],
    ['in another shape', { seen: 20 }],
  ])('a page that says %s how long it may take is over, and people are called anew', (_name, withinMs) => {
    const before = createBench()
    before.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    const entries = before.entries.map(entry =>
      entry.change.is === 'page-due' ? row(entry.seq, { ...entry.change, withinMs }) : entry,
    )
    const bench = createBench({ entries, atMs: T0 })
    expect(bench.hear({ kind: 'start' }).pages).toHaveLength(1)
    expect(technical(bench).join()).toContain('without a readable withinMs')
  })

  it('an incident that was resolved in a new way is resolved', () => {
    const bench = withRows({
      is: 'resolved',
      incident: 'i-0001',
      outcome: 'handed-over',
      reason: 'to the police',
    })
    expect(bench.incident()).toMatchObject({ state: 'resolved', resolved: { reason: 'to the police' } })
    expect(technical(bench).join()).toContain('incidents resolved as "handed-over"')
  })
})

describe('an alarm without a frame', () => {
  const raisedBy = (change: object): JournalEntry[] => {
    const bench = createBench()
    const source = { of: 'input', id: 'panel' } as const
    const said = { by: 'panel', alarm: 'cord', wearer: 'omar', room: 'hall', note: 'By the door' } as const
    bench.hear({ kind: 'raise', source, ...said })
    return bench.entries.flatMap(entry =>
      entry.change.is === 'raised-by' ? [row(entry.seq, { ...entry.change, ...change })] : [],
    )
  }
  it.each([
    ['alarm', { alarm: undefined }],
    ['wearer', { wearer: { person: 'omar' } }],
    ['policy', { policy: 7 }],
    ['source', { source: undefined }],
    ['source', { source: { of: 'badge', id: 'x' } }],
    ['whereabouts', { whereabouts: 'hall' }],
    ['note', { note: { en: 'By the door' } }],
  ])(
    'whose %s can no longer be read is an alarm, pages, is shown as the desk has it, and is said',
    (field, of) => {
      const bench = loaded(raisedBy(of))
      expect(bench.incident()).toMatchObject({ id: 'i-0001', state: 'raised' })
      expect(bench.incident().pages).toMatchObject([{ target: '5150', round: 1 }])
      expect(technical(bench).join()).toContain(`rows of the kind "raised-by" without a readable ${field}`)
      const [shown] = snapshotView(bench.state, bench.nowMs).incidents
      expect(IncidentView.safeParse(JSON.parse(JSON.stringify(shown))).error).toBeUndefined()
      expect(JSON.stringify(shown)).not.toContain('undefined')
    },
  )

  it('of which only a detail of the place can no longer be read is in its room', () => {
    const heard = { room: 'hall', confidence: 2, runnerUp: 5, heardAtMs: 'now', because: [{}] }
    const bench = loaded(raisedBy({ whereabouts: heard }))
    expect(bench.incident().pages[0]?.said).toContain('Northgate House, room 1.')
  })
})

it('a fault whose values a newer Tocsin wrote otherwise is shown in the words of its row', () => {
  const text = 'Pendant p-07: charge it'
  const facts = { of: 'pendant-complains', pendant: 'p-07', complaints: 'all' }
  const bench = withRows({ is: 'technical-raised', key: 'pendant:p-07', text, facts })
  expect(technical(bench)).toContain(text)
  expect(snapshotView(bench.state, T0).technical.map(each => each.text)).toContain(text)
})

it('an alarm under a number that no frame can have is called all the same', () => {
  const [raised] = raisedOf('cord')
  const bench = loaded([row(1, { ...raised?.change, alarmNumber: -1, counter: 2 ** 40 })])
  expect(bench.incident().pages).toMatchObject([{ target: '5150', round: 1 }])
})

describe('rows about the journal', () => {
  it('a lost row and a cut tail stand on the desk until a person accepts them', () => {
    const noted = { edition: 1, seq: 1000, hash: 'ab'.repeat(32), atMs: T0 }
    const bench = withRows(
      {
        is: 'journal-mended',
        edition: 2,
        file: 'aside',
        why: 'x',
        rows: 4,
        lost: [[3, 5]],
        doubtful: [9],
        head: null,
      },
      { is: 'journal-cut', noted, seq: 990, lastAtMs: T0 },
    )
    expect(technical(bench).join()).toContain('3 rows are lost (3–5)')
    expect(technical(bench).join()).toContain('10 rows of the journal are missing')
    bench.hear({ kind: 'journal-accept', by: 'Ann' })
    expect(technical(bench).join()).not.toContain('journal')
    expect(technical(bench.restart()).join()).not.toContain('journal')
    expect(bench.hear({ kind: 'journal-accept', by: 'Ann' }).answer.refused).not.toBeNull()
  })

  it('an erased row leaves the others as they are, and its number is not given again', () => {
    const before = createBench()
    before.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    const entries = before.entries.map(entry => row(entry.seq, { is: 'erased', was: entry.change.is }))
    const bench = loaded(entries)
    bench.report({ counter: 20, kind: KIND_CORD, alarmNumber: 2 })
    expect(bench.incident().id).toBe('i-0002')
  })

  it('a journal that could not be read leaves its numbers alone', () => {
    const bench = loaded([row(1, { is: 'journal-unread', why: 'the disk fails', firstNumber: 5000 })])
    bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    expect(bench.incident().id).toBe('i-5001')
  })
})
