// In: something somebody may be trying. Out: a row for the desk, at most one a minute for the same thing,
// so that an attacker fills neither the disk nor the screen. Every one is still counted on /metrics.
import type { Change } from './change.ts'
import type { Observation } from './observation.ts'
import type { State } from './state.ts'

type Security = Omit<Extract<Change, { is: 'security' }>, 'is'>

const QUIET_MS = 60_000

/** The change and the memory of it; null where the same was written down less than a minute ago. */
export function noted(
  state: Pick<State, 'securityAtMs'>,
  security: Security,
  nowMs: number,
): { changes: Change[]; observations: Observation[] } | null {
  const key = `${security.reason} ${security.pendant || security.receiver}`
  const beforeMs = state.securityAtMs.get(key)
  if (beforeMs !== undefined && nowMs - beforeMs < QUIET_MS) return null
  return {
    changes: [{ is: 'security', ...security }],
    observations: [{ is: 'security-noted', key, atMs: nowMs }],
  }
}
