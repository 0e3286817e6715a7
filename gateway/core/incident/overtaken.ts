// Two incidents of one pendant: it was given to somebody else while the first was open. In: all incidents and one of them.
// Out: whether what the pendant is told is about a later one.
import type { Track } from '../hearing/track.ts'
import type { Plan } from '../plan/plan.ts'
import { type Incident, isOpen, openIncidentOf } from './incident.ts'

/**
 * `incidents` are in the order in which they were raised; one that is not among them yet is the newest. Of the later one a
 * pendant goes on being told that it is over; a suspect one may be another sender's, and takes nothing away once it is resolved.
 */
export function isOvertaken(
  incidents: ReadonlyMap<string, Incident>,
  { id, pendant }: Pick<Incident, 'id' | 'pendant'>,
): boolean {
  if (pendant === null) return false
  const ids = [...incidents.keys()]
  const at = ids.indexOf(id)
  const since = at < 0 ? [] : [...incidents.values()].slice(at + 1)
  return since.some(each => each.pendant === pendant && (isOpen(each) || each.suspect === null))
}

/** The open incident that a pendant's frames go on with; undefined for none, and where somebody else has the pendant by now. */
export function openOfWearer(
  { incidents, plan }: { incidents: ReadonlyMap<string, Incident>; plan: Plan },
  { lastAlarm }: Pick<Track, 'lastAlarm'>,
): Incident | undefined {
  const open = openIncidentOf(incidents, lastAlarm)
  return open !== undefined && isGivenAway(plan, open) ? undefined : open
}

/** Whoever raised it has given the pendant away: who wears it now has no part in it. */
export const isGivenAway = (
  { pendants }: Plan,
  { pendant, wearer }: Pick<Incident, 'pendant' | 'wearer'>,
): boolean => {
  const worn = pendant === null ? undefined : pendants.get(pendant)
  return worn !== undefined && worn.wearer !== wearer
}
