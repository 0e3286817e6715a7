// In: the plan of a site, or a layout file. Out: what locating needs of a building: rooms, storeys, doors, receivers.
// Positions are optional everywhere: what is not known is inferred from what is (spots.ts).
import type { Plan } from '../../plan/plan.ts'

export type Point = readonly [x: number, y: number, z: number]

export type Layout = {
  readonly rooms: readonly string[]
  /** Pairs of rooms between which people walk: doors, openings, stairs, lifts. */
  readonly doors: readonly (readonly [string, string])[]
  readonly receivers: readonly LaidReceiver[]
  /** The storey of a room, 0 upwards in each building; rooms that are left out are on storey 0. */
  readonly storeys: ReadonlyMap<string, number>
  /** Storeys that a room is on besides: stairwells, atriums. */
  readonly spans?: ReadonlyMap<string, readonly number[]>
  /** The building of a room, where there are several. Radio of one is not expected in another. */
  readonly buildings: ReadonlyMap<string, number>
  /** A room's ground plan as a box in metres, where it is known. */
  readonly boxes: ReadonlyMap<string, Box>
}

export type LaidReceiver = {
  readonly id: string
  readonly room: string
  readonly at: Point | null
  /** It hangs in the doorway between its room and this one. */
  readonly doorTo?: string
}
export type Box = readonly [xMin: number, yMin: number, xMax: number, yMax: number]

/** The layout of a site. */
export function layoutOf(plan: Plan): Layout {
  const storeys = new Map<string, number>()
  const spans = new Map<string, number[]>()
  const buildings = new Map<string, number>()
  const doors: [string, string][] = []
  plan.site.buildings.forEach((building, b) => {
    building.floors.forEach((floor, storey) => {
      for (const room of floor.rooms) {
        storeys.set(room.id, storey)
        buildings.set(room.id, b)
        const also = building.floors.flatMap(({ id }, other) => (room.alsoOn?.includes(id) ? [other] : []))
        if (also.length > 0) spans.set(room.id, also)
        for (const other of room.adjacent) doors.push([room.id, other])
      }
    })
  })
  const receivers = plan.site.receivers.map(({ id, room, at, atDoorTo }) => ({
    id,
    room,
    at: at ?? null,
    ...(atDoorTo === undefined ? {} : { doorTo: atDoorTo }),
  }))
  return { rooms: [...plan.places.keys()], doors, receivers, storeys, spans, buildings, boxes: new Map() }
}

/** All storeys that a room is on, its own first. */
export const storeysOf = ({ storeys, spans }: Layout, room: string): number[] => [
  storeys.get(room) ?? 0,
  ...(spans?.get(room) ?? []),
]

/** For each room the indices of the rooms next to it, each once and both ways. */
export function neighboursOf({ rooms, doors }: Layout): number[][] {
  const index = new Map(rooms.map((room, i) => [room, i]))
  const sets = rooms.map(() => new Set<number>())
  for (const [a, b] of doors) {
    const i = index.get(a)
    const j = index.get(b)
    if (i === undefined || j === undefined || i === j) continue
    sets[i]?.add(j)
    sets[j]?.add(i)
  }
  return sets.map(set => [...set].sort((a, b) => a - b))
}

/** Doors passed on the shortest way between any two rooms; Infinity where there is none. Row by row. */
export function doorsBetween(neighbours: readonly (readonly number[])[]): number[][] {
  return neighbours.map((_, from) => {
    const steps = neighbours.map(() => Number.POSITIVE_INFINITY)
    steps[from] = 0
    const queue = [from]
    for (const room of queue) {
      for (const next of neighbours[room] ?? []) {
        if (steps[next] !== Number.POSITIVE_INFINITY) continue
        steps[next] = (steps[room] as number) + 1
        queue.push(next)
      }
    }
    return steps
  })
}
