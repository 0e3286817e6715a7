// In: the security events that are shown and one more. Out: those that are shown then: bounded, of no reason too many.
import type { SecurityEvent } from '../../../schemas/api/desk.ts'

/** The lines with one more; of the reason that has most of them the oldest goes, so that no sweep pushes out the others. */
export function withSecurity(
  lines: readonly SecurityEvent[],
  line: SecurityEvent,
  max: number,
): SecurityEvent[] {
  const all = [...lines, line]
  if (all.length <= max) return all
  const counts = new Map<string, number>()
  for (const { reason } of all) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const most = Math.max(...counts.values())
  const oldest = all.findIndex(({ reason }) => counts.get(reason) === most)
  return all.filter((_, i) => i !== oldest)
}
