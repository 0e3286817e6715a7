// In: the sessions that go on. Out: who is alone where, as the desk shows it.
import type { SessionView } from '../../schemas/session-api.ts'
import { doorWords, wearerName } from './plan.ts'
import type { State } from './state.ts'

/** The one expected to be done first stands first: what is overdue is on top. */
export function sessionsView({ sessions, plan }: Pick<State, 'sessions' | 'plan'>): SessionView[] {
  return [...sessions.values()]
    .sort((a, b) => a.untilMs - b.untilMs || (a.id < b.id ? -1 : 1))
    .map(session => ({
      ...session,
      wearer: wearerName(plan, session.wearer),
      door: doorWords(plan, session.room) ?? session.room,
      building: plan.places.get(session.room)?.building ?? null,
    }))
}
