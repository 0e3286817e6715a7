// In: a layout. Out: a model by physics alone: how strong each receiver should hear a pendant from each room.
// What a walk test would tell is missing here, and the spread says so.
import type { Cell } from './cell.ts'
import { type LaidReceiver, type Layout, neighboursOf, type Point, storeysOf } from './layout.ts'
import { type Model, modelFrom, type Tempo } from './model.ts'
import { movesOf } from './moves.ts'
import { BUILDING_DB, FADING_SD_DB, levelAt, MODEL_SD_DB } from './radio.ts'
import { spotsOf, storeyAt, wallsBetween } from './spots.ts'

/**
 * Walking at 1.1 m/s through shadowing of 6 dB that changes within 2 m moves a level by 2 * 36 / (2 / 1.1) dB squared a
 * second. A robot's flat likes half as much again (0.5 points of macro F1), forty rooms with people in them do not (5 points).
 */
export const PHYSICAL_TEMPO: Tempo = { driftPerS: 40, candour: 1 }
/** What physics says of a building it has not seen is meant half as seriously: its errors stay as long as the wearer does. */
const UNPROVEN = 0.6
/** A pendant's output, its battery and the body it hangs on, against the model's. */
export const OFFSET_SD_DB = 14
/** Where a walk taught the levels: another pendant, another body. More than that is a surprise, and believed (belief.ts). */
export const OFFSET_SD_CALIBRATED_DB = 2
/** The outside begins behind one more wall, an outer one, and goes on for a while. */
const OUTER_WALL_DB = 15
const OUTSIDE_SD_DB = 8

export function modelOf(layout: Layout): Model {
  const cells = withOutside(layout, physicalCells(layout))
  return modelFrom({
    rooms: layout.rooms,
    receivers: layout.receivers.map(({ id }) => id),
    cells,
    hearing: [],
    moves: movesOf(cells, neighboursOf(layout), { dwellS: dwellsOf(layout) }),
    tempo: { ...PHYSICAL_TEMPO, candour: UNPROVEN },
    isCalibrated: false,
    offsetSdDb: OFFSET_SD_DB,
    fadingSdDb: FADING_SD_DB,
  })
}

/** Receivers are hung where people stay; a room without one is mostly passed through. */
const STAY_S = 30
const PASSAGE_S = 10
/** A room with one door is no passage: whoever went in stays so many times as long. */
const DEAD_END = 2
const dwellsOf = (layout: Layout): number[] => {
  const neighbours = neighboursOf(layout)
  return layout.rooms.map((room, i) => {
    const isHung = layout.receivers.some(receiver => receiver.room === room || receiver.doorTo === room)
    return (isHung ? STAY_S : PASSAGE_S) * ((neighbours[i]?.length ?? 0) < 2 ? DEAD_END : 1)
  })
}

/** The cells that physics expects: one for each spot of each room. */
export function physicalCells(layout: Layout): Cell[] {
  const { spots, pitchM } = spotsOf(layout)
  const walls = wallsBetween(layout)
  const roomIndex = new Map(layout.rooms.map((room, i) => [room, i]))
  return layout.rooms.flatMap((room, i) => {
    const here = spots?.[i]?.map(spot => ({ spot, storey: storeyAt(spot) })) ?? placeless(layout, room)
    return here.map(({ spot, storey }) => {
      const levels = layout.receivers.map(receiver => {
        const there = roomIndex.get(receiver.room)
        if (there === undefined) return Number.NaN
        const behind = roomIndex.get(receiver.doorTo ?? receiver.room) ?? there
        const between = Math.min(walls[i]?.[there] ?? 0, walls[i]?.[behind] ?? 0)
        const distance =
          spot !== null && receiver.at !== null
            ? apart(spot, receiver.at)
            : pitchM * (0.5 + Math.min(between, 20))
        // A room that is on several storeys is open between them.
        const storeys =
          i === there ? 0 : Math.min(...hungOn(layout, receiver).map(other => Math.abs(storey - other)))
        const isElsewhere = layout.buildings.get(room) !== layout.buildings.get(receiver.room)
        return (
          levelAt(distance, Math.min(between, Math.max(1, distance / pitchM)), storeys) -
          (isElsewhere ? BUILDING_DB : 0)
        )
      })
      return cellOf(i, 1 / here.length, levels, MODEL_SD_DB)
    })
  })
}

/** One spot for each storey of a room of which no place is known. */
const placeless = (layout: Layout, room: string): { spot: null; storey: number }[] =>
  storeysOf(layout, room).map(storey => ({ spot: null, storey }))

/** The storeys that a receiver may hang on; where its height is known and its room is on several, the one it is nearest. */
function hungOn(layout: Layout, { room, at }: LaidReceiver): number[] {
  const storeys = storeysOf(layout, room)
  if (at === null || storeys.length === 1) return storeys
  const off = (storey: number): number => Math.abs(storeyAt([at[0], at[1], at[2] - ABOVE_M]) - storey)
  return [storeys.reduce((best, storey) => (off(storey) < off(best) ? storey : best))]
}
/** Receivers hang higher than pendants. */
const ABOVE_M = 1

/** Outside, each room's mean levels come through one more wall. */
export function withOutside(layout: Layout, cells: readonly Cell[]): Cell[] {
  const outside = layout.rooms.length
  const beyond = layout.rooms.map((_, room) => {
    const levels = meanLevels(cells.filter(cell => cell.room === room)).map(level => level - OUTER_WALL_DB)
    return cellOf(outside, 1 / outside, levels, OUTSIDE_SD_DB)
  })
  return [...cells, ...beyond]
}

/** The mean level of each receiver over the cells of one room that have one, by their shares; NaN where none has. */
export function meanLevels(cells: readonly Cell[]): number[] {
  return Array.from(cells[0]?.levelDbm ?? [], (_, r) => {
    const known = cells.filter(({ levelDbm }) => !Number.isNaN(levelDbm[r]))
    const total = known.reduce((sum, { share }) => sum + share, 0)
    if (known.length === 0) return Number.NaN
    return known.reduce((sum, { share, levelDbm }) => sum + (share * (levelDbm[r] as number)) / total, 0)
  })
}

export const cellOf = (room: number, share: number, levels: readonly number[], spreadDb: number): Cell => ({
  room,
  share,
  levelDbm: Float64Array.from(levels),
  spreadDb: new Float64Array(levels.length).fill(spreadDb),
})

const apart = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
