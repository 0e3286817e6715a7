// A page as the engine sees it: tables of what the wire said and what is told.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { follow, type Heard, type PageState, replied } from '../../../../gateway/pagers/sip/page.ts'
import { order } from './rig.ts'

const placed: PageState = { order: order('p'), phase: 'placed', ending: null }
const heard = {
  invited: { is: 'invited', page: 'p', atMs: 1 },
  ringing: { is: 'ringing', page: 'p', atMs: 2 },
  answered: { is: 'answered', page: 'p', atMs: 3 },
  one: { is: 'key', page: 'p', atMs: 4, key: '1' },
  said: { is: 'said', page: 'p', atMs: 4, news: 1 },
  five: { is: 'key', page: 'p', atMs: 4, key: '5' },
  us: { is: 'over', page: 'p', atMs: 5, ending: { by: 'us' } },
  hungUp: { is: 'over', page: 'p', atMs: 5, ending: { by: 'hang-up' } },
  lost: { is: 'over', page: 'p', atMs: 5, ending: { by: 'line', detail: 'gone' } },
} satisfies Record<string, Heard>
const status = (code: number, reason: string): Heard => ({
  is: 'over',
  page: 'p',
  atMs: 5,
  ending: { by: 'status', status: code, reason },
})

function told(start: PageState, ...all: Heard[]): string {
  let page = start
  const steps: string[] = []
  for (const each of all) {
    const next = follow(page, each)
    page = next.page
    for (const step of next.steps) {
      steps.push(step.step === 'ended' ? `${step.outcome} (${step.detail})` : step.step)
    }
  }
  return steps.join(' ')
}

describe('what is told', () => {
  test.each([
    ['key 1 is a key and no end', [heard.invited, heard.answered, heard.one], 'sent reached answered'],
    [
      'key 1 and a hang-up',
      [heard.answered, heard.one, heard.hungUp],
      'reached answered hung-up (hung up without pressing 1)',
    ],
    ['news that was said', [heard.answered, heard.said], 'reached said'],
    ['another key', [heard.invited, heard.answered, heard.five], 'sent reached answered'],
    [
      'a hang-up',
      [heard.invited, heard.answered, heard.hungUp],
      'sent reached hung-up (hung up without pressing 1)',
    ],
    ['ringing twice', [heard.invited, heard.ringing, heard.ringing], 'sent accepted'],
    ['ringing after the answer', [heard.invited, heard.answered, heard.ringing], 'sent reached'],
    [
      'anything after the end',
      [heard.invited, heard.lost, heard.answered, heard.one, heard.us],
      'sent unreachable (gone)',
    ],
    ['busy', [heard.invited, status(486, 'Busy Here')], 'sent busy (486 Busy Here)'],
    ['busy everywhere', [heard.invited, status(600, 'Busy Everywhere')], 'sent busy (600 Busy Everywhere)'],
    [
      'declined',
      [heard.invited, heard.ringing, status(603, 'Decline')],
      'sent accepted declined (603 Decline)',
    ],
    ['nobody there at all', [heard.invited, status(480, 'Gone')], 'sent unreachable (480 Gone)'],
    [
      'nobody came',
      [heard.invited, heard.ringing, status(480, 'Gone')],
      'sent accepted no-answer (480 Gone)',
    ],
    [
      'timed out at the exchange',
      [heard.invited, heard.ringing, status(408, 'Timeout')],
      'sent accepted no-answer (408 Timeout)',
    ],
    ['no such number', [heard.invited, status(404, 'Not Found')], 'sent unreachable (404 Not Found)'],
    ['exchange overloaded', [heard.invited, status(503, 'Busy')], 'sent unreachable (503 Busy)'],
    ['wrong password', [heard.invited, status(407, 'Authentication')], 'sent failed (407 Authentication)'],
    ['no reason given', [heard.invited, status(500, '')], 'sent failed (500)'],
  ])('%s', (_name, all, steps) => {
    expect(told(placed, ...all)).toBe(steps)
  })

  test('an end of our own says why we wanted it', () => {
    const ending = { outcome: 'no-answer' as const, detail: 'no answer within 20 s' }
    expect(told({ ...placed, phase: 'ringing', ending }, heard.us)).toBe('no-answer (no answer within 20 s)')
  })

  test('a key that crosses our hanging up is told before the end', () => {
    const ending = { outcome: 'no-answer' as const, detail: 'no key' }
    expect(told({ ...placed, phase: 'answered', ending }, heard.one, heard.us)).toBe(
      'answered no-answer (no key)',
    )
  })

  const LAST = { page: 'p', words: ['Words.'], phrases: [], isLast: true, news: null } as const
  test.each([
    ['thanks', 'thank', heard.us, 'acknowledged (acknowledged, and thanked)'],
    ['thanks, hung up on', 'thank', heard.hungUp, 'acknowledged (acknowledged, and thanked)'],
    ['thanks, and then the line is lost', 'thank', heard.lost, 'unreachable (gone)'],
    ['that somebody else has it', 'taken', heard.us, 'withdrawn (no longer needed, and told so)'],
  ] as const)('%s is how it ended, as the core decided', (_name, is, over, steps) => {
    const state = replied({ ...placed, phase: 'answered' }, { ...LAST, is })
    expect(told(state, over)).toBe(steps)
  })

  test('a reply before anybody answers is what the call begins with', () => {
    const news = { ...LAST, is: 'news', isLast: false, phrases: ['New.'] } as const
    expect(replied(placed, news).order.phrases).toEqual(['New.'])
  })
})

test('whatever the wire says, a page ends once and nothing is told after it', () => {
  const anything = fc.constantFrom<Heard>(...Object.values(heard), status(486, 'Busy'), status(480, 'Gone'))
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 12 }), all => {
      let page = placed
      const steps: string[] = []
      for (const each of [...all, heard.us]) {
        const next = follow(page, each)
        page = next.page
        steps.push(...next.steps.map(step => step.step))
      }
      expect(steps.filter(step => step === 'ended')).toHaveLength(1)
      expect(steps.at(-1)).toBe('ended')
    }),
  )
})

test('last words after which there was more to say are none: who hangs up then has hung up', () => {
  const about = { page: 'p', words: [], phrases: [], news: null }
  const last = replied({ ...placed, phase: 'answered' }, { ...about, is: 'taken', isLast: true })
  expect(told(last, heard.hungUp)).toBe('withdrawn (no longer needed, and told so)')
  const onward = replied(last, { ...about, is: 'worse', isLast: false, news: 1 })
  expect(told(onward, heard.hungUp)).toBe('hung-up (hung up without pressing 1)')
})
