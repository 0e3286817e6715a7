// In: what receivers heard of a pendant in each room. Out: counts of levels per room and receiver, one for each look:
// all that a report of a walk needs. Its size depends on rooms and receivers, never on how long anybody walked.
import type { Walk, WalkStay } from '../../../schemas/walk.ts'

/** Levels in whole dBm, from the faintest a radio gives. */
export const LOWEST_DBM = -127
export const LEVELS = 148
/**
 * A look is a second in which any receiver heard the pendant, and a receiver's level in it the mean of what it heard.
 * An idle pendant sends each 2 s, so a look is one beacon; receivers hear different packets of a fast one, so single
 * packets cannot be compared across receivers.
 */
const LOOK_MS = 1_000

export type HeardTally = { readings: number; looks: number; levels: Uint32Array }
type Look = { at: number; sums: Map<string, { sum: number; count: number }> }
export type RoomTally = {
  staysMs: number
  looks: number
  /** The look that goes on. */
  look: Look | null
  heard: Map<string, HeardTally>
  /** Looks while this receiver worked, whether it heard anything or not. */
  listened: Map<string, number>
}
/** By room; null is a place that is on no plan. */
export type Tally = Map<string | null, RoomTally>

export const newTally = (): Tally => new Map()

export function roomTally(tally: Tally, room: string | null): RoomTally {
  const known = tally.get(room)
  if (known !== undefined) return known
  const made: RoomTally = { staysMs: 0, looks: 0, look: null, heard: new Map(), listened: new Map() }
  tally.set(room, made)
  return made
}

/** Counts one reading, in place. Within a room they come in order of time. */
export function countReading(room: RoomTally, atMs: number, receiver: string, rssiDbm: number): void {
  const at = Math.floor(atMs / LOOK_MS)
  if (room.look?.at !== at) endLook(room)
  room.look ??= { at, sums: new Map() }
  const so = room.look.sums.get(receiver) ?? { sum: 0, count: 0 }
  so.sum += rssiDbm
  so.count += 1
  room.look.sums.set(receiver, so)
}

/** The look that went on is over: it counts. */
function endLook(room: RoomTally): void {
  if (room.look === null) return
  room.looks += 1
  for (const [receiver, { sum, count }] of room.look.sums) {
    const heard = room.heard.get(receiver) ?? { readings: 0, looks: 0, levels: new Uint32Array(LEVELS) }
    room.heard.set(receiver, heard)
    heard.readings += count
    heard.looks += 1
    const level = binOf(sum / count)
    heard.levels[level] = (heard.levels[level] ?? 0) + 1
  }
  room.look = null
}

/** Ends a look that nothing is added to any more. */
export function endLookBefore(room: RoomTally, atMs: number): void {
  if (room.look !== null && room.look.at < Math.floor(atMs / LOOK_MS)) endLook(room)
}

export const binOf = (rssiDbm: number): number =>
  Math.min(LEVELS - 1, Math.max(0, Math.round(rssiDbm) - LOWEST_DBM))

/** Counts whole walks. Readings outside every stay, and of receivers that did not work all the while, count nowhere. */
export function tallyOf(walks: readonly Walk[]): Tally {
  const tally = newTally()
  for (const walk of walks) countWalk(tally, walk)
  return tally
}

function countWalk(tally: Tally, walk: Walk): void {
  const stays = [...walk.stays].sort((a, b) => a.fromMs - b.fromMs)
  for (const stay of stays) roomTally(tally, stay.room).staysMs += stay.toMs - stay.fromMs
  const before = new Map([...tally].map(([room, { looks }]) => [room, looks]))
  countReadings(tally, walk, stays)
  for (const [room, counts] of tally) {
    endLook(counts)
    const looks = counts.looks - (before.get(room) ?? 0)
    if (looks === 0) continue
    for (const id of walk.receivers) counts.listened.set(id, (counts.listened.get(id) ?? 0) + looks)
  }
}

function countReadings(tally: Tally, walk: Walk, stays: readonly WalkStay[]): void {
  const known = new Set(walk.receivers)
  let at = 0
  for (const [tMs, receiver, rssiDbm] of [...walk.readings].sort((a, b) => a[0] - b[0])) {
    while (at < stays.length && (stays[at] as WalkStay).toMs <= tMs) at++
    const stay = stays[at]
    if (stay === undefined) return
    if (tMs >= stay.fromMs && known.has(receiver))
      countReading(roomTally(tally, stay.room), tMs, receiver, rssiDbm)
  }
}

/** The level below which `share` of the looks lie, in whole dBm. */
export function quantileOf(heard: HeardTally, share: number): number {
  let left = share * heard.looks
  for (let level = 0; level < LEVELS; level++) {
    left -= heard.levels[level] ?? 0
    if (left < 0 || (left <= 0 && share >= 1)) return level + LOWEST_DBM
  }
  return LEVELS - 1 + LOWEST_DBM
}

/** Mean and deviation of the levels heard, in dBm and dB. */
export function momentsOf(heard: HeardTally): { meanDbm: number; deviationDb: number } {
  let sum = 0
  let squares = 0
  for (let level = 0; level < LEVELS; level++) {
    const count = heard.levels[level] ?? 0
    sum += count * (level + LOWEST_DBM)
    squares += count * (level + LOWEST_DBM) ** 2
  }
  const meanDbm = sum / heard.looks
  return { meanDbm, deviationDb: Math.sqrt(Math.max(0, squares / heard.looks - meanDbm ** 2)) }
}
