// In: what receivers heard of a pendant in each room. Out: counts of levels per room and receiver, and of beacons:
// all that a report of a walk needs. Its size depends on rooms and receivers, never on how long anybody walked.
import type { Walk, WalkStay } from '../../schemas/walk.ts'

/** Levels in whole dBm, from the faintest a radio gives. */
export const LOWEST_DBM = -127
export const LEVELS = 148
/**
 * Readings within this of a beacon's first are of the same beacon: receivers' clocks and batches differ by tens of
 * milliseconds, and no pendant sends twice within 100 ms.
 */
const BEACON_SPAN_MS = 60

export type HeardTally = { readings: number; beacons: number; levels: Uint32Array }
export type RoomTally = {
  staysMs: number
  beacons: number
  /** The beacon that is being heard: when it was first, and by whom so far. */
  beacon: { atMs: number; by: Set<string> } | null
  heard: Map<string, HeardTally>
  /** Beacons that went by while this receiver worked, whether it heard them or not. */
  listened: Map<string, number>
}
/** By room; null is a place that is on no plan. */
export type Tally = Map<string | null, RoomTally>

export const newTally = (): Tally => new Map()

export function roomTally(tally: Tally, room: string | null): RoomTally {
  const known = tally.get(room)
  if (known !== undefined) return known
  const made: RoomTally = { staysMs: 0, beacons: 0, beacon: null, heard: new Map(), listened: new Map() }
  tally.set(room, made)
  return made
}

/** Counts one reading, in place. Within a room they come in order of time, or beacons are counted twice. */
export function countReading(room: RoomTally, atMs: number, receiver: string, rssiDbm: number): void {
  const heard = room.heard.get(receiver) ?? { readings: 0, beacons: 0, levels: new Uint32Array(LEVELS) }
  room.heard.set(receiver, heard)
  heard.readings += 1
  const level = binOf(rssiDbm)
  heard.levels[level] = (heard.levels[level] ?? 0) + 1
  if (room.beacon === null || Math.abs(atMs - room.beacon.atMs) > BEACON_SPAN_MS) {
    room.beacon = { atMs, by: new Set() }
    room.beacons += 1
  }
  if (room.beacon.by.has(receiver)) return
  room.beacon.by.add(receiver)
  heard.beacons += 1
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
  // Another walk's clock begins at 0 too: its first beacon is never this one's last.
  for (const room of tally.values()) room.beacon = null
  const before = new Map([...tally].map(([room, { beacons }]) => [room, beacons]))
  countReadings(tally, walk, stays)
  for (const [room, { beacons, listened }] of tally) {
    const passed = beacons - (before.get(room) ?? 0)
    if (passed === 0) continue
    for (const receiver of walk.receivers) listened.set(receiver, (listened.get(receiver) ?? 0) + passed)
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

/** The level below which `share` of what was heard lies, in dBm; within a bin it is its middle. */
export function quantileOf(heard: HeardTally, share: number): number {
  let left = share * heard.readings
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
  const meanDbm = sum / heard.readings
  return { meanDbm, deviationDb: Math.sqrt(Math.max(0, squares / heard.readings - meanDbm ** 2)) }
}
