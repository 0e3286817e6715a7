// Sessions: who is alone where because they said so. Their room is a strong hint for an alarm, and never taken for heard.
import { describe, expect, it } from 'vitest'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { snapshotView } from '../../../../../gateway/core/view/desk-view.ts'
import { sessionsView } from '../../../../../gateway/core/view/session-view.ts'
import { allPhrases } from '../../../../../gateway/pagers/sip/words/ahead.ts'
import type { SessionEvent } from '../../../../../gateway/ports.ts'
import { DeskSnapshot } from '../../../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../../../schemas/frame.ts'
import { plan, site } from '../../building.ts'
import { type Bench, createBench, T0 } from '../../engine.ts'
import { sentence, spoken } from '../../spoken.ts'

const MINUTE = 60_000
const signIn = (over: Partial<Extract<SessionEvent, { kind: 'sign-in' }>> = {}): SessionEvent => ({
  kind: 'sign-in',
  by: 'Sam Colleague',
  pendant: 'p-07',
  room: 'interview',
  forMs: 60 * MINUTE,
  note: 'second meeting',
  ...over,
})
/** Heard as loudly in the hall as in the interview room, and pressed. */
function pressBetween(bench: Bench, hall = -62, interview = -63): void {
  for (let counter = 1; counter < 6; counter++) {
    bench.report({ counter }, { receiver: 'r-hall', rssiDbm: hall })
    bench.report({ counter }, { receiver: 'r-interview', rssiDbm: interview })
    bench.nowMs += 1_000
  }
  bench.report({ counter: 6, kind: KIND_CORD, alarmNumber: 1 }, { receiver: 'r-hall', rssiDbm: hall })
}

/** The small building, with a room 214 in another one too. */
function twoBuildings(): ReturnType<typeof site> {
  const two = site()
  const rooms = [{ id: 'annex-214', number: '214', adjacent: [] }]
  two.buildings.push({ id: 'annex', name: 'The Annex', floors: [{ id: 'a0', name: 'Ground floor', rooms }] })
  return two
}

describe('a session', () => {
  it.each(['214', ' main/214', 'northgate house/214'])('is of the one room with the door %s', room => {
    const bench = createBench()
    expect(bench.hear(signIn({ room })).answer).toEqual({ refused: null })
    expect(sessionsView(bench.state, bench.nowMs)).toMatchObject([{ room: 'interview' }])
  })

  it('is refused with the rooms to choose from where several doors have the number, until its building is said', () => {
    const bench = createBench({ plan: planOf(twoBuildings()) })
    expect(bench.hear(signIn({ room: '214' })).answer).toEqual({
      refused: { expected: 'one of the rooms interview, annex-214', came: '214', isUnknown: false },
    })
    expect(bench.hear(signIn({ room: 'annex/214' })).answer).toEqual({ refused: null })
    expect(sessionsView(bench.state, bench.nowMs)).toMatchObject([{ room: 'annex-214' }])
  })

  it('is a row, with who signed in, and is in the list of who is alone where', () => {
    const bench = createBench()
    expect(bench.hear(signIn()).answer).toEqual({ refused: null })
    expect(bench.entries.at(-1)).toMatchObject({
      actor: 'Sam Colleague',
      change: { is: 'session-began', session: 's-0001', pendant: 'p-07', wearer: 'jane', room: 'interview' },
    })
    expect(sessionsView(bench.state, bench.nowMs)).toEqual([
      {
        id: 's-0001',
        pendant: 'p-07',
        wearer: 'Jane Smith',
        room: 'interview',
        door: '214 Interview room',
        building: 'Northgate House',
        note: 'second meeting',
        sinceMs: T0,
        untilMs: T0 + 60 * MINUTE,
        by: 'Sam Colleague',
        pendantState: 'never-heard',
        pendantWarning:
          'This pendant has not been heard since the gateway started: do not rely on it before it is',
      },
    ])
    DeskSnapshot.parse(snapshotView(bench.state, bench.nowMs))
  })

  it('is over once somebody signs out, and the row says who', () => {
    const bench = createBench()
    bench.hear(signIn())
    bench.hear({ kind: 'sign-out', session: 's-0001', by: 'Jane' })
    expect(bench.entries.at(-1)).toMatchObject({
      actor: 'Jane',
      change: { is: 'session-ended', session: 's-0001', why: 'signed-out' },
    })
    expect(sessionsView(bench.state, bench.nowMs)).toEqual([])
    expect(bench.hear({ kind: 'sign-out', session: 's-0001', by: 'Jane' }).answer.refused).toMatchObject({
      isUnknown: true,
    })
  })

  it.each([
    ['a pendant nobody has', { pendant: 'p-99' }, true],
    ['a room that is not there', { room: 'attic' }, true],
    ['a pendant that is signed in already', {}, false],
  ])('is refused for %s', (_name, over, isUnknown) => {
    const bench = createBench()
    bench.hear(signIn())
    const rows = bench.entries.length
    const { answer } = bench.hear(signIn({ pendant: 'p-07', ...over }))
    expect(answer.refused).toMatchObject({ isUnknown })
    expect(bench.entries.length).toBe(rows)
  })

  it('stands after a restart, and its number is never used again', () => {
    const bench = createBench()
    bench.hear(signIn())
    bench.hear({ kind: 'sign-out', session: 's-0001', by: 'Jane' })
    bench.hear(signIn())
    const after = bench.restart()
    after.hear({ kind: 'start' })
    expect(sessionsView(after.state, after.nowMs)).toEqual(sessionsView(bench.state, bench.nowMs))
    after.hear(signIn({ pendant: 'p-08', room: 'hall' }))
    expect(sessionsView(after.state, after.nowMs).map(({ id }) => id)).toEqual(['s-0002', 's-0003'])
  })

  it('of before a start by a clock that had stopped is overdue as soon as the time service has set it', () => {
    const before = createBench()
    before.hear(signIn({ forMs: 5 * MINUTE }))
    before.nowMs += MINUTE
    const bench = before.restart()
    bench.hear(signIn({ pendant: 'p-08', forMs: 5 * MINUTE }))
    bench.nowMs += MINUTE
    const duty = bench.state.duty
    bench.hear({ kind: 'clock', offsetMs: 180 * MINUTE })
    const [old, fresh] = sessionsView(bench.state, bench.nowMs)
    // It was 5 min long, 2 of them by our own time, and 180 while no gateway ran.
    expect([old?.pendant, bench.nowMs - (old?.untilMs ?? 0)]).toEqual(['p-07', 177 * MINUTE])
    expect(fresh?.untilMs).toBe(bench.nowMs + 4 * MINUTE)
    expect(bench.state.duty, 'and the desk is told').not.toBe(duty)
    expect(sessionsView(bench.restart().state, bench.nowMs)).toHaveLength(2)
  })

  it('is overdue on top of the list until somebody signs it out, and ends by itself twelve hours later', () => {
    const bench = createBench()
    bench.hear(signIn({ pendant: 'p-08', forMs: 3 * 60 * MINUTE }))
    bench.hear(signIn())
    bench.wait(11 * 60 * MINUTE)
    expect(sessionsView(bench.state, bench.nowMs).map(({ pendant }) => pendant)).toEqual(['p-07', 'p-08'])
    bench.wait(2 * 60 * MINUTE)
    expect(sessionsView(bench.state, bench.nowMs).map(({ pendant }) => pendant)).toEqual(['p-08'])
    expect(bench.entries.find(({ change }) => change.is === 'session-ended')).toMatchObject({
      actor: 'tocsin',
      change: { why: 'forgotten' },
    })
  })
})

