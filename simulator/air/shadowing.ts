// What furniture, walls and people make of a path beyond its length: a level that belongs to a pair of places and changes
// smoothly as either end moves, and the interference of paths, which changes within a hand's breadth.
// Pure functions of the seed and the two ends, the same both ways.
import type { PlanPoint } from '../building/plan.ts'

/**
 * Correlation of shadowing over distance, as two grids of chance, one fine and one coarse: together they fall about as
 * exp(-d / 1.5 m), within the 1 to 2 m that are measured indoors (Gudmundson's model, 1991, with indoor distances).
 */
const GRIDS = [
  { metres: 1.2, share: 0.6 },
  { metres: 3.6, share: 0.4 },
]
/** Interference is another one half a wavelength on: 6.2 cm at 2.44 GHz. */
const HALF_WAVE_METRES = 0.0615

/** A normal number of mean 0 and deviation 1 for two places: the shadowing between them. */
export function shadowBetween(seed: number, from: PlanPoint, to: PlanPoint): number {
  const [a, b] = ordered(from, to)
  let level = 0
  for (const [index, { metres, share }] of GRIDS.entries()) {
    let sum = 0
    let squares = 0
    const ends = cornersOf(b, metres)
    for (const here of cornersOf(a, metres)) {
      for (const there of ends) {
        const weight = here.weight * there.weight
        sum += weight * chance(seed + index, here.x, here.y, here.z, there.x, there.y, there.z)
        squares += weight * weight
      }
    }
    // Between grid points a mean of several chances would vary less than at one.
    level += Math.sqrt(share) * (sum / Math.sqrt(squares))
  }
  return level
}

/**
 * Interference in dB about the mean of a path with a direct part `riceK` times as strong as the scattered rest
 * (Rician, in power), for one of the three advertising channels at these places.
 */
export function interference(
  seed: number,
  riceK: number,
  channel: number,
  from: PlanPoint,
  to: PlanPoint,
): number {
  const [a, b] = ordered(from, to).map(point => cellOf(point, HALF_WAVE_METRES)) as [Cell, Cell]
  const scatter = Math.sqrt(1 / (2 * (riceK + 1)))
  const direct = Math.sqrt(riceK / (riceK + 1))
  const inPhase = direct + scatter * chance(seed + 11 + 2 * channel, a.x, a.y, a.z, b.x, b.y, b.z)
  const across = scatter * chance(seed + 12 + 2 * channel, a.x, a.y, a.z, b.x, b.y, b.z)
  return 10 * Math.log10(Math.max(DEEPEST, inPhase ** 2 + across ** 2))
}
/** 30 dB: no fade is deeper, since no two paths cancel wholly. */
const DEEPEST = 1e-3

type Cell = { x: number; y: number; z: number }
type Corner = Cell & { weight: number }

const cellOf = ({ x, y, height = 0 }: PlanPoint, metres: number): Cell => ({
  x: Math.floor(x / metres),
  y: Math.floor(y / metres),
  z: Math.floor(height),
})

/** The four grid points about a place, each weighted by how near it is. */
function cornersOf(point: PlanPoint, metres: number): Corner[] {
  const { x, y, z } = cellOf(point, metres)
  const [u, v] = [point.x / metres - x, point.y / metres - y]
  return [
    { x, y, z, weight: (1 - u) * (1 - v) },
    { x: x + 1, y, z, weight: u * (1 - v) },
    { x, y: y + 1, z, weight: (1 - u) * v },
    { x: x + 1, y: y + 1, z, weight: u * v },
  ]
}

/** The same pair either way round. */
function ordered(a: PlanPoint, b: PlanPoint): [PlanPoint, PlanPoint] {
  const isFirst = a.x - b.x || a.y - b.y || (a.height ?? 0) - (b.height ?? 0)
  return isFirst <= 0 ? [a, b] : [b, a]
}

/** A normal number of mean 0 and deviation 1 that belongs to these whole numbers (Murmur's mixing; Box and Muller). */
function chance(...words: readonly number[]): number {
  let hash = 0x9e3779b9
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  const first = ((hash >>> 0) + 1) / 4_294_967_297
  let second = Math.imul(hash ^ 0x27d4eb2f, 0x165667b1)
  second ^= second >>> 15
  return Math.sqrt(-2 * Math.log(first)) * Math.cos((2 * Math.PI * (second >>> 0)) / 4_294_967_296)
}
