// In: cells, which rooms are next to which, and what a walk showed. Out: how likely a wearer is in which cell a second
// later. Two cells are near each other when their levels are alike: that is how a doorway is known without a plan.
import type { Cell } from './cell.ts'
import { SENSITIVITY_DBM } from './radio.ts'

/** To a cell, with a chance, within one second. A cell's own chance of staying is what is left. */
export type Move = { to: number; chance: number }

/** People stay in a room for about so long while they walk about; the levels overrule this within seconds. */
const DWELL_S = 20
/** A person goes out of the known rooms about once in so long, and is back after a short errand. */
const UNTIL_OUTSIDE_S = 900
const OUTSIDE_S = 60
/** Levels of neighbouring steps differ by about the spread of shadowing over a step or two. */
const NEAR_DB = 6
/** How many seconds of a walk in a cell it takes to believe its moves as much as these expectations: as many as make a cell. */
const WORTH_S = 12
/** The likeliest moves that are kept of a cell: a corridor has many doors. */
const EDGES_MAX = 32

/** `seen[a][b]`: how often the walk was in cell b one second after cell a. Absent where nothing was seen. */
export function movesOf(
  cells: readonly Cell[],
  neighbours: readonly (readonly number[])[],
  {
    dwellS = [],
    seen,
  }: { dwellS?: readonly number[]; seen?: ReadonlyMap<number, ReadonlyMap<number, number>> } = {},
): Move[][] {
  const outside = neighbours.length
  const byRoom = Array.from({ length: outside + 1 }, () => [] as number[])
  cells.forEach(({ room }, c) => {
    byRoom[room]?.push(c)
  })
  const inside = cells.flatMap(({ room }, c) => (room === outside ? [] : [c]))
  const heardIn = cells.map(heardBy)
  return cells.map(({ room }, c) => {
    const chances = new Map<number, number>()
    const spread = (to: readonly number[], share: number): void => {
      const alike = to.map(other => ((cells[other] as Cell).share + 0.1) * nearness(cells, heardIn, c, other))
      const sum = alike.reduce((a, b) => a + b, 0)
      if (!(sum > 0)) return
      to.forEach((other, i) => {
        chances.set(other, (chances.get(other) ?? 0) + (share * (alike[i] as number)) / sum)
      })
    }
    const leaving = 1 - Math.exp(-1 / (room === outside ? OUTSIDE_S : (dwellS[room] ?? DWELL_S)))
    const goingOut = room === outside ? 0 : 1 - Math.exp(-1 / UNTIL_OUTSIDE_S)
    spread(byRoom[room] ?? [], 1 - leaving - goingOut)
    if (goingOut > 0) spread(byRoom[outside] ?? [], goingOut)
    const doors = (neighbours[room] ?? []).flatMap(other => byRoom[other] ?? [])
    spread(room === outside ? inside : doors, leaving)
    return kept(c, chances, seen?.get(c))
  })
}

function kept(
  from: number,
  expected: ReadonlyMap<number, number>,
  seen: ReadonlyMap<number, number> | undefined,
): Move[] {
  const chances = new Map(expected)
  if (seen !== undefined) {
    const total = [...seen.values()].reduce((a, b) => a + b, 0)
    for (const to of new Set([...expected.keys(), ...seen.keys()])) {
      chances.set(to, ((seen.get(to) ?? 0) + WORTH_S * (expected.get(to) ?? 0)) / (total + WORTH_S))
    }
  }
  return [...chances]
    .flatMap(([to, chance]) => (to === from || chance === 0 ? [] : [{ to, chance }]))
    .sort((a, b) => b.chance - a.chance || a.to - b.to)
    .slice(0, EDGES_MAX)
}

/** The receivers that hear a cell, by their places in order: in a large building a few of many. */
function heardBy({ levelDbm }: Cell): Int32Array {
  const heard: number[] = []
  for (let r = 0; r < levelDbm.length; r++) if ((levelDbm[r] as number) > SENSITIVITY_DBM) heard.push(r)
  return Int32Array.from(heard)
}

/** 1 for cells of equal levels; falls with the mean square of their differences, over the receivers that hear either. */
function nearness(cells: readonly Cell[], heardIn: readonly Int32Array[], a: number, b: number): number {
  const [levelsA, levelsB] = [(cells[a] as Cell).levelDbm, (cells[b] as Cell).levelDbm]
  const [heardA, heardB] = [heardIn[a] as Int32Array, heardIn[b] as Int32Array]
  let sum = 0
  let count = 0
  for (let i = 0, j = 0; i < heardA.length || j < heardB.length; ) {
    const [nextA, nextB] = [heardA[i] ?? Number.POSITIVE_INFINITY, heardB[j] ?? Number.POSITIVE_INFINITY]
    const r = Math.min(nextA, nextB)
    if (nextA === r) i += 1
    if (nextB === r) j += 1
    const apart = (levelsA[r] as number) - (levelsB[r] as number)
    if (Number.isNaN(apart)) continue
    sum += apart * apart
    count += 1
  }
  return count === 0 ? 1 : Math.max(1e-6, Math.exp(-sum / count / (2 * NEAR_DB ** 2)))
}

/** Packs moves; `leaving` is the rate per second that makes a second's chance of leaving. */
export function edgesOf(moves: readonly (readonly Move[])[]): {
  to: Int32Array
  share: Float64Array
  leaving: Float64Array
} {
  const sums = moves.map(row => row.reduce((sum, { chance }) => sum + chance, 0))
  return {
    to: Int32Array.from(moves.flatMap(row => row.map(({ to }) => to))),
    share: Float64Array.from(
      moves.flatMap((row, c) => row.map(({ chance }) => chance / (sums[c] as number))),
    ),
    leaving: Float64Array.from(sums, sum => -Math.log(Math.max(0.02, 1 - sum))),
  }
}
