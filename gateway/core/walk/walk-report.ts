// In: the counts of a walk test and the plan. Out: what each room's receivers heard, which rooms can be told apart, where
// coverage is missing, and where one more receiver would help most.
import type {
  CoverageReport,
  HeardView,
  PairReport,
  RoomReport,
  WalkReport,
} from '../../../schemas/api/walk.ts'
import { doorWords, type Plan } from '../plan/plan.ts'
import { adviseReceiver, type Surveyed } from './advice.ts'
import { confusedOf, overlapOf, signatureOf } from './overlap.ts'
import { momentsOf, quantileOf, type RoomTally, type Tally } from './tally.ts'

/** From 30 s on a room's levels repeat; 60 s is better. */
export const ROOM_SECONDS_AIM = 30
/** A receiver that hears fewer of a room's looks cannot be counted on. */
const SHARE_MIN = 0.5
/** Weaker than this, a body in the way silences it: receivers lose half their packets at about -95 dBm. */
const WEAK_DBM = -90
/** At this rate and above two rooms look alike; between the two they are hard to tell apart. */
const ALIKE = 0.2
const HARD = 0.1
const PAIRS_MAX = 20
const ELSEWHERE = 'Somewhere else'

/** `stayedMs` is how long the walker was in each room, where the counts do not say (a walk that goes on). */
export function reportWalk(
  plan: Plan,
  tally: Tally,
  stayedMs?: ReadonlyMap<string | null, number>,
): WalkReport {
  const staysMs = (room: string | null): number => stayedMs?.get(room) ?? tally.get(room)?.staysMs ?? 0
  const walked = new Set([...tally.keys(), ...(stayedMs?.keys() ?? [])])
  const rooms = [...walked].map(room => roomReport(plan, room, tally.get(room), staysMs(room)))
  const surveyed = [...tally].flatMap(([room, counts]) => {
    const report = rooms.find(each => each.room === room)
    return room === null || report === undefined || counts.looks === 0 ? [] : [survey(room, counts, report)]
  })
  const confused = compare(surveyed)
  const pairs = confused.map(pair => pairReport(plan, surveyed, pair))
  return {
    rooms: rooms.sort((a, b) => orderOf(plan, a.room) - orderOf(plan, b.room)),
    unwalked: [...plan.places.keys()]
      .filter(room => !walked.has(room))
      .map(room => ({ room, door: doorOf(plan, room) })),
    pairs: pairs
      .filter(pair => pair.confused >= HARD)
      .sort((a, b) => b.confused - a.confused)
      .slice(0, PAIRS_MAX),
    compared: pairs.length,
    apart: pairs.filter(pair => pair.confused < HARD).length,
    coverage: rooms.flatMap(report => coverageOf(report)),
    advice: adviseReceiver({
      surveyed,
      candidates: [...plan.places.keys()].map(room => ({ room, door: doorOf(plan, room) })),
      receiverRooms: new Map([...plan.receivers.values()].map(({ id, room }) => [id, room])),
      adjacent: neighbours(plan),
      confused,
    }),
  }
}

function roomReport(
  plan: Plan,
  room: string | null,
  counts: RoomTally | undefined,
  staysMs: number,
): RoomReport {
  const heard = counts === undefined ? [] : [...counts.heard].map(([id]) => heardView(id, counts))
  return {
    room,
    door: room === null ? ELSEWHERE : doorOf(plan, room),
    seconds: Math.round(staysMs / 100) / 10,
    looks: counts?.looks ?? 0,
    heard: heard.sort((a, b) => b.medianDbm - a.medianDbm || (a.receiver < b.receiver ? -1 : 1)),
  }
}

function heardView(receiver: string, { heard, listened, looks }: RoomTally): HeardView {
  const counts = heard.get(receiver)
  if (counts === undefined) throw new Error(`counts of ${receiver} that were there a moment ago`)
  const passed = listened.get(receiver) ?? looks
  const [low, first, median, third, high] = [0.05, 0.25, 0.5, 0.75, 0.95].map(share =>
    quantileOf(counts, share),
  )
  return {
    receiver,
    readings: counts.readings,
    share: passed === 0 ? 0 : Math.min(1, counts.looks / passed),
    medianDbm: median as number,
    spreadDb: (third as number) - (first as number),
    lowDbm: low as number,
    highDbm: high as number,
  }
}

