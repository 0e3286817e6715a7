// In: how often rooms could be worked out and could not. Out: the technical alarm that says so, and its end.
// Alarms are called all the same, without a room.
import type { LocatingHealth } from '../../locating/belief/health.ts'
import type { Change } from '../../plan/change.ts'
import { type Decision, nothing } from '../decision/decision.ts'

export const LOCATING_KEY = 'locating'
/** Worked for so long without a fault: it is mended. */
const WELL_MS = 60_000
const WHY_MAX = 120

/** Looked at with each tick. */
export function decideLocating(
  { locating, technical }: { locating: LocatingHealth; technical: ReadonlyMap<string, unknown> },
  nowMs: number,
): Decision {
  const { worked, failed, why, looked } = locating
  const isRaised = technical.has(LOCATING_KEY)
  if (failed > looked.failed) {
    const text = `Rooms cannot be worked out (${why.slice(0, WHY_MAX)}): alarms are called without a room`
    const changes: Change[] = isRaised ? [] : [{ is: 'technical-raised', key: LOCATING_KEY, text }]
    return {
      ...nothing(),
      changes,
      observations: [{ is: 'locating-looked', looked: { worked, failed, failedAtMs: nowMs } }],
    }
  }
  const isWell = worked > looked.worked && nowMs - looked.failedAtMs >= WELL_MS
  return isRaised && isWell
    ? { ...nothing(), changes: [{ is: 'technical-mended', key: LOCATING_KEY }] }
    : nothing()
}
