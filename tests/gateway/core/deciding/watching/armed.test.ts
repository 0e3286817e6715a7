import { describe, expect, it } from 'vitest'
import { seeDesk } from '../../../../../gateway/core/applying/observe.ts'
import { armedNow } from '../../../../../gateway/core/deciding/watching/armed.ts'
import { missingWords } from '../../../../../gateway/core/plan/fault-words.ts'
import { planOf, targetKey } from '../../../../../gateway/core/plan/plan.ts'
import {
  missing,
  newReach,
  pagedTargets,
  type Reach,
  unarmed,
} from '../../../../../gateway/core/state/armed.ts'
import { armedView } from '../../../../../gateway/core/view/health-view.ts'
import { site } from '../../building.ts'
import { createBench, heardByAll, T0 } from '../../engine.ts'

const plan = planOf(site())
const DESK = 'No desk page is open.'
const HEARD = { missing: null, uncovered: [] }
const SILENT = 'The desk page is silent: click on it once to switch its sound on.'

type Fact = { desk?: { isAudible?: boolean; agoMs?: number }; phones?: [string, string | null, number?][] }

const reachOf = ({ desk, phones = [] }: Fact): Reach => {
  const reach = newReach()
  if (desk !== undefined) seeDesk(reach, 'a', null, desk.isAudible ?? true, T0 - (desk.agoMs ?? 0))
  for (const [number, fault, agoMs = 0] of phones) {
    reach.targets.set(targetKey('sip', number), { fault, atMs: T0 - agoMs })
  }
  return reach
}

describe('armed is a desk that would be heard and one telephone that can be called, both proven lately', () => {
  it.each<{ name: string; so: Fact; reasons: string[] }>([
    { name: 'both', so: { desk: {}, phones: [['5150', null]] }, reasons: [] },
    {
      name: 'only the second telephone of the ladder',
      so: {
        desk: {},
        phones: [
          ['5150', '480 Temporarily Unavailable'],
          ['5151', null],
        ],
      },
      reasons: [],
    },
    { name: 'no desk', so: { phones: [['5150', null]] }, reasons: [DESK] },
    {
      name: 'a desk that was closed',
      so: { desk: { agoMs: 41_000 }, phones: [['5150', null]] },
      reasons: [DESK],
    },
    {
      name: 'a desk without sound',
      so: { desk: { isAudible: false }, phones: [['5150', null]] },
      reasons: [SILENT],
    },
    {
      name: 'telephones that are gone',
      so: {
        desk: {},
        phones: [
          ['5150', '404 Not Found'],
          ['5151', 'no answer within 10 s'],
        ],
      },
      reasons: [
        'No telephone can be called (5150 cannot be called: 404 Not Found; 5151 cannot be called: no answer within 10 s).',
      ],
    },
    {
      name: 'a proof that is too old, and none',
      so: { desk: {}, phones: [['5150', null, 61_000]] },
      reasons: ['No telephone can be called (5150 has not been proven; 5151 has not been proven).'],
    },
  ])('$name', ({ so, reasons }) => {
    expect(missing(plan, reachOf(so), T0).map(each => missingWords(plan, each))).toEqual(reasons)
  })

  it('a reception is asked for nothing: its queue is no proof', () => {
    const base = site()
    const telephones = base.telephones.map(each => ({ ...each, role: 'reception' as const }))
    const [first, second] = base.telephones
    if (first === undefined || second === undefined) throw new Error('expected two telephones')
    const queue = planOf({ ...base, telephones: [first, { ...second, role: 'reception' }] })
    expect(pagedTargets(queue)).toEqual([{ channel: 'sip', address: '5150' }])
    expect(pagedTargets(planOf({ ...base, telephones }))).toEqual([])
    expect(missing(queue, reachOf({ desk: {}, phones: [['5151', null]] }), T0)).toHaveLength(1)
  })

  it('says since when, and is the same value while nothing changes', () => {
    const before = unarmed(plan, 1)
    const first = armedNow(before, plan, reachOf({}), HEARD, T0)
    expect(first.sinceMs, 'another reason is not another beginning').toBe(1)
    expect(armedNow(first, plan, reachOf({}), HEARD, T0)).toBe(first)
    const armed = armedNow(first, plan, reachOf({ desk: {}, phones: [['5150', null]] }), HEARD, T0)
    expect(armedView(plan, armed)).toEqual({ isArmed: true, reasons: [], sinceMs: T0 })
  })
})

describe('the technical alarm', () => {
  const proven = (bench: ReturnType<typeof createBench>) => {
    bench.hear({ kind: 'desk', desk: 'a', by: 'Ann', isAudible: true })
    bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: null })
    heardByAll(bench)
  }
  const notArmed = (bench: ReturnType<typeof createBench>) => bench.state.technical.get('not-armed')

  it('is raised when it has been so for a minute, says why, and is mended at once', () => {
    const bench = createBench()
    bench.wait(59_000)
    expect(notArmed(bench)).toBeUndefined()
    bench.wait(2_000)
    expect(notArmed(bench)?.text).toMatch(
      /^An alarm now might reach nobody\. No desk page is open\. No telephone/,
    )
    proven(bench)
    bench.wait(250)
    expect([notArmed(bench), bench.state.armed.isArmed]).toEqual([undefined, true])
  })

  it('a desk page that says it is being closed counts no longer; another one that is open still does', () => {
    const bench = createBench()
    proven(bench)
    bench.hear({ kind: 'desk', desk: 'b', by: null, isAudible: true })
    bench.hear({ kind: 'desk', desk: 'a', by: 'Ann', isAudible: true, isLeaving: true })
    bench.wait(250)
    expect(bench.state.armed.isArmed).toBe(true)
    bench.hear({ kind: 'desk', desk: 'b', by: null, isAudible: true, isLeaving: true })
    bench.wait(250)
    expect(armedView(bench.state.plan, bench.state.armed)).toMatchObject({ isArmed: false, reasons: [DESK] })
  })

  it('is one row a minute at most, however its reasons come and go', () => {
    const bench = createBench()
    for (let second = 0; second < 600; second++) {
      bench.hear({ kind: 'desk', desk: 'a', by: null, isAudible: second % 2 === 0 })
      bench.wait(1_000)
    }
    const rows = bench.entries.filter(({ change }) => 'key' in change && change.key === 'not-armed')
    expect(rows.length).toBeLessThanOrEqual(10)
    expect(rows.length).toBeGreaterThan(0)
  })

  it('is not raised by a desk page that is loaded anew', () => {
    const bench = createBench()
    proven(bench)
    for (let i = 0; i < 40; i++) {
      bench.wait(2_000)
      bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: null })
      heardByAll(bench)
      bench.hear({ kind: 'desk', desk: `page-${i}`, by: null, isAudible: i % 4 !== 0 })
    }
    expect(notArmed(bench)).toBeUndefined()
    expect(bench.state.reach.desks.size, 'pages that are gone are forgotten').toBeLessThan(30)
  })
})