function survey(room: string, counts: RoomTally, report: RoomReport): Surveyed {
  const deviations = [...counts.heard.values()].map(each => momentsOf(each).deviationDb)
  const deviationDb = deviations.reduce((sum, each) => sum + each, 0) / Math.max(1, deviations.length)
  return {
    room,
    door: report.door,
    signature: signatureOf(counts),
    // One place in a quiet minute varies less than the room does with people in it.
    deviationDb: Math.max(DEVIATION_DB_MIN, deviationDb),
    isThin: report.heard.filter(reliable).length < 2,
  }
}
const DEVIATION_DB_MIN = 4

function compare(surveyed: readonly Surveyed[]): { a: number; b: number; confused: number }[] {
  return surveyed.flatMap(({ signature }, a) =>
    surveyed.slice(a + 1).map((other, i) => ({
      a,
      b: a + 1 + i,
      confused: confusedOf(overlapOf(signature, other.signature)),
    })),
  )
}

function pairReport(
  plan: Plan,
  surveyed: readonly Surveyed[],
  { a, b, confused }: { a: number; b: number; confused: number },
): PairReport {
  const [one, other] = [surveyed[a] as Surveyed, surveyed[b] as Surveyed]
  const areAdjacent =
    plan.places.get(one.room)?.room.adjacent.includes(other.room) === true ||
    plan.places.get(other.room)?.room.adjacent.includes(one.room) === true
  const words = confused >= ALIKE ? 'look alike' : 'are hard to tell apart'
  const share = `up to ${Math.max(1, Math.round(100 * confused))} % of looks would name the other`
  const doors: [string, string] = [one.door, other.door]
  return {
    rooms: [one.room, other.room],
    doors,
    confused,
    areAdjacent,
    text: `${doors.join(' and ')} ${words}: ${share}`,
  }
}

const reliable = ({ share, medianDbm }: HeardView): boolean => share >= SHARE_MIN && medianDbm >= WEAK_DBM

function coverageOf({ room, door, heard, seconds }: RoomReport): CoverageReport[] {
  if (room === null) return []
  const says = (text: string): CoverageReport[] => [{ room, door, text: `${door}: ${text}` }]
  const short =
    seconds >= ROOM_SECONDS_AIM
      ? ''
      : ` (walked for ${Math.round(seconds)} s only; ${ROOM_SECONDS_AIM} to 60 s tell more)`
  const [loudest] = heard
  if (loudest === undefined) return says(`no receiver hears it at all${short}`)
  if (loudest.medianDbm < WEAK_DBM)
    return says(
      `weak: its loudest receiver, ${loudest.receiver}, hears it at ${loudest.medianDbm} dBm${short}`,
    )
  const good = heard.filter(reliable)
  if (good.length === 0)
    return says(
      `its best receiver, ${loudest.receiver}, hears ${Math.round(100 * loudest.share)} % of the looks${short}`,
    )
  if (good.length === 1)
    return says(`only ${good[0]?.receiver} hears it well: if that one fails, nobody does${short}`)
  return short === ''
    ? []
    : says(`walked for ${Math.round(seconds)} s only; ${ROOM_SECONDS_AIM} to 60 s tell more`)
}

function neighbours(plan: Plan): Map<string, string[]> {
  const adjacent = new Map([...plan.places.keys()].map(room => [room, [] as string[]]))
  for (const [id, { room }] of plan.places)
    for (const other of room.adjacent) {
      adjacent.get(id)?.push(other)
      adjacent.get(other)?.push(id)
    }
  return adjacent
}

const doorOf = (plan: Plan, room: string): string => doorWords(plan, room) ?? room

/** As in the site file; what is on no plan comes last. */
function orderOf(plan: Plan, room: string | null): number {
  const at = room === null ? -1 : [...plan.places.keys()].indexOf(room)
  return at < 0 ? plan.places.size : at
}
