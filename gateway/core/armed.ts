// In: what desk pages and telephones have said of themselves, which receivers hear, and when. Out: whether an alarm now
// would be heard and would reach somebody, or what is missing; and the loud technical alarm where it stays so. What was
// not proven lately is not proven.
import type { ArmedView } from '../../schemas/api.ts'
import type { Change } from './change.ts'
import type { HearingNow } from './ears.ts'
import type { Facts, Missing, Technical } from './facts.ts'
import { missingWords, technicalRaised } from './fault-words.ts'
import { doorWords, type Plan } from './plan.ts'

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

export const NOT_ARMED = 'not-armed'
/** A telephone is asked for each 15 s: three askings may be lost. */
const TELEPHONE_MS = 60_000
/** A desk page says that it is there each 10 s: three may be lost. */
const DESK_MS = 40_000
/** A page that is loaded anew or a telephone that is plugged in again is no fault yet. */
const LOUD_AFTER_MS = 60_000
const DESKS_MAX = 64

export const newReach = (): Reach => ({ telephones: new Map(), desks: new Map() })

/** Before anything was proven. */
export const unarmed = (plan: Plan, atMs: number): Armed => ({
  isArmed: false,
  missing: [...missing(plan, newReach(), atMs), { of: 'ears', why: 'unproven' }],
  uncovered: [],
  sinceMs: atMs,
  ears: { isAny: false, sinceMs: atMs },
})

/** Takes in what a desk page said of itself (in place); pages that are gone are forgotten. */
export function seeDesk({ desks }: Reach, desk: string, by: string | null, isAudible: boolean, atMs: number) {
  for (const [id, each] of desks) if (atMs - each.atMs > DESK_MS) desks.delete(id)
  desks.delete(desk)
  if (desks.size >= DESKS_MAX) desks.delete([...desks.keys()][0] ?? '')
  desks.set(desk, { by, isAudible, atMs })
}

/** Why an alarm that was heard now might reach nobody; nothing where desk and telephone are proven. */
export function missing(plan: Plan, reach: Reach, nowMs: number): Missing[] {
  return [deskMissing(reach, nowMs), telephoneMissing(plan, reach, nowMs)].filter(each => each !== null)
}

/** What is known of it now, with the instant since when; the same value while nothing has changed. */
export function armedNow(
  before: Armed,
  plan: Plan,
  reach: Reach,
  hearing: Pick<HearingNow, 'missing' | 'uncovered'>,
  nowMs: number,
): Armed {
  const all = [...missing(plan, reach, nowMs), ...(hearing.missing === null ? [] : [hearing.missing])]
  const isAny = hearing.missing === null
  const ears = before.ears.isAny === isAny ? before.ears : { isAny, sinceMs: nowMs }
  const now = { isArmed: all.length === 0, missing: all, uncovered: hearing.uncovered, ears }
  const { sinceMs } = before
  if (isSame(before, { ...now, sinceMs })) return before
  return { ...now, sinceMs: stage(before) === stage(now) ? sinceMs : nowMs }
}

/** The same in words, rooms as on their doors. */
export function armedView(plan: Plan, { isArmed, missing: all, uncovered, sinceMs }: Armed): ArmedView {
  const rooms = uncovered.map(room => doorWords(plan, room) ?? room)
  const shown = { isArmed, reasons: all.map(missingWords), sinceMs }
  return rooms.length === 0 ? shown : { ...shown, uncovered: rooms }
}

/** The technical alarm that follows: raised when it has been so for a minute, mended at once. */
export function armedChanges(
  technical: ReadonlyMap<string, Technical>,
  plan: Plan,
  { isArmed, missing: all, sinceMs }: Armed,
  nowMs: number,
): Change[] {
  const known = technical.get(NOT_ARMED)
  if (isArmed) return known === undefined ? [] : [{ is: 'technical-mended', key: NOT_ARMED }]
  const facts: Facts = { of: 'not-armed', missing: [...all] }
  if (isSame(known?.facts, facts) || nowMs - sinceMs < LOUD_AFTER_MS) return []
  // A reason that comes and goes is one row a minute at most.
  if (known !== undefined && nowMs - known.saidAtMs < LOUD_AFTER_MS) return []
  return [technicalRaised(plan, NOT_ARMED, facts)]
}

/** Values of one shape, made in one place: their text is equal where they are. */
const isSame = <T>(a: T | undefined, b: T): boolean => JSON.stringify(a) === JSON.stringify(b)

const stage = ({ isArmed, uncovered }: Pick<Armed, 'isArmed' | 'uncovered'>): 'not' | 'part' | 'whole' =>
  !isArmed ? 'not' : uncovered.length > 0 ? 'part' : 'whole'

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
