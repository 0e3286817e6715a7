// In: what came of proving a target. Out: that it is known; and where it can be reached again, that every alarm which could not
// get through to it and waits for its next page is paged about now: nothing is being waited for any more.
import type { TargetEvent } from '../../../ports.ts'
import { type Incident, isLive } from '../../incident/incident.ts'
import { SYSTEM } from '../../plan/change.ts'
import { targetKey } from '../../plan/plan.ts'
import type { State } from '../../state/state.ts'
import { type Decision, follow, merge, nothing } from '../decision/decision.ts'

export function decideReachable(state: State, event: TargetEvent, nowMs: number): Decision {
  const { channel, target, fault } = event
  const seen: Decision = {
    ...nothing(),
    observations: [{ is: 'target', channel, target, fault, atMs: nowMs }],
  }
  const before = state.reach.targets.get(targetKey(channel, target))?.fault ?? null
  if (fault !== null || before === null) return seen
  const waiting = [...state.incidents.values()].filter(incident => couldNotReach(incident, event))
  return merge([
    seen,
    ...waiting.map(incident =>
      follow(state, incident, [{ is: 'hurried', incident: incident.id }], nowMs, SYSTEM),
    ),
  ])
}

/** Nobody has it, nobody is being paged about it, and the last page to this target did not get through. */
const couldNotReach = ({ state, pages }: Incident, { channel, target }: TargetEvent): boolean =>
  state === 'raised' &&
  !pages.some(isLive) &&
  pages.findLast(page => page.channel === channel && page.target === target)?.outcome === 'unreachable'