describe('the booked room', () => {
  it('is named where the radio is of two minds', () => {
    const without = createBench()
    pressBetween(without)
    const bench = createBench()
    bench.hear(signIn())
    pressBetween(bench)
    expect(bench.incident().whereabouts).toMatchObject({ room: 'interview', booked: 'interview' })
    expect(without.incident().whereabouts.room).toBe('hall')
    expect(without.incident().whereabouts).not.toHaveProperty('booked')
  })

  it('is not named where the wearer is plainly heard in another', () => {
    const bench = createBench()
    bench.hear(signIn())
    pressBetween(bench, -42, -85)
    expect(bench.incident().whereabouts).toMatchObject({ room: 'hall', booked: 'interview' })
  })

  it('bears upon the room until half an hour after it was to be over, and not for other pendants', () => {
    const late = createBench()
    late.hear(signIn())
    late.nowMs += 91 * MINUTE
    pressBetween(late)
    expect(late.incident().whereabouts.room).toBe('hall')
    const other = createBench()
    other.hear(signIn({ pendant: 'p-08' }))
    pressBetween(other)
    expect(other.incident().whereabouts.room).toBe('hall')
  })

  it('is said as booked, and not as heard, where nothing tells the room', () => {
    const bench = createBench()
    bench.hear(signIn())
    // A receiver that is on no plan: taken out of the site file a moment ago.
    bench.report({ counter: 6, kind: KIND_CORD, alarmNumber: 1 }, { receiver: 'gone' })
    const incident = bench.incident()
    expect(incident.whereabouts).toMatchObject({ room: null, booked: 'interview' })
    expect(incident.pages[0]?.said).toBe(
      'Personal alarm. Jane Smith. Room not known, but booked: Northgate House, room 214. The wearer’s note: second meeting. Press 1 if you have it, 2 if you are on your way.',
    )
    expect(spoken(incident.pages[0])).toContain('Northgate House, room 2 1 4.')
    expect(incident.lines[0]?.text).toContain('room not known, booked: Northgate House, room 214')
    const [view] = snapshotView(bench.state, bench.nowMs).incidents
    expect(view).toMatchObject({ roomNumber: null, bookedRoom: '214 Interview room' })
  })

  it('has every phrase rendered ahead', () => {
    const phrases = new Set(allPhrases(plan()))
    const whereabouts = { room: null, confidence: 0, runnerUp: null, heardAtMs: null, because: [] }
    const { phrases: said } = sentence(plan(), {
      kind: 'cord',
      wearer: 'jane',
      isVerified: true,
      whereabouts: { ...whereabouts, booked: 'interview' },
    })
    expect(said.filter(phrase => !phrases.has(phrase))).toEqual([])
  })

  it('does not stand in for the nearest room where the wearer is outside', () => {
    const { said } = sentence(plan(), {
      kind: 'cord',
      wearer: 'jane',
      isVerified: true,
      whereabouts: {
        room: null,
        confidence: 0.8,
        runnerUp: 'hall',
        isOutside: true,
        heardAtMs: T0,
        because: [],
        booked: 'interview',
      },
    })
    expect(said).toContain('Outside the known rooms, nearest to Northgate House, room 1.')
  })
})
