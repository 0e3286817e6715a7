// Walk tests as the journal has them: which stand, which were withdrawn, and each unpacked again when it is asked for.
// The model of the building is built from those that stand, and from nothing else.
import type { Walk, WalkStay } from '../../../schemas/walk.ts'
import type { Change } from '../plan/change.ts'
import { unpackReadings } from './pack.ts'
import { type Tally, tallyOf } from './tally.ts'

export type StoredWalk = {
  walk: number
  atMs: number
  by: string
  pendant: string
  receivers: readonly string[]
  stays: readonly WalkStay[]
  lengthMs: number
  count: number
  /** Packed; null where it was withdrawn, or is too long ago to be held in memory. Its row stays in the journal. */
  readings: string | null
  withdrawn: { atMs: number; by: string } | null
}

/** The newest so many teach the model: at a megabyte each they are what may be held. An older one is superseded. */
export const STANDING_MAX = 24
/** And so many are listed. */
const LISTED_MAX = 200

type Stored = Extract<Change, { is: 'walk-stored' }>

export function keepWalk(
  walks: readonly StoredWalk[],
  { walk, pendant, receivers, stays, lengthMs, count, readings }: Stored,
  atMs: number,
  by: string,
): StoredWalk[] {
  const kept = { walk, atMs, by, pendant, receivers, stays, lengthMs, count, readings, withdrawn: null }
  return bounded([...walks, kept])
}

export function withdrawWalk(
  walks: readonly StoredWalk[],
  walk: number,
  atMs: number,
  by: string,
): StoredWalk[] {
  return bounded(walks.map(each => (each.walk === walk ? { ...each, withdrawn: { atMs, by } } : each)))
}

function bounded(walks: readonly StoredWalk[]): StoredWalk[] {
  const held = new Set(walks.filter(isStanding).slice(-STANDING_MAX))
  return walks.map(each => (held.has(each) ? each : { ...each, readings: null })).slice(-LISTED_MAX)
}

const isStanding = ({ readings, withdrawn }: StoredWalk): boolean => readings !== null && withdrawn === null

/** The walk whole, or null where its readings are no longer held. */
export function walkOf(stored: StoredWalk): Walk | null {
  const { pendant, receivers, stays } = stored
  const readings = stored.readings === null ? null : unpackReadings(stored.readings, receivers)
  return readings === null ? null : { pendant, receivers: [...receivers], readings, stays: [...stays] }
}

/** Those that stand, oldest first: what the model is calibrated with. */
export function standingWalks(walks: readonly StoredWalk[]): Walk[] {
  return walks.flatMap(each => walkOf(each) ?? [])
}

const tallies = new WeakMap<readonly StoredWalk[], Tally>()

/** Counts of all that stand. Counting an hour of readings takes tens of milliseconds, so it is done once for each list. */
export function standingTally(walks: readonly StoredWalk[]): Tally {
  const known = tallies.get(walks)
  if (known !== undefined) return known
  const tally = tallyOf(standingWalks(walks))
  tallies.set(walks, tally)
  return tally
}
