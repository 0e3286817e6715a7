// A journal that a Tocsin of before wrote, when pages were calls and held what was spoken: an incident is open, two of its calls
// are under way, and another wearer's has not left yet. It was written by the program of commit eed0541, on the plan of
// ../building.ts; `steps` is what that program did next, so that what this one does can be held against it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../../gateway/core/deciding/decision/decision.ts'
import { SYSTEM } from '../../../../gateway/core/plan/change.ts'
import { snapshotView } from '../../../../gateway/core/view/desk-view.ts'
import type { JournalEntry } from '../../../../gateway/ports.ts'
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { PLAIN_ADDRESS, plainFrame } from '../building.ts'
import { type Bench, createBench } from '../engine.ts'
import { heard, spoken } from '../spoken.ts'

type Call = { page: string; target: string; phrases: string[]; ringMs: number; talkMs: number }
type Step = { what: string; rows: unknown[]; pages: Call[]; replies: object[]; withdrawn: readonly string[] }
type Written = {
  atMs: number
  entries: JournalEntry[]
  counters: [string, number][]
  steps: Step[]
  begun: IncidentView[]
  ended: IncidentView[]
}
const FILE = fileURLToPath(new URL('../../../data/journals/before-channels.json', import.meta.url))
const written = (): Written => JSON.parse(readFileSync(FILE, 'utf8'))

function loaded({ entries, counters, atMs }: Written): Bench {
  const bench = createBench({ entries, counters: new Map(counters), atMs })
  bench.nowMs += 2_000
  return bench
}

/** What was done after the start, by what it was called then. */
const NEXT: Readonly<Record<string, (bench: Bench) => Decision>> = {
  start: bench => bench.hear({ kind: 'start' }),
  tick: bench => bench.wait(250),
  answered: bench => {
    bench.page('i-0001-p3', { step: 'sent' })
    return bench.page('i-0001-p3', { step: 'reached' })
  },
  'key 9 to a call of before': bench => bench.page('i-0002-p1', { step: 'answered', with: '9' }),
  'key 1': bench => bench.page('i-0001-p3', { step: 'answered', with: '1' }),
  'late key': bench => bench.page('i-0001-p1', { step: 'answered', with: '1' }),
  'key 2': bench => bench.page('i-0002-p1', { step: 'answered', with: '2' }),
}

const asBefore = ({ changes, pages, replies, withdrawn }: Decision): Omit<Step, 'what'> => ({
  rows: changes.map(change => [
    change.is,
    'page' in change ? change.page : null,
    'outcome' in change ? change.outcome : null,
    'said' in change ? change.said : null,
  ]),
  pages: pages.map(order => ({
    page: order.page,
    incident: order.incident,
    channel: order.channel,
    target: order.target,
    phrases: spoken(order),
    ringMs: order.withinMs.reached,
    talkMs: order.withinMs.answered,
  })),
  replies: replies.map(heard),
  withdrawn,
})

/**
 * Who gave the cause stood beside a page and what people and the wearer were told; now the system does, which did it. A call
 * that its key had ended had a line that said so beside that of the key. In a duress the wearer was said to be told what a
 * dark pendant does not show.
 */
const asToday = (incidents: readonly IncidentView[]): object[] =>
  incidents.map(({ lines, ...incident }) => ({
    ...incident,
    lines: lines
      .filter(({ text }) => !text.endsWith(': acknowledged by the key'))
      .map((line, i, lines) => ({
        ...line,
        seq: i + (lines[0]?.seq ?? 0),
        by: /^(Paging|Told|The wearer is being told)/.test(line.text) ? SYSTEM : line.by,
        text: lines.slice(0, i).some(({ text }) => text.startsWith('DURESS'))
          ? line.text.replace(
              'The wearer is being told',
              'In a duress the pendant stays dark: do not count on the wearer being shown',
            )
          : line.text,
      })),
  }))

describe('a journal of before', () => {
  it('has rows with phrases, and none with a message', () => {
    const pages = written().entries.filter(({ change }) => change.is === 'page-due')
    expect(pages).toHaveLength(3)
    for (const { change } of pages) {
      expect(change).toHaveProperty('phrases')
      expect(change).not.toHaveProperty('message')
    }
  })

  it('is understood whole, and the desk shows it as before', () => {
    const before = written()
    const bench = loaded(before)
    expect([...bench.state.technical.values()].map(({ text }) => text).join()).not.toContain('newer Tocsin')
    expect([...bench.state.technical.values()].map(({ key }) => key)).toContain('not-armed')
    const { technical } = snapshotView(bench.state, bench.nowMs)
    expect(technical.find(({ key }) => key === 'not-armed')?.text).toContain(
      'No telephone can be called (5150 cannot be called: 480 Temporarily Unavailable; 5151 has not been proven).',
    )
    bench.hear({ kind: 'start' })
    expect(snapshotView(bench.state, bench.nowMs).incidents).toMatchObject(asToday(before.begun))
  })

  it('goes on step by step as it would have: called again with the same words, in the same time, by the same rows', () => {
    const before = written()
    const bench = loaded(before)
    for (const { what, ...step } of before.steps)
      expect(asBefore((NEXT[what] as (typeof NEXT)[string])(bench)), what).toEqual(step)
    expect(snapshotView(bench.state, bench.nowMs).incidents).toMatchObject(asToday(before.ended))
  })

  it('is one journal with the rows written since: a restart among them changes nothing', () => {
    const before = written()
    const bench = loaded(before)
    for (const { what } of before.steps) {
      NEXT[what]?.(bench)
      expect([...bench.restart().state.incidents], what).toEqual([...bench.state.incidents])
    }
    const later = bench.entries.slice(before.entries.length).map(({ change }) => change)
    expect(later.find(({ is }) => is === 'page-due')).toHaveProperty('message')
  })
})

it('a page of before that goes on is told what is new, and has a message from then on', () => {
  const bench = loaded(written())
  bench.hear({ kind: 'start' })
  const page = () => bench.state.incidents.get('i-0002')?.pages[0]
  expect(page()?.message).toBeUndefined()
  bench.page('i-0002-p1', { step: 'sent' })
  bench.page('i-0002-p1', { step: 'reached' })
  const again = plainFrame({ counter: 2, kind: KIND_CORD, alarmNumber: 2 })
  const { replies } = bench.data(again, { address: PLAIN_ADDRESS })
  const phrases = [
    'Personal alarm.',
    'Unverified.',
    'Omar Haddad.',
    'Northgate House, room 2 1 4,',
    'or room 1.',
    'Press 1 if you have it, 2 if you are on your way.',
  ]
  expect(replies.map(heard)).toMatchObject([{ is: 'news', words: ['The alarm was raised again.'], phrases }])
  expect(spoken(page())).toEqual(phrases)
  expect([...bench.restart().state.incidents]).toEqual([...bench.state.incidents])
})
