// In: counts of levels in two rooms. Out: how often one look at a pendant in either would be taken for the other.
// The Bhattacharyya bound (Kailath 1967): two equally likely rooms are confused in at most half of their overlap.
import { type HeardTally, LEVELS, LOWEST_DBM, type RoomTally } from './tally.ts'

/**
 * A minute in a room visits only some of its places, so each level heard speaks for its neighbours too: the deviation
 * of a receiver's level from packet to packet at one place indoors.
 */
const SMOOTH_DB = 3
const REACH = 3 * SMOOTH_DB
/** Below this two rooms are apart whatever other receivers say. */
const APART = 1e-4

/** One receiver in one room: square roots of the chance of each level, and of not being heard at all. */
type Roots = { levels: Float64Array; from: number; to: number; missed: number; meanDbm: number }
/** What a room sounds like, loudest receiver first. */
export type Signature = { listened: ReadonlySet<string>; roots: ReadonlyMap<string, Roots> }

export function signatureOf(room: RoomTally): Signature {
  const roots = [...room.heard].map(([receiver, heard]) => {
    const looks = room.listened.get(receiver) ?? room.looks
    return [receiver, rootsOf(heard, looks)] as const
  })
  roots.sort((a, b) => b[1].meanDbm - a[1].meanDbm)
  return { listened: new Set(room.listened.keys()), roots: new Map(roots) }
}

function rootsOf(heard: HeardTally, looks: number): Roots {
  const share = heardShare(heard.looks, looks)
  const levels = new Float64Array(LEVELS)
  let [from, to, sum] = [LEVELS, 0, 0]
  for (let level = 0; level < LEVELS; level++) {
    const count = heard.levels[level] ?? 0
    if (count === 0) continue
    sum += count * (level + LOWEST_DBM)
    from = Math.min(from, Math.max(0, level - REACH))
    to = Math.max(to, Math.min(LEVELS - 1, level + REACH))
    for (let step = -REACH; step <= REACH; step++) {
      const at = level + step
      if (at >= 0 && at < LEVELS)
        levels[at] = (levels[at] as number) + count * (KERNEL[step + REACH] as number)
    }
  }
  for (let level = from; level <= to; level++) {
    levels[level] = Math.sqrt((share * (levels[level] as number)) / heard.looks)
  }
  return { levels, from, to, missed: Math.sqrt(1 - share), meanDbm: sum / heard.looks }
}

/** Never quite 0 or 1: a minute has not seen everything (Laplace's rule of succession). */
const heardShare = (heard: number, looks: number): number => (Math.min(heard, looks) + 1) / (looks + 2)

const KERNEL = kernel()
function kernel(): number[] {
  const weights = Array.from({ length: 2 * REACH + 1 }, (_, i) =>
    Math.exp(-(((i - REACH) / SMOOTH_DB) ** 2) / 2),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map(weight => weight / sum)
}

/** The overlap of two rooms, 0 (never alike) to 1 (the same), over the receivers that listened to both. */
export function overlapOf(a: Signature, b: Signature): number {
  let overlap = 1
  const receivers = new Set([...a.roots.keys(), ...b.roots.keys()])
  for (const receiver of receivers) {
    if (!a.listened.has(receiver) || !b.listened.has(receiver)) continue
    overlap *= alike(a.roots.get(receiver), b.roots.get(receiver))
    if (overlap < APART) return 0
  }
  return overlap
}

/** At most so many of the looks are taken for the other room, 0 to 0.5. */
export const confusedOf = (overlap: number): number => overlap / 2

function alike(a: Roots | undefined, b: Roots | undefined): number {
  if (a === undefined || b === undefined) return (a ?? b)?.missed ?? 1
  let sum = a.missed * b.missed
  const to = Math.min(a.to, b.to)
  for (let level = Math.max(a.from, b.from); level <= to; level++)
    sum += (a.levels[level] as number) * (b.levels[level] as number)
  return Math.min(1, sum)
}

/** The overlap of two normal levels of the same deviation, in dBm and dB. */
export const normalOverlap = (meanDbm: number, otherDbm: number, deviationDb: number): number =>
  Math.exp(-((meanDbm - otherDbm) ** 2) / (8 * deviationDb ** 2))

/** How loud a room's receiver is there on average; null where it was not heard. */
export const meanIn = (signature: Signature, receiver: string): number | null =>
  signature.roots.get(receiver)?.meanDbm ?? null
