// In: the samples of one room. Out: a few cells that make them likely: Gaussian mixtures by expectation-maximisation,
// each drawn towards what was expected before. Deterministic: the same walk gives the same cells.
import type { Cell } from '../building/cell.ts'
import { type OnStep, SAMPLE_S, type Sample, UNWATCHED } from './samples.ts'

/** So many seconds of walking teach about one more cell: a step or two in each direction, seen from a few sides. */
const SECONDS_PER_CELL = 12
export const CELLS_MAX = 6
const ROUNDS = 8
/** Spread of the levels within a part of a room, and how many seconds that expectation is worth. */
const SPREAD_DB = 4
const SPREAD_WORTH = 5
const SPREAD_MIN_DB = 2.5
/** How many seconds the room's own mean is worth in each of its cells. */
const MEAN_WORTH = 1

export type Expected = { levelDbm: Float64Array; worth: number }

/** The cells of one room. `expected` is what is believed of the room's mean levels without these samples. */
export function cellsOf(
  room: number,
  samples: readonly Sample[],
  expected: Expected,
  onStep: OnStep = UNWATCHED,
): Cell[] {
  const centre = centreOf(samples, expected)
  const seconds = SAMPLE_S * samples.length
  const count = Math.max(1, Math.min(CELLS_MAX, Math.floor(seconds / SECONDS_PER_CELL)))
  let cells = seeds(room, samples, centre, count)
  for (let round = 0; round < ROUNDS; round++) {
    onStep()
    const shares = samples.map(sample => sharesOf(sample, cells))
    cells = cells.map((_, k) => {
      const own = shares.map(each => each[k] as number)
      return cellFrom(room, samples, own, centre)
    })
  }
  return cells
}

/** The room's mean level of each receiver, drawn towards the expected one. */
function centreOf(samples: readonly Sample[], expected: Expected): Float64Array {
  return expected.levelDbm.map((prior, r) => {
    const heard = samples.filter(({ levelDbm }) => !Number.isNaN(levelDbm[r]))
    const sum = heard.reduce((total, { levelDbm }) => total + (levelDbm[r] as number), 0)
    return Number.isNaN(prior) && heard.length === 0
      ? Number.NaN
      : (SAMPLE_S * sum + expected.worth * (Number.isNaN(prior) ? 0 : prior)) /
          (SAMPLE_S * heard.length + (Number.isNaN(prior) ? 0 : expected.worth))
  })
}

/** The first cells: the walk through the room, cut into parts of equal length. Who walks is at one place for a while. */
function seeds(room: number, samples: readonly Sample[], centre: Float64Array, count: number): Cell[] {
  return Array.from({ length: count }, (_, part) => {
    const own = samples.map((_, i) => (Math.floor((i * count) / samples.length) === part ? 1 : 0))
    return cellFrom(room, samples, own, centre)
  })
}

/** For each sample the cells of its room, by their place among all, and how likely it is of each. */
export function membersOf(
  samples: readonly Sample[],
  cells: readonly Cell[],
  onStep: OnStep = UNWATCHED,
): Member[] {
  const byRoom = new Map<number, number[]>()
  cells.forEach(({ room }, c) => {
    byRoom.set(room, [...(byRoom.get(room) ?? []), c])
  })
  return samples.map((sample, i) => {
    if (i % SAMPLES_A_STEP === 0) onStep()
    const of = byRoom.get(sample.room) ?? []
    const shares = sharesOf(
      sample,
      of.map(c => cells[c] as Cell),
    )
    return { of, shares }
  })
}
const SAMPLES_A_STEP = 2_000
export type Member = { of: readonly number[]; shares: Float64Array }

/** How likely a sample is of each cell. */
function sharesOf({ levelDbm, variance }: Sample, cells: readonly Cell[]): Float64Array {
  const logs = Float64Array.from(cells, ({ share, levelDbm: mean, spreadDb }) => {
    let log = Math.log(share)
    for (let r = 0; r < levelDbm.length; r++) {
      const residual = (levelDbm[r] as number) - (mean[r] as number)
      if (Number.isNaN(residual)) continue
      const wide = (spreadDb[r] as number) ** 2 + (variance[r] as number)
      log -= 0.5 * Math.log(wide) + 0.5 * ((residual * residual) / wide)
    }
    return log
  })
  const most = Math.max(...logs)
  const chances = logs.map(log => Math.exp(log - most))
  const sum = chances.reduce((a, b) => a + b, 0)
  return chances.map(chance => chance / sum)
}

function cellFrom(
  room: number,
  samples: readonly Sample[],
  shares: readonly number[],
  centre: Float64Array,
): Cell {
  const total = SAMPLE_S * shares.reduce((a, b) => a + b, 0)
  const levelDbm = new Float64Array(centre.length)
  const spreadDb = new Float64Array(centre.length)
  for (let r = 0; r < centre.length; r++) {
    let weight = 0
    let sum = 0
    samples.forEach((sample, i) => {
      const seconds = SAMPLE_S * (shares[i] as number)
      if (Number.isNaN(sample.levelDbm[r])) return
      weight += seconds
      sum += seconds * (sample.levelDbm[r] as number)
    })
    const middle = centre[r] as number
    const mean = Number.isNaN(middle) ? Number.NaN : (sum + MEAN_WORTH * middle) / (weight + MEAN_WORTH)
    let square = SPREAD_WORTH * SPREAD_DB ** 2
    samples.forEach((sample, i) => {
      const residual = (sample.levelDbm[r] as number) - mean
      if (Number.isNaN(residual)) return
      square += SAMPLE_S * (shares[i] as number) * (residual * residual - (sample.variance[r] as number))
    })
    levelDbm[r] = mean
    spreadDb[r] = Math.sqrt(Math.max(SPREAD_MIN_DB ** 2, square / (weight + SPREAD_WORTH)))
  }
  return {
    room,
    share: (total + 1) / (SAMPLE_S * samples.length + 1),
    levelDbm,
    spreadDb,
  }
}
