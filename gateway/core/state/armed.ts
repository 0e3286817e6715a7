// Armed: whether an alarm now would be heard and would reach somebody. In: the plan and what came of asking desk pages and
// targets. Out: what is missing. What was not proven lately is not proven.
import type { Missing } from '../plan/facts.ts'
import { listedAt, type Plan, targetKey } from '../plan/plan.ts'

export type Reach = {
  /** What came of proving a target, by its channel and address (`targetKey`). */
  targets: Map<string, { fault: string | null; atMs: number }>
  /** The desk pages that are open, by their own ids. */
  desks: Map<string, { by: string | null; isAudible: boolean; atMs: number }>
}

export type Armed = {
  isArmed: boolean
  /** What is missing; nothing where it is armed. */
  missing: readonly Missing[]
  /** Armed in part: rooms, by id, in which no alarm would be heard. */
  uncovered: readonly string[]
  /** Since when it is armed, armed in part, or not. */
  sinceMs: number
  /** Whether any receiver hears, and since when that is so. */
  ears: { isAny: boolean; sinceMs: number }
}

/** A channel proves each target every 15 s: three proofs may be lost. */
const TARGET_MS = 60_000
/** A desk page says that it is there each 10 s: three may be lost. */
export const DESK_MS = 40_000

export const newReach = (): Reach => ({ targets: new Map(), desks: new Map() })

/** Before anything was proven. */
export const unarmed = (plan: Plan, atMs: number): Armed => ({
  isArmed: false,
  missing: [...missing(plan, newReach(), atMs), { of: 'ears', why: 'unproven' }],
  uncovered: [],
  sinceMs: atMs,
  ears: { isAny: false, sinceMs: atMs },
})

/** Why an alarm that was heard now might reach nobody; nothing where desk and target are proven. */
export function missing(plan: Plan, reach: Reach, nowMs: number): Missing[] {
  return [deskMissing(reach, nowMs), targetMissing(plan, reach, nowMs)].filter(each => each !== null)
}

function deskMissing({ desks }: Reach, nowMs: number): Missing | null {
  const open = [...desks.values()].filter(({ atMs }) => nowMs - atMs <= DESK_MS)
  if (open.some(({ isAudible }) => isAudible)) return null
  return { of: 'desk', why: open.length === 0 ? 'none' : 'silent' }
}

/** One target that a human answers is enough: the ladder goes on until it is its turn. A reception's queue is none. */
function targetMissing(plan: Plan, { targets }: Reach, nowMs: number): Missing | null {
  const faults: Extract<Missing, { of: 'targets' }>['targets'] = []
  for (const { channel, address } of pagedTargets(plan)) {
    const proof = targets.get(targetKey(channel, address))
    const isOld = proof === undefined || nowMs - proof.atMs > TARGET_MS
    if (!isOld && proof.fault === null) return null
    faults.push({ channel, address, fault: isOld ? null : proof.fault })
  }
  return { of: 'targets', targets: faults }
}

/** The targets that the site's policy pages, each once and in its order, without receptions. */
export function pagedTargets(plan: Plan): { channel: string; address: string }[] {
  const targets = plan.policies.get(plan.site.policy)?.steps.flatMap(step => step.targets) ?? []
  const once = new Map(targets.map(({ channel, to }) => [targetKey(channel, to), { channel, address: to }]))
  return [...once.values()].filter(
    ({ channel, address }) => listedAt(plan, channel, address)?.role !== 'reception',
  )
}
