// Made-up buildings and walks, by a seed: rooms cut out of a rectangle, walls that take their toll, shadowing that
// hangs together in space, fading by packet, a body in the way, packets lost. None of it is in the code under test.
import type { Layout, Point } from '../../../../gateway/core/locating/building/layout.ts'
import type { Walk, WalkReading, WalkStay } from '../../../../schemas/walk.ts'

type Box = { x0: number; y0: number; x1: number; y1: number }
type Wave = { kx: number; ky: number; phase: number }

export type Building = { layout: Layout; boxes: Box[]; radio: Radio }
type Radio = {
  exponent: number
  wallDb: number
  atOneMetreDbm: number
  shadowDb: number
  waves: Map<string, Wave[]>
}
/** Who walks: what their pendant is off by, and how much their body takes. */
export type Walker = { offsetDb: number; bodyDb: number; packetsPerS: number; seconds: number; seed: number }

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const normal = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())

const HEIGHT_M = 2.2
const WAVES = 24
const SHADOW_LENGTH_M = 2

/** A storey of so many rooms, with receivers in so many of them. */
export function building(seed: number, rooms: number, receivers: number): Building {
  const next = random(seed)
  const boxes = cut(next, rooms)
  const ids = boxes.map((_, i) => `room-${i + 1}`)
  const doors = doorsOf(next, boxes).map(([a, b]): [string, string] => [ids[a] as string, ids[b] as string])
  const order = shuffled(next, ids)
  const hung = Array.from({ length: receivers }, (_, i) => {
    const room = order[i % rooms] as string
    return { id: `r-${i + 1}`, room, at: onWall(next, boxes[ids.indexOf(room)] as Box) }
  })
  const waves = new Map(hung.map(({ id }) => [id, Array.from({ length: WAVES }, () => wave(next))]))
  const radio: Radio = {
    exponent: 1.8 + 0.8 * next(),
    wallDb: 2 + 4 * next(),
    atOneMetreDbm: -62 + 8 * next(),
    shadowDb: 3 + 3 * next(),
    waves,
  }
  const none = new Map<string, number>()
  const layout: Layout = {
    rooms: ids,
    doors,
    receivers: hung,
    storeys: none,
    buildings: none,
    boxes: new Map(),
  }
  return { layout, boxes, radio }
}

/** Somebody walks about the building, stands still for a while, and walks on. */
export function walk({ layout, boxes, radio }: Building, walker: Walker): Walk {
  const next = random(walker.seed)
  const readings: WalkReading[] = []
  const stays: WalkStay[] = []
  let room = Math.floor(next() * boxes.length)
  let [x, y] = within(next, boxes[room] as Box)
  let heading = 0
  let still = 0
  let leaveAtS = 10 + 25 * next()
  let target = within(next, boxes[room] as Box)
  let since = 0
  const stepS = 1 / walker.packetsPerS
  for (let t = 0; t < walker.seconds; t += stepS) {
    if (t >= leaveAtS) {
      const beside = neighbours(layout, room)
      const to = beside[Math.floor(next() * beside.length)] as number
      stays.push({ room: layout.rooms[room] as string, fromMs: 1000 * since, toMs: 1000 * t })
      since = t
      room = to
      ;[x, y] = nearestIn(boxes[room] as Box, x, y)
      target = within(next, boxes[room] as Box)
      leaveAtS = t + 8 + 25 * next()
    }
    const away = Math.hypot(target[0] - x, target[1] - y)
    if (still > 0) still -= stepS
    else if (away < 0.3) {
      target = within(next, boxes[room] as Box)
      still = next() < 0.5 ? 0 : 8 * next()
    } else {
      heading = Math.atan2(target[1] - y, target[0] - x)
      x += Math.cos(heading) * 0.8 * stepS
      y += Math.sin(heading) * 0.8 * stepS
    }
    for (const receiver of layout.receivers) {
      const level = levelAt(radio, boxes, x, y, receiver.at as Point, receiver.id) + walker.offsetDb
      const [rx, ry] = receiver.at as Point
      const facing = Math.cos(Math.atan2(ry - y, rx - x) - heading)
      const rssi = level - walker.bodyDb * (0.5 - 0.5 * facing) + 3.5 * normal(next)
      if (next() < 0.2 || rssi < -92 + 2 * normal(next)) continue
      readings.push([1000 * (t + 0.02 * next()), receiver.id, Math.round(rssi)])
    }
  }
  stays.push({ room: layout.rooms[room] as string, fromMs: 1000 * since, toMs: 1000 * walker.seconds })
  readings.sort((a, b) => a[0] - b[0])
  return {
    pendant: `walker-${walker.seed}`,
    receivers: layout.receivers.map(({ id }) => id),
    readings,
    stays,
  }
}

/** The same walker comes into every room there is, for a while each: a walk test. */
export function walkTest(of: Building, walker: Walker, secondsPerRoom: number): Walk {
  const all = walk(of, { ...walker, seconds: walker.seconds })
  const missing = of.layout.rooms.filter(room => !all.stays.some(stay => stay.room === room))
  if (missing.length === 0) return all
  return walk(of, { ...walker, seconds: walker.seconds + missing.length * secondsPerRoom * 4 })
}

