// In: what desk pages and telephones have said of themselves, and when. Out: whether an alarm now would reach somebody,
// or what is missing; and the loud technical alarm where it stays so. What was not proven lately is not proven.
import type { ArmedView } from '../../schemas/api.ts'
import type { Change } from './change.ts'
import type { Plan } from './plan.ts'

export type Reach = {
  /** What came of asking for a telephone, by its number. */
  telephones: Map<string, { fault: string | null; atMs: number }>
  /** The desk pages that are open, by their own ids. */
  desks: Map<string, { by: string | null; isAudible: boolean; atMs: number }>
}

export const NOT_ARMED = 'not-armed'
/** A telephone is asked for each 15 s: three askings may be lost. */
const TELEPHONE_MS = 60_000
/** A desk page says that it is there each 10 s: three may be lost. */
const DESK_MS = 40_000
/** A page that is loaded anew or a telephone that is plugged in again is no fault yet. */
const LOUD_AFTER_MS = 60_000
const DESKS_MAX = 64

export const newReach = (): Reach => ({ telephones: new Map(), desks: new Map() })

/** Takes in what a desk page said of itself (in place); pages that are gone are forgotten. */
export function seeDesk({ desks }: Reach, desk: string, by: string | null, isAudible: boolean, atMs: number) {
  for (const [id, each] of desks) if (atMs - each.atMs > DESK_MS) desks.delete(id)
  desks.delete(desk)
  if (desks.size >= DESKS_MAX) desks.delete([...desks.keys()][0] ?? '')
  desks.set(desk, { by, isAudible, atMs })
}

/** Why an alarm now might reach nobody, in sentences; none where desk and telephone are proven. */
export function missing(plan: Plan, reach: Reach, nowMs: number): string[] {
  return [deskMissing(reach, nowMs), telephoneMissing(plan, reach, nowMs)].filter(each => each !== null)
}

/** What is known of it now, with the instant since when; the same value while nothing has changed. */
export function armedNow(before: ArmedView, plan: Plan, reach: Reach, nowMs: number): ArmedView {
  const reasons = missing(plan, reach, nowMs)
  const isArmed = reasons.length === 0
  const isSame = before.isArmed === isArmed && before.reasons.join() === reasons.join()
  if (isSame) return before
  return { isArmed, reasons, sinceMs: before.isArmed === isArmed ? before.sinceMs : nowMs }
}

/** The technical alarm that follows: raised when it has been so for a minute, mended at once. */
export function armedChanges(
  technical: ReadonlyMap<string, { text: string; sinceMs: number }>,
  { isArmed, reasons, sinceMs }: ArmedView,
  nowMs: number,
): Change[] {
  const known = technical.get(NOT_ARMED)
  if (isArmed) return known === undefined ? [] : [{ is: 'technical-mended', key: NOT_ARMED }]
  const text = `An alarm now might reach nobody. ${reasons.join(' ')}`
  if (known?.text === text || nowMs - sinceMs < LOUD_AFTER_MS) return []
  // A reason that comes and goes is one row a minute at most.
  if (known !== undefined && nowMs - known.sinceMs < LOUD_AFTER_MS) return []
  return [{ is: 'technical-raised', key: NOT_ARMED, text }]
}

function deskMissing({ desks }: Reach, nowMs: number): string | null {
  const open = [...desks.values()].filter(({ atMs }) => nowMs - atMs <= DESK_MS)
  if (open.some(({ isAudible }) => isAudible)) return null
  return open.length === 0
    ? 'No desk page is open.'
    : 'The desk page is silent: click on it once to switch its sound on.'
}

/** One telephone that a human answers is enough: the ladder goes on until it rings. A reception's queue is none. */
function telephoneMissing(plan: Plan, { telephones }: Reach, nowMs: number): string | null {
  const faults: string[] = []
  for (const number of calledNumbers(plan)) {
    const proof = telephones.get(number)
    const isOld = proof === undefined || nowMs - proof.atMs > TELEPHONE_MS
    if (!isOld && proof.fault === null) return null
    faults.push(`${number} ${isOld ? 'has not been proven' : `cannot be called: ${proof.fault}`}`)
  }
  return `No telephone can be called (${faults.join('; ')}).`
}

/** The telephones that the site's policy calls, in its order, without receptions. */
export function calledNumbers(plan: Plan): string[] {
  const targets = plan.policies.get(plan.site.policy)?.steps.flatMap(step => step.targets) ?? []
  const numbers = new Set(targets.map(({ to }) => to))
  return [...numbers].filter(number => plan.telephones.get(number)?.role !== 'reception')
}
