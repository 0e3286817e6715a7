// The auditor: an incident that nobody has is being called about, or will be within what its policy allows; else it is now.
import { describe, expect, it } from 'vitest'
import { audit, auditKey } from '../../../../../gateway/core/deciding/watching/audit.ts'
import type { Incident, Page } from '../../../../../gateway/core/incident/incident.ts'
import type { Plan } from '../../../../../gateway/core/plan/plan.ts'
import { KIND_CORD, KIND_DURESS } from '../../../../../schemas/frame.ts'
import type { Policy, Step } from '../../../../../schemas/site/paging.ts'
import { plan } from '../../building.ts'
import { type Bench, createBench, T0 } from '../../engine.ts'

const cord = { counter: 10, kind: KIND_CORD, alarmNumber: 1 }
const policy = plan().policies.get('office') as Policy
const raised = (): Incident => {
  const bench = createBench()
  bench.report(cord)
  return bench.incident()
}
const page = (more: Partial<Page>): Page => ({ ...(raised().pages[0] as Page), ...more })
/** The first page rings for 10 s and talks for 45 s at most; 30 s more are a hung call. */
const RING_MS = 10_000
const TALK_MS = 45_000
const HUNG_MS = 30_000
const LONGEST_MS = 30_000

type Case = {
  name: string
  is: Partial<Incident>
  nextAtMs?: number | null
  afterMs: number
  expect: [hung: number, isStill: boolean]
}
const ended = (afterMs: number): Page => page({ endedAtMs: T0 + afterMs, outcome: 'busy' })
const cases: Case[] = [
  { name: 'with a call that rings is well', is: {}, afterMs: 5_000, expect: [0, false] },
  {
    name: 'with a call that may still be ringing is well',
    is: {},
    afterMs: RING_MS + HUNG_MS,
    expect: [0, false],
  },
  {
    name: 'with a call that was answered and may still be talking is well',
    is: { pages: [page({ reachedAtMs: T0 + 8_000 })] },
    afterMs: 8_000 + TALK_MS + HUNG_MS,
    expect: [0, false],
  },
  {
    name: 'with a call that was answered and never ended stands still',
    is: { pages: [page({ reachedAtMs: T0 + 8_000 })] },
    afterMs: 8_001 + TALK_MS + HUNG_MS,
    expect: [1, true],
  },
  {
    name: 'with a call of which nothing was heard for longer stands still',
    is: {},
    afterMs: RING_MS + HUNG_MS + 1,
    expect: [1, true],
  },
  {
    name: 'whose next page comes within the policy’s longest wait is well',
    is: { pages: [ended(0)] },
    nextAtMs: T0 + LONGEST_MS,
    afterMs: 1,
    expect: [0, false],
  },
  {
    name: 'whose next page is farther away than that stands still',
    is: { pages: [ended(0)] },
    nextAtMs: T0 + LONGEST_MS + 2,
    afterMs: 1,
    expect: [0, true],
  },
  {
    name: 'of which the ladder says nothing stands still',
    is: { pages: [ended(0)] },
    nextAtMs: null,
    afterMs: 1,
    expect: [0, true],
  },
  {
    name: 'of which the ladder says no number stands still',
    is: { pages: [ended(0)] },
    nextAtMs: Number.NaN,
    afterMs: 1,
    expect: [0, true],
  },
  {
    name: 'whose next page is always soon, and never comes, stands still',
    is: { pages: [ended(0)] },
    nextAtMs: T0 + LONGEST_MS + 6_000,
    afterMs: LONGEST_MS + 5_001,
    expect: [0, true],
  },
  {
    name: 'whose last call ended in the future stands still',
    is: { pages: [ended(3_600_000)] },
    nextAtMs: T0 + 3_000,
    afterMs: 0,
    expect: [0, true],
  },
  { name: 'without any page stands still', is: { pages: [] }, nextAtMs: null, afterMs: 0, expect: [0, true] },
  {
    name: 'with a call of a ladder that was begun anew alone stands still',
    is: { pagesBefore: 1 },
    nextAtMs: null,
    afterMs: 0,
    expect: [0, true],
  },
  {
    name: 'that somebody has is theirs',
    is: { state: 'acknowledged', pages: [] },
    nextAtMs: null,
    afterMs: 9e9,
    expect: [0, false],
  },
]

describe('an incident', () => {
  it.each(cases)('$name', ({ is, nextAtMs = null, afterMs, expect: [hung, isStill] }) => {
    const found = audit({ ...raised(), ...is }, policy, nextAtMs, { startedAtMs: T0 }, T0 + afterMs)
    expect([found.hung.length, found.isStill]).toEqual([hung, isStill])
  })
})

