// Two open incidents of one pendant: it was given to somebody else while the first was open. In: all incidents and one of them.
// Out: whether what the pendant is told is about a later one.
import { type Incident, isOpen } from './incident.ts'

/** `incidents` are in the order in which they were raised; one that is not among them yet is the newest. */
export function isOvertaken(
  incidents: ReadonlyMap<string, Incident>,
  { id, pendant }: Pick<Incident, 'id' | 'pendant'>,
): boolean {
  const ids = [...incidents.keys()]
  const at = ids.indexOf(id)
  const since = at < 0 ? [] : [...incidents.values()].slice(at + 1)
  return since.some(each => each.pendant === pendant && isOpen(each))
}
