// Again and again and up the ladder until a human presses a key.
import { describe, expect, it } from 'vitest'
import { escalate } from '../../../../gateway/core/incident/escalation.ts'
import type { Plan } from '../../../../gateway/core/plan/plan.ts'
import { KIND_CORD, KIND_DURESS } from '../../../../schemas/frame.ts'
import type { Policy, Step } from '../../../../schemas/site/paging.ts'
import { plan } from '../building.ts'
import { type Bench, createBench } from '../engine.ts'

const raisedBench = (): Bench => {
  const bench = createBench()
  bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  return bench
}

const live = (bench: Bench) => bench.incident().pages.filter(page => page.endedAtMs === undefined)

/** Lets every live page end badly. */
function fail(bench: Bench, outcome: 'busy' | 'no-answer' | 'unreachable' = 'busy'): void {
  for (const page of live(bench)) {
    bench.page(page.id, { step: 'sent' })
    bench.page(page.id, { step: 'ended', outcome, detail: outcome })
  }
}

describe('a page that reached nobody', () => {
  it('is tried again after the pause, not before', () => {
    const bench = raisedBench()
    fail(bench)
    bench.wait(2_999)
    expect(live(bench)).toHaveLength(0)
    bench.wait(1)
    expect(live(bench)).toMatchObject([{ id: 'i-0001-p2', attempt: 2, step: 0, round: 1 }])
  })

  it('climbs to the next step at once when the attempts of one are used up, and pages all of it together', () => {
    const bench = raisedBench()
    fail(bench)
    bench.wait(3_000)
    fail(bench)
    expect(live(bench)).toMatchObject([
      { target: '5150', step: 1 },
      { target: '5151', step: 1 },
    ])
  })

  it('raises the loud alarm when every round is over, and goes on all the same', () => {
    const bench = raisedBench()
    fail(bench)
    bench.wait(3_000)
    fail(bench)
    fail(bench)
    expect(bench.state.technical.get('unanswered:i-0001')?.text).toMatch(
      /Nobody has answered the alarm of Jane Smith \(i-0001\)/,
    )
    expect(live(bench)).toHaveLength(0)
    bench.wait(29_999)
    expect(live(bench)).toHaveLength(0)
    bench.wait(1)
    expect(live(bench)).toMatchObject([{ step: 0, round: 2 }])
    expect(bench.incident().state).toBe('raised')
  })

  it('stays unanswered through every further round', () => {
    const bench = raisedBench()
    const policy = plan().policies.get('office') as never
    for (let turn = 0; turn < 12; turn++) {
      fail(bench)
      const { nextAtMs, isUnanswered } = escalate(bench.incident(), policy, bench.nowMs)
      expect(isUnanswered).toBe(bench.state.technical.has('unanswered:i-0001'))
      bench.wait(Math.max(0, (nextAtMs ?? bench.nowMs) - bench.nowMs))
    }
    expect(bench.incident().pages.at(-1)?.round).toBeGreaterThan(2)
  })

  it('always has a next step, for days', () => {
    const bench = raisedBench()
    for (let turn = 0; turn < 5_000; turn++) {
      const incident = bench.incident()
      const { nextAtMs } = escalate(incident, plan().policies.get('office') as never, bench.nowMs)
      expect(live(bench).length > 0 || nextAtMs !== null).toBe(true)
      if (live(bench).length > 0) fail(bench, 'unreachable')
      else bench.wait(Math.max(0, (nextAtMs ?? 0) - bench.nowMs))
    }
    expect(bench.incident().pages.length).toBeLessThanOrEqual(200)
  })
})

const office = plan().policies.get('office') as Policy
const [first, second] = office.steps as [Step, Step]
const planWith = (steps: Step[]): Plan => {
  const whole = plan()
  return { ...whole, policies: new Map([...whole.policies, ['office', { ...office, steps, rounds: 1 }]]) }
}

describe('a ladder that was begun anew', () => {
  it('does not wait for the end of a call of the one before', () => {
    const bench = createBench({ plan: planWith([{ ...first, attempts: 1 }]) })
    bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    bench.page('i-0001-p1', { step: 'reached' })
    bench.report({ counter: 20, kind: KIND_DURESS, alarmNumber: 2 })
    bench.page('i-0001-p2', { step: 'ended', outcome: 'busy', detail: '486' })
    bench.wait(25_000)
    bench.page('i-0001-p1', { step: 'ended', outcome: 'hung-up', detail: 'they hung up' })
    expect(bench.wait(4_999).pages).toEqual([])
    expect(bench.wait(1).pages).toMatchObject([{ page: 'i-0001-p3' }])
  })
})

describe('the largest step that a site file allows', () => {
  it('is over when every target was tried as often as it says, and the next one follows', () => {
    const targets = Array.from({ length: 16 }, (_, i) => ({ channel: 'sip' as const, to: `${6000 + i}` }))
    const bench = createBench({ plan: planWith([{ ...first, targets, attempts: 20 }, second]) })
    bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    for (let attempt = 1; attempt <= 20; attempt++) {
      expect(live(bench).map(page => [page.step, page.attempt])).toEqual(targets.map(() => [0, attempt]))
      fail(bench)
      bench.wait(3_000)
    }
    expect(live(bench).map(({ step, target }) => [step, target])).toEqual(
      second.targets.map(({ to }) => [1, to]),
    )
    for (let i = 0; i < 20; i++) {
      fail(bench)
      bench.wait(30_000)
    }
    expect(bench.incident().pages.length).toBeLessThan(2 * 16 * 20)
  })
})

