// In: a layout. Out: for each room a handful of spots where somebody may stand, and a usual distance between rooms.
// A room's own box is used where it is known; else it is placed by its receivers, and else between its neighbours.
import { doorsBetween, type Layout, neighboursOf, type Point, storeysOf } from './layout.ts'
import { type Flat, hungIn, RECEIVERS_MIN, ROOMS_HEARD_MIN, territoriesOf } from './voronoi.ts'

/** A pendant hangs at breast height. */
export const PENDANT_HEIGHT_M = 1.3
const STOREY_M = 3
/** Rooms lie so far apart where no two receivers' positions tell: the usual width of an office or a bedroom. */
const ROOM_PITCH_M = 4
const PITCH_MIN_M = 2.5
const PITCH_MAX_M = 8
/** Receivers hang on walls: the middle of the room is further in, a quarter of a room's width towards its doors. */
const INWARD = 0.5
const REACH = 0.7
const RELAXATIONS = 200

export type Spots = {
  /** Null for every room where no receiver's position is known. */
  readonly spots: readonly (readonly Point[])[] | null
  readonly pitchM: number
}

/** Where people may stand in each room, about 0.4 of a room's width about its middle. */
export function spotsOf(layout: Layout): Spots {
  const neighbours = neighboursOf(layout)
  const pitchM = pitchOf(layout)
  const middles = middlesOf(layout, neighbours, pitchM)
  if (middles === null) return { spots: null, pitchM }
  const territories = territoriesIn(layout, middles)
  const spots = layout.rooms.map((room, i) => {
    const box = layout.boxes.get(room)
    return storeysOf(layout, room).flatMap(storey => {
      const z = storey * STOREY_M + PENDANT_HEIGHT_M
      if (box !== undefined) return inBox(box, z)
      const territory = territories.get(i)
      if (territory !== undefined) return territory.map(([x, y]): Point => [x, y, z])
      const [x, y] = middles[i] as readonly [number, number]
      return around(x, y, z, REACH * pitchM)
    })
  })
  return { spots, pitchM }
}

/** The storey that a spot is on. */
export const storeyAt = ([, , z]: Point): number => Math.round((z - PENDANT_HEIGHT_M) / STOREY_M)

/** The rooms whose box nobody told share out each storey on which enough receivers hang. */
function territoriesIn(layout: Layout, middles: readonly Flat[]): Map<number, readonly Flat[]> {
  const storeys = new Map<string, number[]>()
  layout.rooms.forEach((room, i) => {
    if (layout.boxes.has(room)) return
    const storey = `${layout.buildings.get(room) ?? 0} ${layout.storeys.get(room) ?? 0}`
    storeys.set(storey, [...(storeys.get(storey) ?? []), i])
  })
  const found = new Map<number, readonly Flat[]>()
  for (const rooms of storeys.values()) {
    const hung = rooms.map(room => hungIn(layout, room).length)
    const heard = hung.filter(count => count > 0).length
    if (heard < ROOMS_HEARD_MIN * rooms.length) continue
    if (hung.reduce((sum, count) => sum + count, 0) < RECEIVERS_MIN) continue
    territoriesOf(layout, rooms, middles).forEach((spots, i) => {
      found.set(rooms[i] as number, spots)
    })
  }
  return found
}

const around = (x: number, y: number, z: number, r: number): Point[] => [
  [x, y, z],
  [x + r, y, z],
  [x - r, y, z],
  [x, y + r, z],
  [x, y - r, z],
]

function inBox([xMin, yMin, xMax, yMax]: readonly [number, number, number, number], z: number): Point[] {
  const spots: Point[] = []
  for (const u of [0.2, 0.5, 0.8]) {
    for (const v of [0.2, 0.5, 0.8]) spots.push([xMin + u * (xMax - xMin), yMin + v * (yMax - yMin), z])
  }
  return spots
}

/** Half of the receivers have one in another room no further off than this. */
function pitchOf({ receivers }: Layout): number {
  const nearest: number[] = []
  for (const a of receivers) {
    let best = Number.POSITIVE_INFINITY
    for (const b of receivers) {
      if (a.room === b.room || a.at === null || b.at === null) continue
      best = Math.min(best, Math.hypot(a.at[0] - b.at[0], a.at[1] - b.at[1]))
    }
    if (best !== Number.POSITIVE_INFINITY) nearest.push(best)
  }
  nearest.sort((p, q) => p - q)
  const median = nearest[nearest.length >> 1] ?? ROOM_PITCH_M
  return Math.min(PITCH_MAX_M, Math.max(PITCH_MIN_M, median))
}

function middlesOf(
  layout: Layout,
  neighbours: readonly (readonly number[])[],
  pitchM: number,
): Flat[] | null {
  const anchors = layout.rooms.map(room => anchorOf(layout, room))
  const known = anchors.filter(anchor => anchor !== null)
  if (known.length === 0) return null
  const centre = mean(known) as Flat
  // Rooms without a receiver lie between their neighbours: the harmonic extension of the known places.
  let places: Flat[] = anchors.map(anchor => anchor ?? centre)
  for (let i = 0; i < RELAXATIONS; i++) {
    places = places.map((place, room) => {
      if (anchors[room] !== null) return place
      const around = (neighbours[room] ?? []).map(other => places[other] as Flat)
      return mean(around) ?? place
    })
  }
  return places.map((place, room) => {
    if (layout.boxes.has(layout.rooms[room] as string) || anchors[room] === null) return place
    const inward = mean((neighbours[room] ?? []).map(other => places[other] as Flat)) ?? centre
    const away = Math.hypot(inward[0] - place[0], inward[1] - place[1])
    if (away === 0) return place
    const step = Math.min(away / 2, INWARD * pitchM)
    return [
      place[0] + ((inward[0] - place[0]) * step) / away,
      place[1] + ((inward[1] - place[1]) * step) / away,
    ]
  })
}

function anchorOf({ boxes, receivers }: Layout, room: string): Flat | null {
  const box = boxes.get(room)
  if (box !== undefined) return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
  const here = receivers.flatMap(receiver =>
    receiver.room === room && receiver.at !== null ? [[receiver.at[0], receiver.at[1]] as const] : [],
  )
  return mean(here)
}

function mean(points: readonly Flat[]): Flat | null {
  if (points.length === 0) return null
  const x = points.reduce((sum, point) => sum + point[0], 0) / points.length
  const y = points.reduce((sum, point) => sum + point[1], 0) / points.length
  return [x, y]
}

/** Walls between two rooms: at least one for each door passed, though a straight line may pass fewer than a walk. */
export function wallsBetween(layout: Layout): number[][] {
  return doorsBetween(neighboursOf(layout))
}
