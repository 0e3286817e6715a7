// When the desk may say that all is quiet, and what it says in its place.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeskState } from '../../../gateway/console/ui/state/desk.ts'
import { doubtOf, faultsOf } from '../../../gateway/console/ui/words/doubt.ts'
import type { SessionView } from '../../../schemas/api/session.ts'

const NOW = 1_000_000
const quiet: DeskState = {
  seq: 0,
  site: 'Ashworth House',
  nowMs: NOW,
  incidents: [],
  technical: [],
  armed: { isArmed: true, reasons: [], sinceMs: 0 },
  security: [],
  tests: [],
  mended: [],
  sessions: [],
  receivers: [{ id: 'r-1', room: '210 Hall', isOnline: true, sinceMs: 0 }],
}
const session = (over: Partial<SessionView> = {}): SessionView => ({
  id: 's-1',
  pendant: 'p-07',
  wearer: 'Mira Patel',
  room: 'interview-2',
  door: '214 Interview room 2',
  building: null,
  note: null,
  sinceMs: 0,
  untilMs: NOW + 60_000,
  by: 'Sam',
  pendantState: 'heard',
  ...over,
})
const fault = { key: 'sip', text: 'down', sinceMs: 1 }

test('it is quiet while an alarm would reach somebody, nobody is overdue and everything works', () => {
  expect(doubtOf(quiet, false, NOW)).toBeNull()
  expect(doubtOf({ ...quiet, sessions: [session()] }, false, NOW)).toBeNull()
})

describe('it is not quiet where', () => {
  test.each<[string, Partial<DeskState>, string, string[]]>([
    [
      'an alarm would reach nobody',
      { armed: { isArmed: false, reasons: ['No desk page is open.'], sinceMs: 1 } },
      'Not armed: an alarm now might reach nobody',
      ['No desk page is open.'],
    ],
    [
      'it is armed in part',
      { armed: { isArmed: true, reasons: [], uncovered: ['214', '215 Court'], sinceMs: 1 } },
      'Partly armed: in some rooms nobody would be heard',
      ['No receiver is known to hear a pendant in 214, 215 Court.'],
    ],
    [
      'somebody is overdue',
      { sessions: [session({ untilMs: NOW - 300_000 })] },
      'No open incidents, but somebody is overdue',
      ['Mira Patel is overdue for 5 min: 214 Interview room 2.'],
    ],
    [
      'a pendant is silent',
      { sessions: [session({ pendantState: 'silent' })] },
      'No open incidents, but a pendant is not heard',
      ['The pendant of Mira Patel is not heard: an alarm from it may not arrive. Ask after them.'],
    ],
    ['a fault is open', { technical: [fault] }, 'No open incidents, but not everything works', []],
    [
      'a receiver is gone',
      { receivers: [{ id: 'r-1', room: 'hall', isOnline: false, sinceMs: null }] },
      'No open incidents, but not everything works',
      [],
    ],
  ])('%s', (_what, over, headline, reasons) => {
    expect(doubtOf({ ...quiet, ...over }, false, NOW)).toEqual({ headline, reasons })
  })

  test('the line is dead, whatever was last heard', () => {
    expect(doubtOf(quiet, true, NOW)?.headline).toBe('Not connected: nothing new shows here')
  })
})

test('of any state, quiet means: armed whole, connected, nobody overdue, every pendant heard, no fault, all receivers there', () => {
  const state = fc.record({
    isArmed: fc.boolean(),
    uncovered: fc.option(fc.constantFrom<string[]>([], ['214']), { nil: undefined }),
    leftMs: fc.array(fc.integer({ min: -10, max: 10 }), { maxLength: 3 }),
    pendantState: fc.constantFrom('heard', 'late', 'silent', 'never-heard', 'unsupervised', undefined),
    faults: fc.integer({ min: 0, max: 1 }),
    isOnline: fc.boolean(),
    isLost: fc.boolean(),
  })
  fc.assert(
    fc.property(state, ({ isArmed, uncovered, leftMs, pendantState, faults, isOnline, isLost }) => {
      const { pendantState: _, ...plain } = session()
      const sessions = leftMs.map(left => ({
        ...plain,
        untilMs: NOW + left,
        ...(pendantState === undefined ? {} : { pendantState }),
      }))
      const desk: DeskState = {
        ...quiet,
        armed: { isArmed, reasons: [], sinceMs: 0, ...(uncovered === undefined ? {} : { uncovered }) },
        sessions,
        technical: faults === 0 ? [] : [fault],
        receivers: [{ id: 'r-1', room: 'hall', isOnline, sinceMs: 0 }],
      }
      const isWell =
        isArmed &&
        !isLost &&
        (uncovered ?? []).length === 0 &&
        leftMs.every(left => left >= 0) &&
        (sessions.length === 0 || ['heard', 'unsupervised', undefined].includes(pendantState)) &&
        faults === 0 &&
        isOnline
      expect(doubtOf(desk, isLost, NOW) === null).toBe(isWell)
    }),
  )
})

test('that nothing is armed is not said a second time among the faults', () => {
  const notArmed = { key: 'not-armed', text: 'An alarm now might reach nobody.', sinceMs: 1 }
  const technical = [fault, notArmed]
  expect(faultsOf({ ...quiet, technical, armed: { isArmed: false, reasons: [], sinceMs: 1 } })).toEqual([
    fault,
  ])
  expect(faultsOf({ ...quiet, technical })).toEqual(technical)
})
