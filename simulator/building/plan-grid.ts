// A floor plan for a site that nobody has drawn: rooms of one size in a grid, neighbours near each other, one storey a floor.
// Site in, rectangles out. And where its receivers hang then, for a plan that is made up makes up their places too.
import type { Building, Receiver, Site } from '../../schemas/site.ts'
import type { Rect } from '../page/building.ts'
import { middleOf, type Plan, STOREY_METRES } from './plan.ts'

type Floor = Building['floors'][number]

const ROOM_METRES = { width: 4.4, height: 3.8 }
const RECEIVER_HEIGHT_METRES = 2.4
/** Several in one room hang apart. */
const APART_METRES = 1

/** Draws every room of a site. */
export function gridPlan(site: Site): Plan {
  const floors = site.buildings.flatMap(({ floors }) => floors)
  return new Map(floors.flatMap((floor, storey) => [...drawFloor(floor, storey)]))
}

function drawFloor(floor: Floor, storey: number): Map<string, Rect & { storey: number }> {
  const order = byNeighbours(floor)
  const columns = Math.ceil(Math.sqrt(order.length * (ROOM_METRES.height / ROOM_METRES.width)))
  return new Map(
    order.map((id, i) => {
      const row = Math.floor(i / columns)
      // To and fro, so that the next one is always beside or below the one before.
      const column = row % 2 === 0 ? i % columns : columns - 1 - (i % columns)
      const rect = { x: column * ROOM_METRES.width, y: row * ROOM_METRES.height, ...ROOM_METRES }
      return [id, { ...rect, storey }]
    }),
  )
}

/** From the first room on, whoever is next to the newest comes next (a walk in depth). */
function byNeighbours({ rooms }: Floor): string[] {
  const left = new Map(rooms.map(room => [room.id, room.adjacent]))
  const order: string[] = []
  const visit = (id: string): void => {
    const adjacent = left.get(id)
    if (adjacent === undefined) return
    left.delete(id)
    order.push(id)
    for (const next of adjacent) visit(next)
  }
  for (const { id } of rooms) visit(id)
  return order
}

/** The receivers with their places on such a plan: in the middle of their room, in doorways between two. */
export function hungIn(plan: Plan, receivers: readonly Receiver[]): Receiver[] {
  const inRoom = new Map<string, number>()
  return receivers.map(receiver => {
    const own = plan.get(receiver.room)
    if (own === undefined) return receiver
    const other = receiver.atDoorTo === undefined ? undefined : plan.get(receiver.atDoorTo)
    const [a, b] = [middleOf(own), middleOf(other ?? own)]
    const before = inRoom.get(receiver.room) ?? 0
    inRoom.set(receiver.room, before + 1)
    const height = (own.storey ?? 0) * STOREY_METRES + RECEIVER_HEIGHT_METRES
    return { ...receiver, at: [(a.x + b.x) / 2 + before * APART_METRES, (a.y + b.y) / 2, height] }
  })
}
