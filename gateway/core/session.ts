// Sessions: who is expected to be alone, where and until when, because they said so. In: a sign-in, a sign-out, the time.
// Out: the decision it brings; and the odds by which the booked room is likelier than another, for locating.
import type { SessionEvent } from '../ports.ts'
import type { Change } from './change.ts'
import { type Decision, nothing, SYSTEM } from './decision.ts'
import type { State } from './state.ts'

export type Session = {
  id: string
  pendant: string
  wearer: string
  room: string
  note: string | null
  sinceMs: number
  untilMs: number
  by: string
}

/**
 * Of ten alarms in a session some seven are taken to happen in its room, and radio alone seldom leaves more than the five
 * or six rooms next to one another: 0.7 against 0.3 / 6 is 14 to 1. Nobody publishes a figure; this one is small enough
 * that frames which are 94 % sure of another room are believed.
 */
const BOOKED_ODDS = 14
/** So long after they expected to be done it is still where they likely are: visits overrun by minutes. */
const BOOKED_AFTER_MS = 30 * 60_000
/** An overdue session is shown as such until somebody signs it out; nobody works alone for so long after. */
const FORGOTTEN_MS = 12 * 3_600_000
const SESSIONS_MAX = 10_000

/** The session that a pendant is signed in for, whoever wears it now. */
function sessionWith(sessions: State['sessions'], pendant: string): Session | undefined {
  if (sessions.size === 0) return undefined
  for (const session of sessions.values()) if (session.pendant === pendant) return session
  return undefined
}

/** That of this wearer: one of whoever had the pendant before says nothing of who has it now. */
export function sessionOf(
  sessions: State['sessions'],
  pendant: string,
  wearer: string | undefined,
): Session | undefined {
  const session = sessionWith(sessions, pendant)
  return session?.wearer === wearer ? session : undefined
}

/** What the wearer wrote for whoever comes. */
export const noteOf = (
  sessions: State['sessions'],
  { pendant, wearer }: Pick<Session, 'pendant' | 'wearer'>,
): string | null => sessionOf(sessions, pendant, wearer)?.note ?? null

/** Odds for `locate`; null where nothing is booked, or where it was until too long ago. */
export function bookedOdds(session: Session | undefined, nowMs: number): ReadonlyMap<string, number> | null {
  if (session === undefined || nowMs > session.untilMs + BOOKED_AFTER_MS) return null
  return new Map([[session.room, BOOKED_ODDS]])
}

export function decideSession(state: State, event: SessionEvent, nowMs: number): Decision {
  if (event.kind === 'sign-in') return signIn(state, event, nowMs)
  const { session, by } = event
  if (!state.sessions.has(session)) return refuse('a session that goes on', session, true)
  return { ...nothing(by), changes: [{ is: 'session-ended', session, why: 'signed-out' }] }
}

function signIn(
  state: State,
  { by, pendant, room, forMs, note }: Extract<SessionEvent, { kind: 'sign-in' }>,
  nowMs: number,
): Decision {
  const { plan, sessions } = state
  const worn = plan.pendants.get(pendant)
  if (worn === undefined) return refuse('a pendant of this site', pendant, true)
  if (!plan.places.has(room)) return refuse('a room of this site', room, true)
  const already = sessionWith(sessions, pendant)
  if (already !== undefined)
    return refuse('a pendant that is signed in nowhere: sign it out first', `${pendant}, in ${already.id}`)
  if (sessions.size >= SESSIONS_MAX) return refuse(`at most ${SESSIONS_MAX} sessions`, 'one more')
  const session = `s-${String(state.sessionCount + 1).padStart(4, '0')}`
  const { wearer } = worn
  const change: Change = {
    is: 'session-began',
    session,
    pendant,
    wearer,
    room,
    untilMs: nowMs + forMs,
    note,
  }
  return { ...nothing(by), changes: [change] }
}

/**
 * Those that nobody signed out end by themselves at last, and the row says so. Not before this process has seen them overdue
 * for so long: a start under a clock that was put ahead forgets nobody.
 */
export function decideSessionTick(state: State, nowMs: number): Decision {
  if (state.sessions.size === 0) return nothing()
  const forgotten = [...state.sessions.values()].filter(
    ({ untilMs }) => nowMs >= Math.max(untilMs, state.startedAtMs) + FORGOTTEN_MS,
  )
  const changes = forgotten.map(({ id }): Change => ({ is: 'session-ended', session: id, why: 'forgotten' }))
  return { ...nothing(SYSTEM), changes }
}

export type SessionChange = Extract<Change, { session: string }>

/** Applies a row, in place. */
export function applySession(state: State, change: SessionChange, atMs: number, by: string): void {
  const { session: id } = change
  if (change.is === 'session-ended') {
    state.sessions.delete(id)
    return
  }
  const { pendant, wearer, room, untilMs, note } = change
  state.sessionCount += 1
  state.sessions.set(id, { id, pendant, wearer, room, untilMs, note, sinceMs: atMs, by })
}

const refuse = (expected: string, came: string, isUnknown = false): Decision => ({
  ...nothing(),
  answer: { refused: { expected, came, isUnknown } },
})