function levelAt(
  radio: Radio,
  boxes: readonly Box[],
  x: number,
  y: number,
  [rx, ry]: Point,
  id: string,
): number {
  const distance = Math.max(1, Math.hypot(rx - x, ry - y, HEIGHT_M - 1.3))
  const shadow = (radio.waves.get(id) ?? []).reduce(
    (sum, w) => sum + Math.cos(w.kx * x + w.ky * y + w.phase),
    0,
  )
  const scale = radio.shadowDb * Math.sqrt(2 / WAVES)
  const walls = wallsBetween(boxes, x, y, rx, ry)
  return (
    radio.atOneMetreDbm - 10 * radio.exponent * Math.log10(distance) - radio.wallDb * walls + scale * shadow
  )
}

/** How many rooms the straight line goes through, less the first. */
function wallsBetween(boxes: readonly Box[], x: number, y: number, rx: number, ry: number): number {
  let walls = 0
  let before = -1
  for (let i = 0; i <= 40; i++) {
    const u = i / 40
    const here = boxes.findIndex(box => inside(box, x + u * (rx - x), y + u * (ry - y)))
    if (here >= 0 && here !== before) {
      if (before >= 0) walls += 1
      before = here
    }
  }
  return walls
}

const inside = ({ x0, y0, x1, y1 }: Box, x: number, y: number): boolean =>
  x >= x0 && x < x1 && y >= y0 && y < y1

function wave(next: () => number): Wave {
  const k = Math.abs(normal(next)) / SHADOW_LENGTH_M + 0.2
  const angle = 2 * Math.PI * next()
  return { kx: k * Math.cos(angle), ky: k * Math.sin(angle), phase: 2 * Math.PI * next() }
}

/** Halves the largest room until there are enough. */
function cut(next: () => number, rooms: number): Box[] {
  const area = rooms * (10 + 8 * next())
  const width = Math.sqrt(area * (1 + next()))
  const boxes: Box[] = [{ x0: 0, y0: 0, x1: width, y1: area / width }]
  const size = ({ x0, y0, x1, y1 }: Box): number => (x1 - x0) * (y1 - y0)
  while (boxes.length < rooms) {
    boxes.sort((a, b) => size(b) - size(a))
    const { x0, y0, x1, y1 } = boxes.shift() as Box
    const u = 0.35 + 0.3 * next()
    if (x1 - x0 > y1 - y0) {
      const x = x0 + u * (x1 - x0)
      boxes.push({ x0, y0, x1: x, y1 }, { x0: x, y0, x1, y1 })
    } else {
      const y = y0 + u * (y1 - y0)
      boxes.push({ x0, y0, x1, y1: y }, { x0, y0: y, x1, y1 })
    }
  }
  return boxes
}

/** Rooms that share a wall have a door with a chance; every room can be reached. */
function doorsOf(next: () => number, boxes: readonly Box[]): [number, number][] {
  const shared: [number, number][] = []
  boxes.forEach((a, i) => {
    boxes.forEach((b, j) => {
      if (j <= i) return
      const overX = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0)
      const overY = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0)
      if (Math.max(overX, overY) > 0.9 && Math.min(overX, overY) > -0.01) shared.push([i, j])
    })
  })
  const group = boxes.map((_, i) => i)
  return shuffled(next, shared).filter(([a, b]) => {
    if (group[a] === group[b]) return next() < 0.25
    const [from, to] = [group[b], group[a] as number]
    group.forEach((each, i) => {
      if (each === from) group[i] = to
    })
    return true
  })
}

function neighbours({ rooms, doors }: Layout, room: number): number[] {
  const id = rooms[room]
  return doors.flatMap(([a, b]) => (a === id ? [rooms.indexOf(b)] : b === id ? [rooms.indexOf(a)] : []))
}

const within = (next: () => number, { x0, y0, x1, y1 }: Box): [number, number] => [
  x0 + (0.1 + 0.8 * next()) * (x1 - x0),
  y0 + (0.1 + 0.8 * next()) * (y1 - y0),
]

const nearestIn = ({ x0, y0, x1, y1 }: Box, x: number, y: number): [number, number] => [
  Math.min(x1 - 0.1, Math.max(x0 + 0.1, x)),
  Math.min(y1 - 0.1, Math.max(y0 + 0.1, y)),
]

function onWall(next: () => number, { x0, y0, x1, y1 }: Box): Point {
  const u = 0.15 + 0.7 * next()
  const side = Math.floor(4 * next())
  if (side < 2) return [x0 + u * (x1 - x0), side === 0 ? y0 + 0.1 : y1 - 0.1, HEIGHT_M]
  return [side === 2 ? x0 + 0.1 : x1 - 0.1, y0 + u * (y1 - y0), HEIGHT_M]
}

function shuffled<T>(next: () => number, all: readonly T[]): T[] {
  const left = [...all]
  return all.map(() => left.splice(Math.floor(next() * left.length), 1)[0] as T)
}
