// What the page knows: live events in, the state to draw out.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  follow,
  held,
  mended,
  open,
  resolved,
  securityEvents,
  waiting,
  withAnswer,
} from '../../../gateway/console/ui/state/desk.ts'
import type { DeskSnapshot, IncidentState, LiveEvent } from '../../../schemas/api/desk.ts'
import { incidentOf } from './scripted-desk.ts'

const empty: DeskSnapshot = {
  seq: 0,
  site: 'Ashworth House',
  nowMs: 0,
  incidents: [],
  technical: [],
  armed: { isArmed: true, reasons: [], sinceMs: 0 },
  tests: [],
  mended: [],
  sessions: [],
  security: [],
  receivers: [],
}
const snapshot = (over: Partial<DeskSnapshot> = {}): LiveEvent => {
  const whole = { ...empty, ...over }
  return { kind: 'snapshot', seq: whole.seq, snapshot: whole }
}
const stateAfter = (...events: LiveEvent[]): DeskSnapshot => {
  const state = events.reduce<DeskSnapshot | null>(follow, null)
  if (state === null) throw new Error('expected a state after a snapshot')
  return state
}
const resolvedAt = (id: string, atMs: number) =>
  incidentOf({ id, state: 'resolved', resolved: { atMs, by: 'Sam', outcome: 'test', reason: 'ok' } })

describe('following', () => {
  test('nothing is known before the first snapshot', () => {
    expect(follow(null, { kind: 'technical', seq: 1, technical: [] })).toBeNull()
  })

  test('an incident replaces what was known of it and leaves the others', () => {
    const state = stateAfter(snapshot({ incidents: [incidentOf({ id: 'a' }), incidentOf({ id: 'b' })] }), {
      kind: 'incident',
      seq: 5,
      incident: incidentOf({ id: 'a', state: 'acknowledged' }),
    })
    expect([waiting(state).map(({ id }) => id), held(state).map(({ id }) => id), state.seq]).toEqual([
      ['b'],
      ['a'],
      5,
    ])
  })

  test('a snapshot replaces everything, so that nothing stays wrong', () => {
    const state = stateAfter(snapshot({ incidents: [incidentOf()] }), snapshot({ seq: 1 }))
    expect(state.incidents).toEqual([])
  })

  test('technical alarms and receivers are always told whole', () => {
    const fault = { key: 'sip', text: 'down', sinceMs: 1 }
    const receiver = { id: 'r-1', room: 'hall', isOnline: false, sinceMs: null }
    const state = stateAfter(
      snapshot({ technical: [{ ...fault, key: 'old' }] }),
      { kind: 'technical', seq: 1, technical: [fault] },
      { kind: 'receivers', seq: 1, receivers: [receiver] },
    )
    expect([state.technical, state.receivers]).toEqual([[fault], [receiver]])
  })

  test('what works again is told of each thing once, and of nothing that is out of order again', () => {
    const over = (key: string, seq: number): LiveEvent => ({
      kind: 'mended',
      seq,
      mended: { key, seq, text: `${key} ${seq}`, sinceMs: 1, atMs: seq },
    })
    const state = stateAfter(snapshot(), over('sip', 2), over('receiver:r-1', 3), over('sip', 4))
    expect(mended(state).map(({ text }) => text)).toEqual(['sip 4', 'receiver:r-1 3'])
    const again = stateAfter(snapshot(), over('sip', 2), over('receiver:r-1', 3), {
      kind: 'technical',
      seq: 4,
      technical: [{ key: 'sip', text: 'down', sinceMs: 4 }],
    })
    expect(mended(again).map(({ key }) => key)).toEqual(['receiver:r-1'])
  })

  test('a security event that is counted up is shown once, and never more than the limit', () => {
    const event = (seq: number, text: string): LiveEvent => ({
      kind: 'security',
      seq,
      event: { seq, atMs: 1, reason: 'replayed', pendant: 'p', receiver: 'r', text },
    })
    const counted = stateAfter(snapshot(), event(3, 'once'), event(3, 'twice'))
    expect(securityEvents(counted).map(({ text }) => text)).toEqual(['twice'])
    const seqs = Array.from({ length: 60 }, (_, seq) => seq)
    const old = seqs.map(seq => ({ seq, atMs: 1, reason: 'replayed', pendant: 'p', receiver: 'r', text: '' }))
    const full = stateAfter(snapshot({ security: old }), event(60, 'newest'))
    expect(securityEvents(full).map(({ seq }) => seq)).toEqual([60, ...seqs.slice(-49).reverse()])
    const many = stateAfter(snapshot(), ...Array.from({ length: 80 }, (_, i) => event(i, String(i))))
    expect(securityEvents(many)).toHaveLength(50)
    expect(securityEvents(many)[0]?.text).toBe('79')
  })

  const line = (seq: number, text: string) => ({ seq, atMs: seq * 1_000, by: 'Sam', text })
  const resolvedBy = line(1, 'Resolved as a test')

  test('an answer to our own request shows at once', () => {
    const state = withAnswer(
      stateAfter(snapshot({ incidents: [incidentOf()] })),
      incidentOf({ state: 'attended', lines: [line(1, 'Attending')] }),
    )
    expect([waiting(state), held(state).length]).toEqual([[], 1])
  })

  test('an answer that comes after later news is old, and takes nothing back', () => {
    const lines = [resolvedBy, line(2, '5150 Security desk: the call was ended: no longer needed')]
    const later = incidentOf({ state: 'resolved', lines })
    const state = stateAfter(snapshot({ incidents: [incidentOf()] }), {
      kind: 'incident',
      seq: 9,
      incident: later,
    })
    const answer = incidentOf({ state: 'resolved', lines: [resolvedBy] })
    expect(withAnswer(state, answer).incidents).toEqual([later])
  })
})

