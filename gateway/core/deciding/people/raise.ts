// In: an alarm that a person at the desk or something without a radio raises. Out: the decision that it be an incident. Nothing is
// refused for what it names: who and where may be wrong, that there is an alarm is not.
import type { RaiseEvent } from '../../../ports.ts'
import { doorWords, placeOf } from '../../plan/plan.ts'
import { roomsThatMayBeMeant } from '../../plan/rooms.ts'
import type { State } from '../../state/state.ts'
import type { Decision } from '../decision/decision.ts'
import { raiseBy, saidRoom } from '../decision/raise-by.ts'

export function decideRaise(state: State, event: RaiseEvent, nowMs: number): Decision {
  const { by, source, alarm, wearer, room, note } = event
  const meant = room === null ? [] : roomsThatMayBeMeant(state.plan.site, room)
  const [only = null] = meant.length === 1 ? meant : []
  // Whoever comes makes more of it than the plan does.
  const unknown = room === null || only !== null ? [] : [givenWords(state, room, meant)]
  const words = [...unknown, ...(note === null ? [] : [note])].join(' ')
  const whereabouts = saidRoom(only)
  return raiseBy(state, { source, alarm, wearer, whereabouts, note: words === '' ? null : words }, nowMs, by)
}

/** Where the number is on several doors, which: it is an alarm all the same, and whoever comes has to choose. */
function givenWords({ plan }: State, room: string, meant: readonly string[]): string {
  if (meant.length === 0) return `The room was given as ${room}.`
  const doors = meant.map(id => `${placeOf(plan, id)?.building}, ${doorWords(plan, id)}`)
  return `The room was given as ${room}: ${doors.join(', or ')}.`
}
