// In: that the disk did not take what the wearer was to be told of, or that it has by now. Out: *heard* instead of
// *stored*, and *stored* once it is. Help is called either way: only what is said of it must be true.
import { TOLD_HEARD, TOLD_STORED } from '../../../../schemas/frame.ts'
import { tellRaised } from '../../incident/consequence.ts'
import type { Incident } from '../../incident/incident.ts'
import { SYSTEM } from '../../plan/change.ts'
import type { State } from '../../state/state.ts'
import { circumstances, type Decision, merge, nothing } from '../decision/decision.ts'

/** These incidents are not on disk: their wearers are told that they were heard, and no more. */
export function decideUnkept(state: State, incidents: readonly string[], nowMs: number): Decision {
  return tellThose(state, each => incidents.includes(each.id) && isTold(each, TOLD_STORED), TOLD_HEARD, nowMs)
}

/** All that was only heard is on disk by now. */
export const decideKept = (state: State, nowMs: number): Decision =>
  tellThose(state, each => isTold(each, TOLD_HEARD), TOLD_STORED, nowMs)

/** While the disk took nothing for very long, so many lesser rows found no room in memory either. */
export function decideLetGo(rows: number): Decision {
  if (rows === 0) return nothing()
  const text = `While the disk took nothing, ${rows} lesser rows (rooms, ringing, old calls, security events) were let go: they are in no journal. No alarm and no answer is among them`
  return { ...nothing(), changes: [{ is: 'technical-raised', key: 'rows-let-go', text }] }
}

const isTold = ({ state, told }: Incident, what: number): boolean => state === 'raised' && told?.told === what

function tellThose(
  state: State,
  isMeant: (incident: Incident) => boolean,
  told: number,
  nowMs: number,
): Decision {
  const decisions = [...state.incidents.values()].filter(isMeant).map(incident => ({
    ...nothing(),
    ...tellRaised(incident, told, circumstances(state, incident, nowMs, SYSTEM)),
  }))
  return merge(decisions)
}