describe('a telephone call that never ends, because the pager has hung', () => {
  const hang = (): Bench => {
    const bench = createBench()
    bench.report(cord)
    bench.page('i-0001-p1', { step: 'sent' })
    return bench
  }

  it('is given up, withdrawn and placed anew, loudly, as long as it takes', () => {
    const bench = hang()
    expect(bench.wait(RING_MS + HUNG_MS).changes.filter(({ is }) => is.startsWith('page'))).toEqual([])
    const { changes, pages, withdrawn } = bench.wait(250)
    expect(withdrawn).toEqual(['i-0001-p1'])
    expect(pages).toMatchObject([{ page: 'i-0001-p2', target: '5150' }])
    expect(changes.slice(0, 2)).toMatchObject([
      {
        is: 'page-ended',
        page: 'i-0001-p1',
        outcome: 'failed',
        detail: 'nothing was heard of this call for 40 s',
      },
      { is: 'page-due', page: 'i-0001-p2' },
    ])
    expect(bench.state.technical.get(auditKey('i-0001'))?.text).toContain('Jane Smith')
    expect(bench.wait(RING_MS + HUNG_MS + 1_000).pages).toMatchObject([{ page: 'i-0001-p3' }])
  })

  it('stays loud over a restart, and no longer than until somebody has it', () => {
    const bench = hang()
    bench.wait(RING_MS + HUNG_MS + 1_000)
    const after = bench.restart()
    after.hear({ kind: 'start' })
    expect(after.state.technical.has(auditKey('i-0001'))).toBe(true)
    after.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    after.wait(250)
    expect(after.state.technical.has(auditKey('i-0001'))).toBe(false)
  })

  it('which a restart placed anew is not taken to be as old as the page', () => {
    const bench = createBench()
    bench.report(cord)
    bench.nowMs += 86_400_000
    const after = bench.restart()
    after.hear({ kind: 'start' })
    after.wait(1_000)
    expect(after.state.technical.has(auditKey('i-0001'))).toBe(false)
    expect(after.incident().pages).toHaveLength(1)
  })
})

describe('a call that is told late that it grew worse', () => {
  it('is left to say so for as long as an answered call may take, and is given up after that', () => {
    const bench = createBench()
    bench.report(cord)
    bench.page('i-0001-p1', { step: 'reached' })
    bench.wait(TALK_MS - 1_000)
    const { replies } = bench.report({ counter: 20, kind: KIND_DURESS, alarmNumber: 2 })
    expect(replies).toMatchObject([{ page: 'i-0001-p1', is: 'worse' }])
    const withdrawnIn = (ms: number): string[] =>
      Array.from({ length: ms / 1_000 }, () => {
        for (const page of bench.incident().pages.filter(each => each.endedAtMs === undefined))
          if (page.id !== 'i-0001-p1')
            bench.page(page.id, { step: 'ended', outcome: 'busy', detail: '486: they are talking' })
        return bench.wait(1_000).withdrawn
      }).flat()
    expect(withdrawnIn(TALK_MS + HUNG_MS)).toEqual([])
    expect(bench.state.technical.has(auditKey('i-0001'))).toBe(false)
    expect(withdrawnIn(2_000)).toEqual(['i-0001-p1'])
  })
})

describe('a fault of ours', () => {
  /** A plan in which whatever asks for this incident's policy fails. */
  const broken = (): Plan => {
    const whole = plan()
    const get = () => {
      throw new Error('no policy can be read')
    }
    return { ...whole, policies: Object.assign(new Map(whole.policies), { get }) }
  }

  it('in the ladder of one incident keeps no page of it, and none of another', () => {
    const bench = createBench()
    bench.report(cord)
    bench.page('i-0001-p1', { step: 'ended', outcome: 'busy', detail: '486' })
    const [first, ...others] = policy.steps
    const unreadable = {
      ...(first as Step),
      get attempts(): number {
        throw new Error('no attempts can be read')
      },
    }
    const policies = new Map([['office', { ...policy, steps: [unreadable, ...others] }]])
    Object.assign(bench.state, { plan: { ...bench.state.plan, policies } })
    const { pages } = bench.wait(60_000)
    expect(pages.map(({ target }) => target)).toEqual(['5150'])
    expect([...bench.state.technical.keys()]).toEqual(
      expect.arrayContaining(['bug:i-0001', auditKey('i-0001')]),
    )
    expect(bench.wait(250).changes).toEqual([])
  })

  it('in every ladder leaves what else a tick does', () => {
    const bench = createBench()
    bench.report(cord)
    bench.page('i-0001-p1', { step: 'ended', outcome: 'busy', detail: '486' })
    Object.assign(bench.state, { plan: broken() })
    bench.wait(120_000)
    expect(bench.state.technical.has('receiver:r-hall')).toBe(true)
    expect(bench.state.technical.has('bug:i-0001')).toBe(true)
    const again = createBench({ entries: bench.entries })
    Object.assign(again.state, { plan: broken() })
    expect(() => again.hear({ kind: 'start' })).not.toThrow()
  })
})

it('a duress in an incident that somebody has begins the ladder anew, and the auditor finds nothing', () => {
  const bench = createBench()
  bench.report(cord)
  bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
  bench.report({ counter: 11, kind: KIND_DURESS, alarmNumber: 2 })
  bench.wait(250)
  expect(bench.state.technical.has(auditKey('i-0001'))).toBe(false)
})
