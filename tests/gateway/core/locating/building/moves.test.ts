// How likely a wearer is in which cell a second later, and that working it out stays cheap in a large building.
import { expect, test } from 'vitest'
import type { Cell } from '../../../../../gateway/core/locating/building/cell.ts'
import { movesOf } from '../../../../../gateway/core/locating/building/moves.ts'

const FAINT_DBM = -140
const ROOMS = 40

/** A row of rooms, each heard by the receiver in it and by those next to it, and the outside beyond each. */
function cellsOf(receivers: number): Cell[] {
  const cell = (room: number, at: number, wallDb: number): Cell => ({
    room,
    share: 1,
    levelDbm: Float64Array.from({ length: receivers }, (_, r) =>
      Math.abs(r - at) <= 1 ? -50 - 15 * Math.abs(r - at) - wallDb : FAINT_DBM,
    ),
    spreadDb: new Float64Array(receivers).fill(6),
  })
  const rooms = Array.from({ length: ROOMS }, (_, i) => i)
  return [...rooms.map(i => cell(i, i, 0)), ...rooms.map(i => cell(ROOMS, i, 15))]
}

const neighbours = Array.from({ length: ROOMS }, (_, i) => [i - 1, i + 1].filter(j => j >= 0 && j < ROOMS))

/** A cell that counts how often a level of it is looked at. */
function counting(cells: readonly Cell[]): { cells: Cell[]; looks(): number } {
  let looks = 0
  const counted = (levels: Float64Array): Float64Array =>
    new Proxy(levels, {
      get(target, name) {
        if (typeof name === 'string' && /^\d+$/.test(name)) looks += 1
        return Reflect.get(target, name, target)
      },
    })
  return { cells: cells.map(cell => ({ ...cell, levelDbm: counted(cell.levelDbm) })), looks: () => looks }
}

test('somebody goes on to the rooms next door, and out by the wall of their own room', () => {
  const [first] = movesOf(cellsOf(ROOMS), neighbours)
  expect(first?.[0]?.to).toBe(1)
  expect(first?.find(({ to }) => to >= ROOMS)?.to).toBe(ROOMS)
})

test('receivers that hear nothing of it change nothing', () => {
  expect(movesOf(cellsOf(10 * ROOMS), neighbours)).toEqual(movesOf(cellsOf(ROOMS), neighbours))
})

test('receivers that hear nothing of it are looked at once for each cell, not for each two cells', () => {
  const few = counting(cellsOf(ROOMS + 1))
  const many = counting(cellsOf(10 * ROOMS + 1))
  movesOf(few.cells, neighbours)
  movesOf(many.cells, neighbours)
  const more = many.looks() - few.looks()
  expect(more).toBe(2 * ROOMS * 9 * ROOMS)
})
