// In: something somebody may be trying. Out: a row for the desk, so few a minute over all pendants, receivers and reasons that
// an attacker fills neither the disk nor the screen; what was left out is summed up. Every one is still counted on /metrics.
import type { Change } from '../../plan/change.ts'
import type { Observation } from '../../state/observation.ts'
import { newSecurityMinute, type SecurityMinute } from '../../state/security.ts'
import type { State } from '../../state/state.ts'

type Security = Omit<Extract<Change, { is: 'security' }>, 'is'>

const MINUTE_MS = 60_000
/** Rows a minute, the sum of what was left out beside them. */
export const ROWS_MAX = 8
/** Reasons are a closed set; whoever adds to it needs not think of this bound. */
const REASONS_MAX = 32
export const SUMMED_UP = 'summed-up'

type Noted = { changes: Change[]; observations: Observation[] }

/** The change and the memory of it; null where the same has its row of this minute. */
export function noted(
  { securityMinute }: Pick<State, 'securityMinute'>,
  security: Security,
  nowMs: number,
): Noted | null {
  const key = `${security.reason} ${security.pendant || security.receiver}`
  const isOver = nowMs - securityMinute.sinceMs >= MINUTE_MS
  const before = isOver ? { ...newSecurityMinute(), sinceMs: nowMs } : securityMinute
  if (before.shown.has(key)) return null
  const isFull = before.shown.size >= ROWS_MAX
  const minute = isFull
    ? withLeftOut(before, security.reason)
    : { ...before, shown: new Set([...before.shown, key]) }
  return {
    changes: [
      ...(isOver ? sum(securityMinute) : []),
      ...(isFull ? [] : [{ is: 'security' as const, ...security }]),
    ],
    observations: [{ is: 'security-noted', minute }],
  }
}

function withLeftOut(minute: SecurityMinute, reason: string): SecurityMinute {
  const leftOut = new Map(minute.leftOut)
  if (leftOut.size < REASONS_MAX || leftOut.has(reason)) leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1)
  return { ...minute, leftOut }
}

/** The sum of a minute that is over. */
export function summedUp({ securityMinute }: Pick<State, 'securityMinute'>, nowMs: number): Noted | null {
  if (securityMinute.leftOut.size === 0 || nowMs - securityMinute.sinceMs < MINUTE_MS) return null
  return {
    changes: sum(securityMinute),
    observations: [{ is: 'security-noted', minute: newSecurityMinute() }],
  }
}

function sum({ leftOut }: SecurityMinute): Change[] {
  if (leftOut.size === 0) return []
  const counts = [...leftOut].sort(([, a], [, b]) => b - a)
  const all = counts.reduce((total, [, count]) => total + count, 0)
  const text = `${all} more in this minute: ${counts.map(([reason, count]) => `${reason} ${count}`).join(', ')}`
  return [{ is: 'security', reason: SUMMED_UP, pendant: '', receiver: '', text }]
}
