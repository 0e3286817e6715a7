// In: the levels of one pendant and where they were a moment ago. Out: after how long another look at them says something
// new. Whoever sits is looked at again and again through the same errors; whoever walks is not.

/** Over so long levels are held to have been at one place: a step or two of somebody who walks. */
const MOMENT_S = 2
/** A receiver that was not heard a moment ago is news as big as the spread of shadowing indoors. */
const UNHEARD_DB = 6
/** A receiver that fell silent says nothing about moving. */
const RECENT_MS = 3_000
/** One level counts no more than this: somebody stepped in between. */
const SQUARE_MAX_DB2 = 200
/**
 * Levels that went as far as they are spread within a part of a room, for a second, are another place: the least spread
 * of a cell (mixture.ts), squared.
 */
const ANOTHER_PLACE_DB2_S = 2.5 ** 2
/** Standing still is never quite still; and no two packets in a row are independent. */
const INDEPENDENT_MAX_S = 3
const INDEPENDENT_MIN_S = 0.25

/** Where a level is said to have been when its receiver is first heard. */
export const unheard = (levelDbm: number): number => levelDbm - UNHEARD_DB

/** Follows a level from a distance. */
export const followed = (beforeDbm: number, levelDbm: number, agoS: number): number =>
  beforeDbm + (1 - Math.exp(-Math.max(0, agoS) / MOMENT_S)) * (levelDbm - beforeDbm)

type Levels = { level: Float32Array; before: Float32Array; at: Float64Array; heardAtMs: number }

/** After how many seconds the levels of the first `count` slots are independent of what they were. */
export function independentS({ level, before, at, heardAtMs }: Levels, count: number): number {
  let sum = 0
  let heard = 0
  for (let slot = 0; slot < count; slot++) {
    if (heardAtMs - (at[slot] as number) > RECENT_MS) continue
    sum += Math.min(SQUARE_MAX_DB2, ((level[slot] as number) - (before[slot] as number)) ** 2)
    heard += 1
  }
  if (heard === 0) return INDEPENDENT_MAX_S
  return Math.min(INDEPENDENT_MAX_S, Math.max(INDEPENDENT_MIN_S, (ANOTHER_PLACE_DB2_S * heard) / sum))
}
