// Where everything is drawn: rooms, receivers and pendants in metres come in, a plan in metres goes out. Pure.
import type { BuildingView, Point, Rect, RoomView } from '../building.ts'

/** Rooms without a rectangle stand in rows of this size below the plan. */
const SPARE_ROOM_M = { width: 3, height: 2.4 }
const SPARE_COLUMNS = 4
const MARGIN_M = 0.4

export type Plan = {
  /** What must be in sight. */
  bounds: Rect
  rooms: { room: RoomView; rect: Rect }[]
}

/** The plan of one floor. */
export function planOf(view: BuildingView, floor: string): Plan {
  const rooms = view.rooms.filter(room => room.floor === floor)
  const drawn = rooms.flatMap(room => (room.rect === undefined ? [] : [{ room, rect: room.rect }]))
  const below = Math.max(0, ...drawn.map(({ rect }) => rect.y + rect.height + MARGIN_M))
  const spare = rooms
    .filter(room => room.rect === undefined)
    .map((room, i) => ({
      room,
      rect: {
        x: (i % SPARE_COLUMNS) * SPARE_ROOM_M.width,
        y: below + Math.floor(i / SPARE_COLUMNS) * SPARE_ROOM_M.height,
        ...SPARE_ROOM_M,
      },
    }))
  const all = [...drawn, ...spare]
  return { rooms: all, bounds: around(all.map(({ rect }) => rect)) }
}

function around(rects: readonly Rect[]): Rect {
  if (rects.length === 0) return { x: 0, y: 0, width: 10, height: 6 }
  const x = Math.min(...rects.map(rect => rect.x)) - MARGIN_M
  const y = Math.min(...rects.map(rect => rect.y)) - MARGIN_M
  const right = Math.max(...rects.map(rect => rect.x + rect.width)) + MARGIN_M
  const bottom = Math.max(...rects.map(rect => rect.y + rect.height)) + MARGIN_M
  return { x, y, width: right - x, height: bottom - y }
}

/** Moves points that lie on each other apart, in a row, so that each can be seen and picked. */
export function spread<T extends { at: Point }>(
  things: readonly T[],
  apartM: number,
): (T & { drawnAt: Point })[] {
  const taken = new Map<string, number>()
  return things.map(thing => {
    const cell = `${Math.round(thing.at.x / apartM)},${Math.round(thing.at.y / apartM)}`
    const before = taken.get(cell) ?? 0
    taken.set(cell, before + 1)
    return { ...thing, drawnAt: { x: thing.at.x + before * apartM, y: thing.at.y } }
  })
}

/** The middle of a room on the plan, for what has a room but no place of its own. */
export function middleOf(rect: Rect): Point {
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
}
