// In: a recorded walk. Out: the same walk with fewer beacons, or without a receiver: what a worse day would have been.
import type { Walk } from '../../../../schemas/walk.ts'

/**
 * Receivers' stamps of one beacon lie within so long of each other. In the recorded flat they do by up to 0.15 s: two of its
 * receivers stamp alike and share 91 % of their beacons, so a beacon that one of six hears is heard by more than five,
 * which is what this finds (5.3).
 */
const SAME_BEACON_MS = 150

/**
 * The first beacon of each `everyMs`, as every receiver heard it: of each the reading nearest to the beacon's first.
 */
export function thinned(walk: Walk, everyMs: number): Walk {
  const { readings } = walk
  const kept = new Set<number>()
  let dueMs = readings[0]?.[0] ?? 0
  readings.forEach(([tMs], i) => {
    if (tMs < dueMs) return
    // What a silence cost is not made up for.
    dueMs = (tMs < dueMs + everyMs ? dueMs : tMs) + everyMs
    for (const nearest of beaconAt(walk, i)) kept.add(nearest)
  })
  return { ...walk, readings: readings.filter((_, i) => kept.has(i)) }
}

/** The readings of the beacon that reading `first` is of, one for each receiver. */
function beaconAt({ readings }: Walk, first: number): Iterable<number> {
  const atMs = readings[first]?.[0] ?? 0
  const offMs = (i: number): number => Math.abs((readings[i]?.[0] ?? Number.POSITIVE_INFINITY) - atMs)
  const nearest = new Map<string, number>()
  const consider = (i: number): void => {
    const receiver = readings[i]?.[1] ?? ''
    if (offMs(i) < offMs(nearest.get(receiver) ?? -1)) nearest.set(receiver, i)
  }
  for (let i = first; offMs(i) <= SAME_BEACON_MS; i++) consider(i)
  for (let i = first - 1; offMs(i) <= SAME_BEACON_MS; i--) consider(i)
  return nearest.values()
}

/** The receiver hears nothing. That it is down is not said: `receivers` stays as it was. */
export const silenced = (walk: Walk, receiver: string): Walk => ({
  ...walk,
  readings: walk.readings.filter(([, id]) => id !== receiver),
})

/** From then on all receivers hear it weaker by so much: the wearer fell on it. What is below their sensitivity is lost. */
export const weakened = (walk: Walk, fromMs: number, byDb: number): Walk => ({
  ...walk,
  readings: walk.readings.flatMap(([tMs, id, dbm]): Walk['readings'] => {
    if (tMs < fromMs) return [[tMs, id, dbm]]
    return dbm - byDb < FAINTEST_DBM ? [] : [[tMs, id, dbm - byDb]]
  }),
})
/** What a good receiver still hears of Bluetooth at 1 Mbit/s. */
const FAINTEST_DBM = -97
