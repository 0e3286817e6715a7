// In: what the rooms sound like, how they confuse one another, and which open into which. Out: the room in which one more
// receiver would help most, and why. How loud it would be elsewhere is learnt from the receivers that are there already.
import type { AdviceReport } from '../../../schemas/api/walk.ts'
import { confusedOf, meanIn, normalOverlap, type Signature } from './overlap.ts'

/** Where too few pairs were heard to learn it: the level in a receiver's own room. */
const NEAR_DBM = -60
/** What each room on costs: a wall, and distance: 22 dB a decade, rooms 4 m apart and 2 m from one in the same room. */
const WALL_DB = 5
const DECADE_DB = 22
const ROOM_METRES = 4
const OWN_METRES = 2
const fallDb = (hops: number): number =>
  WALL_DB * hops + DECADE_DB * Math.log10((OWN_METRES + ROOM_METRES * hops) / OWN_METRES)
/** A building of plasterboard or of concrete: the walk test says how much of that fall is real, within reason. */
const SCALE_MIN = 0.4
const SCALE_MAX = 1.6
/** What is fainter is not heard. */
const FAINTEST_DBM = -97
const FIT_MIN = 6
/** Pairs confused less often than this are apart already. */
const WORTH_A_LOOK = 0.02
/** A room with fewer than two receivers is blind when one fails: worth as much as a tenth of its looks. */
const COVERAGE_WORTH = 0.1
/** A second receiver in a room hears much of what the first does: half its evidence is news. */
const SECOND_NEWS = 0.5
/** A gain below one look in a hundred is no reason to buy anything. */
const WORTH_IT = 0.01
/** A room this loud to a receiver is covered by it, with a body in the way in hand (about 8 dB above WEAK). */
const COVERED_DBM = -82

export type Surveyed = {
  room: string
  door: string
  signature: Signature
  deviationDb: number
  isThin: boolean
}
export type AdviceInput = {
  surveyed: readonly Surveyed[]
  /** Where one may hang: every room of the site. */
  candidates: readonly { room: string; door: string }[]
  receiverRooms: ReadonlyMap<string, string>
  adjacent: ReadonlyMap<string, readonly string[]>
  /** Of each pair of surveyed rooms, by place in `surveyed`: how often they are confused. */
  confused: readonly { a: number; b: number; confused: number }[]
}

type Fit = { nearDbm: number; scale: number }

/** The best room for one more receiver; null where none would be worth it. */
export function adviseReceiver(input: AdviceInput): AdviceReport | null {
  const { surveyed, candidates, adjacent } = input
  if (surveyed.length < 2) return null
  const fit = fitLevels(input)
  const deviationDb = surveyed.reduce((sum, each) => sum + each.deviationDb, 0) / surveyed.length
  const now = input.confused.filter(({ confused }) => confused >= WORTH_A_LOOK)
  const hasReceiver = new Set(input.receiverRooms.values())
  let best: { gain: number; report: AdviceReport } | null = null
  for (const candidate of candidates) {
    const hops = hopsFrom(candidate.room, adjacent)
    const levels = surveyed.map(({ room }) => levelAt(fit, hops.get(room)))
    const news = hasReceiver.has(candidate.room) ? SECOND_NEWS : 1
    const then = now.map(pair => {
      const overlap = normalOverlap(levels[pair.a] as number, levels[pair.b] as number, deviationDb)
      return { ...pair, confused: confusedOf(2 * pair.confused * overlap ** news) }
    })
    const covered = surveyed.filter(({ isThin }, i) => isThin && (levels[i] as number) >= COVERED_DBM)
    const gain =
      (sumOf(now) - sumOf(then)) / surveyed.length + (COVERAGE_WORTH * covered.length) / surveyed.length
    if (gain < WORTH_IT || (best !== null && gain <= best.gain)) continue
    const report = {
      ...candidate,
      confusedNow: worstOf(now, surveyed.length),
      confusedThen: worstOf(then, surveyed.length),
      text: why(candidate.door, surveyed, now, then, covered),
    }
    best = { gain, report }
  }
  return best?.report ?? null
}

type Pairs = AdviceInput['confused']

const sumOf = (pairs: Pairs): number => pairs.reduce((sum, { confused }) => sum + 2 * confused, 0)

/** For each room its worst pair, on the average. */
function worstOf(pairs: Pairs, rooms: number): number {
  const worst = new Map<number, number>()
  for (const { a, b, confused } of pairs)
    for (const room of [a, b]) worst.set(room, Math.max(worst.get(room) ?? 0, confused))
  return [...worst.values()].reduce((sum, confused) => sum + confused, 0) / rooms
}

const SAID_MAX = 2
const percent = (share: number): string => `${Math.round(100 * share)} %`

function why(
  door: string,
  surveyed: readonly Surveyed[],
  now: Pairs,
  then: Pairs,
  covered: readonly Surveyed[],
): string {
  const name = (i: number): string => surveyed[i]?.door ?? ''
  const helped = now
    .map((pair, i) => ({ ...pair, after: (then[i] as (typeof then)[number]).confused }))
    .sort((x, y) => y.confused - y.after - (x.confused - x.after))
    .filter(pair => pair.confused - pair.after >= WORTH_IT)
    .slice(0, SAID_MAX)
    .map(
      pair =>
        `${name(pair.a)} and ${name(pair.b)} would be confused in ${percent(pair.after)} of looks instead of ${percent(pair.confused)}`,
    )
  const heard =
    covered.length === 0
      ? []
      : [
          `${covered.map(each => each.door).join(', ')} would have one receiver more to hear ${covered.length === 1 ? 'it' : 'them'}`,
        ]
  return `One more receiver would help most in ${door}: ${[...helped, ...heard].join('; ')}.`
}

const levelAt = ({ nearDbm, scale }: Fit, hops: number | undefined): number =>
  hops === undefined ? FAINTEST_DBM : Math.max(FAINTEST_DBM, nearDbm - scale * fallDb(hops))

/** Rooms to go through from one room to each other, by the doors of the site file. */
export function hopsFrom(room: string, adjacent: AdviceInput['adjacent']): Map<string, number> {
  const hops = new Map([[room, 0]])
  for (const [here, so] of hops)
    for (const next of adjacent.get(here) ?? []) if (!hops.has(next)) hops.set(next, so + 1)
  return hops
}

/** Least squares of how receivers' levels fall from room to room against the fall that physics expects. */
function fitLevels({ surveyed, receiverRooms, adjacent }: AdviceInput): Fit {
  const points: { fall: number; dbm: number }[] = []
  for (const [receiver, room] of receiverRooms) {
    if (!surveyed.some(({ signature }) => signature.listened.has(receiver))) continue
    const hops = hopsFrom(room, adjacent)
    for (const { room: there, signature } of surveyed) {
      const far = hops.get(there)
      const dbm = meanIn(signature, receiver)
      // What is not heard at all says only that it is faint: taken in, it would flatten or steepen by where the ear ends.
      if (far !== undefined && dbm !== null) points.push({ fall: fallDb(far), dbm })
    }
  }
  if (points.length < FIT_MIN) return { nearDbm: NEAR_DBM, scale: 1 }
  const mean = (of: (point: { fall: number; dbm: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [fall, dbm] = [mean(point => point.fall), mean(point => point.dbm)]
  const spread = mean(point => (point.fall - fall) ** 2)
  if (!(spread > 0)) return { nearDbm: NEAR_DBM, scale: 1 }
  const slope = mean(point => (point.fall - fall) * (point.dbm - dbm)) / spread
  const scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, -slope))
  return { nearDbm: dbm + scale * fall, scale }
}
