// An alarm without a frame is an incident as any other: paged by the policy, joined by its own source alone, graver where it says
// so, and there after a restart. No pendant has a part in it.
import { describe, expect, it } from 'vitest'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { snapshotView } from '../../../../../gateway/core/view/desk-view.ts'
import type { RaiseEvent } from '../../../../../gateway/ports.ts'
import { IncidentView } from '../../../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../../../schemas/frame.ts'
import { site } from '../../building.ts'
import { type Bench, createBench } from '../../engine.ts'

const PANEL = { of: 'input', id: 'panel-3' } as const
const raise = (bench: Bench, more: Partial<RaiseEvent> = {}) =>
  bench.hear({
    kind: 'raise',
    by: 'a panel',
    source: PANEL,
    alarm: 'assist',
    wearer: 'Panel at the counter',
    room: 'interview',
    note: null,
    ...more,
  })
const rows = ({ changes }: { changes: readonly { is: string }[] }) => changes.map(({ is }) => is)
const busy = (bench: Bench) => {
  const { pages } = bench.incident()
  bench.page(pages.at(-1)?.id ?? '', { step: 'ended', outcome: 'busy', detail: '486' })
}

describe('an alarm without a frame', () => {
  it('is paged at once, tells no pendant anything, and is shown as the API has it', () => {
    const bench = createBench()
    const decision = raise(bench)
    expect(rows(decision)).toEqual(['raised-by', 'page-due'])
    expect([decision.pages.length, decision.told.length]).toEqual([1, 0])
    const [shown] = snapshotView(bench.state, bench.nowMs).incidents
    expect(IncidentView.parse(shown)).toMatchObject({
      pendant: null,
      source: PANEL,
      wearerTold: 'no-pendant',
    })
  })

  it('is in the room whose door it names; where several doors have the number it is called all the same, and says which', () => {
    const bench = createBench()
    raise(bench, { room: '214' })
    expect(bench.incident()).toMatchObject({ whereabouts: { room: 'interview' }, sessionNote: null })
    const two = site()
    const rooms = [{ id: 'annex-214', number: '214', adjacent: [] }]
    two.buildings.push({
      id: 'annex',
      name: 'The Annex',
      floors: [{ id: 'a0', name: 'Ground floor', rooms }],
    })
    const other = createBench({ plan: planOf(two) })
    expect(rows(raise(other, { room: '214' }))).toEqual(['raised-by', 'page-due'])
    expect(other.incident()).toMatchObject({
      whereabouts: { room: null },
      sessionNote: 'The room was given as 214: Northgate House, 214 Interview room, or The Annex, 214.',
    })
  })

  it('that names an id which stands on another door is in neither, and says which they are', () => {
    const renumbered = site()
    const rooms = [{ id: '214', number: '215', adjacent: [] }]
    renumbered.buildings[0]?.floors[0]?.rooms.push(...rooms)
    const bench = createBench({ plan: planOf(renumbered) })
    expect(rows(raise(bench, { room: '214' }))).toEqual(['raised-by', 'page-due'])
    expect(bench.incident()).toMatchObject({
      whereabouts: { room: null },
      sessionNote: 'The room was given as 214: Northgate House, 215, or Northgate House, 214 Interview room.',
    })
    const { number = '' } = rooms[0] ?? {}
    const plain = createBench({ plan: planOf(renumbered) })
    raise(plain, { room: number })
    expect(plain.incident()).toMatchObject({ whereabouts: { room: '214' }, sessionNote: null })
  })

  it('is there after a restart, its call placed again, its number given once', () => {
    const bench = createBench()
    raise(bench)
    const after = bench.restart()
    expect(after.hear({ kind: 'start' }).pages).toHaveLength(1)
    raise(after, { source: { of: 'input', id: 'panel-4' } })
    expect(after.incidents().map(({ id }) => id)).toEqual(['i-0001', 'i-0002'])
  })

  it('said again by the same source, it is one incident, and people are called at once', () => {
    const bench = createBench()
    raise(bench)
    busy(bench)
    bench.nowMs += 5_001
    const again = raise(bench)
    expect(rows(again)).toEqual(['raised-again', 'page-due'])
    expect(bench.incident()).toMatchObject({ presses: 2, state: 'raised' })
  })

  it('within five seconds it is a contact that chatters: no row, unless it is graver', () => {
    const bench = createBench()
    raise(bench)
    for (let i = 0; i < 100; i++) {
      bench.nowMs += 40
      expect(raise(bench).changes).toEqual([])
    }
    expect(rows(raise(bench, { alarm: 'duress' }))).toContain('worsened')
    expect(bench.incident().kind).toBe('duress')
  })

  it('of another person by the same source, it is another incident, within five seconds too', () => {
    const bench = createBench()
    const first = raise(bench, { wearer: 'jane' })
    const second = raise(bench, { wearer: 'omar', room: 'hall' })
    expect([first, second].map(({ answer }) => answer)).toEqual([
      { refused: null, incident: 'i-0001' },
      { refused: null, incident: 'i-0002' },
    ])
    expect(second.pages).toHaveLength(1)
    raise(bench, { wearer: 'jane', alarm: 'cord' })
    expect(bench.incidents().map(({ wearer, kind, presses }) => [wearer, kind, presses])).toEqual([
      ['jane', 'cord', 2],
      ['omar', 'assist', 1],
    ])
  })

  it('from another room, or with another note, it is told so at once in the call that is on, and to the next', () => {
    const bench = createBench()
    raise(bench, { note: 'Wait outside' })
    bench.page('i-0001-p1', { step: 'sent' })
    bench.page('i-0001-p1', { step: 'reached' })
    const moved = raise(bench, { room: 'hall', note: 'He has a knife' })
    expect(rows(moved)).toEqual(['raised-again', 'located', 'page-news'])
    expect(moved.changes[2]).toMatchObject({
      words: [
        'The alarm was raised again.',
        'Now:',
        'Northgate House, room 1.',
        'Note with the alarm: He has a knife Wait outside.',
      ],
    })
    expect(bench.incident()).toMatchObject({ whereabouts: { room: 'hall' } })
    expect(raise(bench, { room: 'hall', note: 'He has a knife' }).changes).toEqual([])
    const after = bench.restart()
    expect(after.incident()).toMatchObject({
      sessionNote: 'He has a knife Wait outside',
      whereabouts: { room: 'hall' },
    })
  })

  it('with another note while it rings, the call begins with it', () => {
    const bench = createBench()
    raise(bench, { note: 'Wait outside' })
    bench.page('i-0001-p1', { step: 'sent' })
    raise(bench, { note: 'He has a knife' })
    expect(bench.incident().pages[0]?.said).toContain('He has a knife Wait outside.')
  })

  it('another source, and the same one after its incident is resolved, begin another', () => {
    const bench = createBench()
    raise(bench)
    raise(bench, { source: { of: 'session', id: 'panel-3' } })
    bench.hear({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'test', reason: 'tried' })
    raise(bench)
    expect(bench.incidents().map(({ id, source }) => `${id} ${source?.of}`)).toEqual([
      'i-0001 input',
      'i-0002 session',
      'i-0003 input',
    ])
  })

  it('graver than what somebody has in hand, it is called anew', () => {
    const bench = createBench()
    raise(bench)
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    const worse = raise(bench, { alarm: 'cord' })
    expect([rows(worse), bench.incident().state]).toEqual([
      ['raised-again', 'worsened', 'page-due'],
      'raised',
    ])
  })

  it('stands beside an alarm of a pendant, of which neither takes anything', () => {
    const bench = createBench()
    bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    raise(bench, { wearer: 'jane' })
    bench.report({ counter: 11, kind: KIND_CORD, alarmNumber: 1 })
    bench.hear({ kind: 'acknowledge', incident: 'i-0002', by: 'Ann' })
    expect(bench.incidents().map(({ id, pendant, state }) => [id, pendant, state])).toEqual([
      ['i-0001', 'p-07', 'raised'],
      ['i-0002', null, 'acknowledged'],
    ])
  })

  it('whose policy is gone from the site is called by the one that an alarm like it would be', () => {
    const bench = createBench()
    raise(bench)
    busy(bench)
    const { policies, ...rest } = site()
    const [policy] = policies
    if (policy === undefined) throw new Error('expected a policy')
    bench.hear({
      kind: 'site',
      by: 'Ann',
      plan: planOf({ ...rest, policies: [{ ...policy, id: 'new' }], policy: 'new' }),
    })
    expect(bench.wait(60_000).pages).toHaveLength(1)
  })
})