describe('key 1 on the telephone', () => {
  it('acknowledges, stops the ladder, tells the wearer, and leaves that call to say thank you', () => {
    const bench = raisedBench()
    bench.page('i-0001-p1', { step: 'sent' })
    bench.page('i-0001-p1', { step: 'reached' })
    const { changes, withdrawn, told } = bench.page('i-0001-p1', { step: 'answered', with: '1' })
    expect(changes.map(change => change.is)).toEqual(['page-key', 'acknowledged', 'page-ended', 'told'])
    expect([withdrawn, told.length]).toEqual([[], 1])
    expect(bench.incident()).toMatchObject({
      state: 'acknowledged',
      acknowledged: { by: '5150 Security desk (key 1)' },
    })
    bench.wait(600_000)
    expect(bench.incident().pages).toHaveLength(1)
  })

  it('on one telephone ends the calls to the others', () => {
    const bench = raisedBench()
    fail(bench)
    bench.wait(3_000)
    fail(bench)
    const [first, second] = live(bench)
    const { withdrawn } = bench.page(second?.id ?? '', { step: 'answered', with: '1' })
    expect(withdrawn).toEqual([first?.id])
  })

  it('mends the loud alarm', () => {
    const bench = raisedBench()
    for (let i = 0; i < 3; i++) {
      fail(bench)
      bench.wait(3_000)
    }
    expect(bench.state.technical.has('unanswered:i-0001')).toBe(true)
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    expect(bench.state.technical.size).toBe(0)
  })

  it('pressed just as the call ends still counts', () => {
    const bench = raisedBench()
    bench.page('i-0001-p1', { step: 'ended', outcome: 'hung-up', detail: 'BYE' })
    bench.page('i-0001-p1', { step: 'answered', with: '1' })
    expect(bench.incident().state).toBe('acknowledged')
  })

  it('is the only key that acknowledges, and being answered is not acknowledged', () => {
    const bench = raisedBench()
    bench.page('i-0001-p1', { step: 'reached' })
    bench.page('i-0001-p1', { step: 'answered', with: '5' })
    expect(bench.incident().state).toBe('raised')
  })
})

describe('the desk', () => {
  it('acknowledges once: the second person is told who was first', () => {
    const bench = raisedBench()
    expect(bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })).toMatchObject({
      withdrawn: ['i-0001-p1'],
    })
    const { answer } = bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Bob' })
    expect(answer.refused).toMatchObject({ came: 'i-0001, which is acknowledged', isUnknown: false })
    expect(bench.incident().acknowledged?.by).toBe('Ann')
  })

  it('attending acknowledges too, resolving ends it, and nothing un-resolves it', () => {
    const bench = raisedBench()
    bench.hear({ kind: 'attend', incident: 'i-0001', by: 'Ann' })
    expect(bench.incident()).toMatchObject({ state: 'attended', acknowledged: { by: 'Ann' } })
    bench.hear({
      kind: 'resolve',
      incident: 'i-0001',
      by: 'Ann',
      outcome: 'near-miss',
      reason: 'left by himself',
    })
    expect(bench.incident().state).toBe('resolved')
    expect(bench.hear({ kind: 'attend', incident: 'i-0001', by: 'Bob' }).answer.refused).not.toBeNull()
  })

  it('is told when there is no such incident', () => {
    const { answer } = createBench().hear({ kind: 'acknowledge', incident: 'i-9999', by: 'Ann' })
    expect(answer.refused).toMatchObject({ isUnknown: true })
  })
})

describe('after a restart', () => {
  it('a page that never left is placed, the same page', () => {
    const after = raisedBench().restart()
    const { pages, changes } = after.hear({ kind: 'start' })
    expect(pages.map(page => page.page)).toEqual(['i-0001-p1'])
    expect(changes).toEqual([])
  })

  it('a call that was up is ended as interrupted and placed anew at once, without using up an attempt', () => {
    const bench = raisedBench()
    bench.page('i-0001-p1', { step: 'sent' })
    bench.page('i-0001-p1', { step: 'reached' })
    const after = bench.restart()
    const { pages } = after.hear({ kind: 'start' })
    expect(pages.map(page => page.page)).toEqual(['i-0001-p2'])
    expect(after.incident().pages).toMatchObject([{ outcome: 'interrupted' }, { attempt: 1 }])
  })

  it('that cuts every call uses up attempts in the end, so that somebody is told', () => {
    let bench = raisedBench()
    for (let restart = 0; restart < 12; restart++) {
      for (const page of live(bench)) bench.page(page.id, { step: 'sent' })
      bench = bench.restart()
      bench.hear({ kind: 'start' })
      bench.wait(3_000)
    }
    expect(bench.state.technical.has('unanswered:i-0001')).toBe(true)
  })

  it('the wearer is told again what was known', () => {
    const bench = raisedBench()
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    const before = bench.incident().told
    const { told, pages } = bench.restart().hear({ kind: 'start' })
    expect([told.length, pages.length]).toEqual([1, 0])
    expect(before).toMatchObject({ beaconCounter: 2 })
  })
})
