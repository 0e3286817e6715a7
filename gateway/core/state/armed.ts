// Armed: whether an alarm now would be heard and would reach somebody. In: the plan and what came of asking desk pages and
// telephones. Out: what is missing. What was not proven lately is not proven.
import type { Missing } from '../plan/facts.ts'
import type { Plan } from '../plan/plan.ts'

export type Reach = {
  /** What came of asking for a telephone, by its number. */
  telephones: Map<string, { fault: string | null; atMs: number }>
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

/** A telephone is asked for each 15 s: three askings may be lost. */
const TELEPHONE_MS = 60_000
/** A desk page says that it is there each 10 s: three may be lost. */
export const DESK_MS = 40_000

export const newReach = (): Reach => ({ telephones: new Map(), desks: new Map() })

/** Before anything was proven. */
export const unarmed = (plan: Plan, atMs: number): Armed => ({
  isArmed: false,
  missing: [...missing(plan, newReach(), atMs), { of: 'ears', why: 'unproven' }],
  uncovered: [],
  sinceMs: atMs,
  ears: { isAny: false, sinceMs: atMs },
})

/** Why an alarm that was heard now might reach nobody; nothing where desk and telephone are proven. */
export function missing(plan: Plan, reach: Reach, nowMs: number): Missing[] {
  return [deskMissing(reach, nowMs), telephoneMissing(plan, reach, nowMs)].filter(each => each !== null)
}

function deskMissing({ desks }: Reach, nowMs: number): Missing | null {
  const open = [...desks.values()].filter(({ atMs }) => nowMs - atMs <= DESK_MS)
  if (open.some(({ isAudible }) => isAudible)) return null
  return { of: 'desk', why: open.length === 0 ? 'none' : 'silent' }
}

/** One telephone that a human answers is enough: the ladder goes on until it rings. A reception's queue is none. */
function telephoneMissing(plan: Plan, { telephones }: Reach, nowMs: number): Missing | null {
  const faults: { number: string; fault: string | null }[] = []
  for (const number of calledNumbers(plan)) {
    const proof = telephones.get(number)
    const isOld = proof === undefined || nowMs - proof.atMs > TELEPHONE_MS
    if (!isOld && proof.fault === null) return null
    faults.push({ number, fault: isOld ? null : proof.fault })
  }
  return { of: 'telephones', telephones: faults }
}

/** The telephones that the site's policy calls, in its order, without receptions. */
export function calledNumbers(plan: Plan): string[] {
  const targets = plan.policies.get(plan.site.policy)?.steps.flatMap(step => step.targets) ?? []
  const numbers = new Set(targets.map(({ to }) => to))
  return [...numbers].filter(number => plan.telephones.get(number)?.role !== 'reception')
}
