// In: what is proven now of desk, targets and receivers. Out: whether an alarm would be heard and reach somebody, since
// when, and the loud technical alarm where it stays so that none would.
import type { HearingNow } from '../../hearing/receivers/ears.ts'
import type { Change } from '../../plan/change.ts'
import type { Facts, Technical } from '../../plan/facts.ts'
import { technicalRaised } from '../../plan/fault-words.ts'
import type { Plan } from '../../plan/plan.ts'
import { type Armed, missing, type Reach } from '../../state/armed.ts'

export const NOT_ARMED = 'not-armed'
/** A desk page that is loaded anew or a telephone that is plugged in again is no fault yet. */
const LOUD_AFTER_MS = 60_000

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
