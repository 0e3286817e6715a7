// In: a sign-in, a sign-out, the time. Out: the decision it brings: a session that begins, ends, or is refused with its reason.
import type { SessionEvent } from '../../../ports.ts'
import { type Change, SYSTEM } from '../../plan/change.ts'
import { roomsMeant } from '../../plan/rooms.ts'
import { sessionWith } from '../../state/session.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing, refused } from '../decision/decision.ts'

/** An overdue session is shown as such until somebody signs it out; nobody works alone for so long after. */
const FORGOTTEN_MS = 12 * 3_600_000
const SESSIONS_MAX = 10_000

export function decideSession(state: State, event: SessionEvent, nowMs: number): Decision {
  if (event.kind === 'sign-in') return signIn(state, event, nowMs)
  const { session, by } = event
  if (!state.sessions.has(session)) return refused('a session that goes on', session, true)
  return { ...nothing(by), changes: [{ is: 'session-ended', session, why: 'signed-out' }] }
}

function signIn(
  state: State,
  { by, pendant, room: said, forMs, note }: Extract<SessionEvent, { kind: 'sign-in' }>,
  nowMs: number,
): Decision {
  const { plan, sessions } = state
  const worn = plan.pendants.get(pendant)
  if (worn === undefined) return refused('a pendant of this site', pendant, true)
  const [room, ...others] = roomsMeant(plan.site, said)
  if (room === undefined) return refused('a room of this site', said, true)
  if (others.length > 0) return refused(`one of the rooms ${[room, ...others].join(', ')}`, said)
  const already = sessionWith(sessions, pendant)
  if (already !== undefined)
    return refused('a pendant that is signed in nowhere: sign it out first', `${pendant}, in ${already.id}`)
  if (sessions.size >= SESSIONS_MAX) return refused(`at most ${SESSIONS_MAX} sessions`, 'one more')
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
