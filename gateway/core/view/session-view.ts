// In: the sessions that go on, and how well their pendants are heard. Out: who is alone where, as the desk shows it.
import type { PendantState, SessionView } from '../../../schemas/api/session.ts'
import { pendantState } from '../deciding/watching/duty.ts'
import { pendantKey } from '../deciding/watching/supervision.ts'
import { faultWords } from '../plan/fault-words.ts'
import { doorWords, placeOf, wearerName } from '../plan/plan.ts'
import type { Session } from '../state/session.ts'
import type { State } from '../state/state.ts'

/** The one expected to be done first stands first: what is overdue is on top. */
export function sessionsView(state: Heard, nowMs: number): SessionView[] {
  const { sessions, plan } = state
  return [...sessions.values()]
    .sort((a, b) => a.untilMs - b.untilMs || (a.id < b.id ? -1 : 1))
    .map(session => ({
      ...session,
      wearer: wearerName(plan, session.wearer),
      door: doorWords(plan, session.room) ?? session.room,
      building: placeOf(plan, session.room)?.building ?? null,
      ...heardView(state, session, nowMs),
    }))
}

type Heard = Pick<State, 'sessions' | 'plan' | 'tracks' | 'technical'>

function heardView(state: Heard, session: Session, nowMs: number): Partial<SessionView> {
  const so = pendantState(state, session, nowMs)
  const complaint = so === 'given-away' ? undefined : state.technical.get(pendantKey(session.pendant))
  const complains =
    complaint?.facts === undefined
      ? complaint?.text
      : (faultWords(state.plan, complaint.facts, () => null) ?? complaint.text)
  const warnings = [WARNINGS[so], complains].filter(each => each !== null && each !== undefined)
  const shown = { pendantState: so }
  return warnings.length === 0 ? shown : { ...shown, pendantWarning: warnings.join('. ') }
}

const WARNINGS: Readonly<Record<PendantState, string | null>> = {
  heard: null,
  late: null,
  silent: 'This pendant has not been heard for 100 s or longer: do not rely on it before it is',
  'never-heard': 'This pendant has not been heard since the gateway started: do not rely on it before it is',
  'given-away':
    'Somebody else has this pendant now, or nobody: sign them in anew with the one they wear, and ask after them',
  unsupervised: 'This pendant cannot be supervised, for it sends nothing until it is pressed: test it',
}