describe('what is drawn', () => {
  test('the gravest stands first, and what nobody has before what somebody has', () => {
    const state = stateAfter(
      snapshot({
        incidents: [
          incidentOf({ id: 'assist', kind: 'assist', raisedAtMs: 1 }),
          incidentOf({ id: 'had', kind: 'duress', state: 'acknowledged', raisedAtMs: 2 }),
          incidentOf({ id: 'cord', kind: 'cord', raisedAtMs: 30 }),
          incidentOf({ id: 'fall', kind: 'man-down', raisedAtMs: 20 }),
          incidentOf({ id: 'attended', kind: 'assist', state: 'attended', raisedAtMs: 0 }),
          incidentOf({ id: 'duress', kind: 'duress', raisedAtMs: 40 }),
        ],
      }),
    )
    expect(open(state).map(({ id }) => id)).toEqual(['duress', 'fall', 'cord', 'assist', 'had', 'attended'])
  })

  test('alarms that wait and are as grave stand oldest first, so that a new one moves none', () => {
    const state = stateAfter(
      snapshot({
        incidents: [incidentOf({ id: 'b', raisedAtMs: 20 }), incidentOf({ id: 'a', raisedAtMs: 10 })],
      }),
      { kind: 'incident', seq: 1, incident: incidentOf({ id: 'c', raisedAtMs: 30 }) },
    )
    expect(waiting(state).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  test('what is over stands newest first, and only the newest of it', () => {
    const incidents = Array.from({ length: 30 }, (_, i) => resolvedAt(`i-${i}`, i))
    const over = resolved(stateAfter(snapshot({ incidents })))
    expect([over.length, over[0]?.id]).toEqual([20, 'i-29'])
  })

  test('no sequence of events loses an open incident', () => {
    const states: IncidentState[] = ['raised', 'acknowledged', 'attended', 'resolved']
    const change = fc.record({ id: fc.integer({ min: 0, max: 5 }), state: fc.constantFrom(...states) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), changes => {
        const last = new Map(changes.map(({ id, state }) => [`i-${id}`, state]))
        const events = changes.map(
          ({ id, state }, i): LiveEvent => ({
            kind: 'incident',
            seq: i + 1,
            incident: incidentOf({ id: `i-${id}`, state }),
          }),
        )
        const state = stateAfter(snapshot(), ...events)
        const drawn = [...waiting(state), ...held(state)].map(({ id }) => id).sort()
        const open = [...last].filter(([, now]) => now !== 'resolved').map(([id]) => id)
        expect(drawn).toEqual(open.sort())
      }),
    )
  })
})
