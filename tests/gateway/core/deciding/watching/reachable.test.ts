// A telephone that can be called again: whoever could not get through to it is called about now, and nobody else is.
import { expect, it } from 'vitest'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { KIND_CORD } from '../../../../../schemas/frame.ts'
import { site } from '../../building.ts'
import { type Bench, createBench } from '../../engine.ts'

/** One attempt in one round, and ten minutes until the next: whatever is called before that was not waited for. */
function patient(): Bench {
  const base = site()
  const [policy] = base.policies
  const [step] = policy?.steps ?? []
  if (policy === undefined || step === undefined) throw new Error('expected a policy with a step')
  const steps = [{ ...step, attempts: 1 }]
  return createBench({
    plan: planOf({ ...base, policies: [{ ...policy, steps, rounds: 1, onwardSeconds: 600 }] }),
  })
}
const asked = (bench: Bench, fault: string | null, target = '5150') =>
  bench.hear({ kind: 'target', channel: 'sip', target, fault })
function raised(bench: Bench, outcome: 'unreachable' | 'busy'): void {
  bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  bench.page('i-0001-p1', { step: 'ended', outcome, detail: '' })
}

it('calls at once about an alarm that could not get through, once, and over a restart too', () => {
  const before = patient()
  asked(before, 'no connection')
  raised(before, 'unreachable')
  expect(before.wait(30_000).pages).toEqual([])
  const bench = before.restart()
  bench.hear({ kind: 'start' })
  asked(bench, 'no connection')
  expect(asked(bench, 'no connection').pages).toEqual([])
  const back = asked(bench, null)
  expect(back.pages.map(({ target }) => target)).toEqual(['5150'])
  expect(back.changes.map(({ is }) => is)).toEqual(['hurried', 'page-due'])
  expect(asked(bench, null).pages, 'it is being called').toEqual([])
  bench.page('i-0001-p2', { step: 'ended', outcome: 'unreachable', detail: '' })
  expect(asked(bench, null).pages, 'it never was away').toEqual([])
})

it('calls about none that got through to somebody, that somebody has, or that another telephone is for', () => {
  const bench = patient()
  asked(bench, 'no connection')
  raised(bench, 'busy')
  expect(asked(bench, null).pages).toEqual([])
  const other = patient()
  asked(other, 'no connection', '5151')
  raised(other, 'unreachable')
  expect(asked(other, null, '5151').pages).toEqual([])
  asked(other, 'no connection')
  other.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
  expect(asked(other, null).changes).toEqual([])
})
