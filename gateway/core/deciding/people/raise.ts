// In: an alarm that a person at the desk or something without a radio raises. Out: the decision that it be an incident. Nothing is
// refused for what it names: who and where may be wrong, that there is an alarm is not.
import type { RaiseEvent } from '../../../ports.ts'
import type { State } from '../../state/state.ts'
import type { Decision } from '../decision/decision.ts'
import { raiseBy, saidRoom } from '../decision/raise-by.ts'

export function decideRaise(state: State, event: RaiseEvent, nowMs: number): Decision {
  const { by, source, alarm, wearer, room, note } = event
  const isOnPlan = room !== null && state.plan.places.has(room)
  // Whoever comes makes more of it than the plan does.
  const unknown = room === null || isOnPlan ? [] : [`The room was given as ${room}.`]
  const words = [...unknown, ...(note === null ? [] : [note])].join(' ')
  const whereabouts = saidRoom(isOnPlan ? room : null)
  return raiseBy(state, { source, alarm, wearer, whereabouts, note: words === '' ? null : words }, nowMs, by)
}
