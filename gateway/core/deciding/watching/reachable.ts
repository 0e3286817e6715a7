// In: what came of asking for a telephone. Out: that it is known; and where it can be called again, that every alarm which could not
// get through to it and waits for its next call is called about now: nothing is being waited for any more.
import type { TelephoneEvent } from '../../../ports.ts'
import { type Incident, isLive } from '../../incident/incident.ts'
import type { State } from '../../state/state.ts'
import { type Decision, follow, merge, nothing, SYSTEM } from '../decision/decision.ts'

export function decideReachable(state: State, { target, fault }: TelephoneEvent, nowMs: number): Decision {
  const seen: Decision = { ...nothing(), observations: [{ is: 'telephone', target, fault, atMs: nowMs }] }
  const before = state.reach.telephones.get(target)?.fault ?? null
  if (fault !== null || before === null) return seen
  const waiting = [...state.incidents.values()].filter(incident => couldNotReach(incident, target))
  return merge([
    seen,
    ...waiting.map(incident =>
      follow(state, incident, [{ is: 'hurried', incident: incident.id }], nowMs, SYSTEM),
    ),
  ])
}

/** Nobody has it, nobody is being called about it, and the last call to this telephone did not get through. */
const couldNotReach = ({ state, pages }: Incident, target: string): boolean =>
  state === 'raised' &&
  !pages.some(isLive) &&
  pages.findLast(page => page.target === target)?.outcome === 'unreachable'
