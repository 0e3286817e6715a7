// Somebody's rounds through a building, with the truth of where they were: from room to room by doors and stairs, and about
// in each. In: plan, doors, the rooms to visit and a seed. Out: the place at any moment, and the rooms as they were.

import type { Place } from '../air/radio.ts'
import { createRandom, type Random } from '../air/random.ts'
import { middleOf, type Plan, roomAt, STOREY_METRES } from '../building/plan.ts'
import type { Point, Rect } from '../page/building.ts'
import { type Adjacency, doorBetween, roomsBetween, WALK_METRES_PER_SECOND } from './walk.ts'

export type Rounds = {
  lengthMs: number
  place(atMs: number): Place
  /** The room really been in, or null outside all. */
  room(atMs: number): string | null
  /** What a walk test's taps say: each visit from its door to the next. */
  stays: readonly { room: string; fromMs: number; toMs: number }[]
}

export type RoundsOptions = {
  plan: Plan
  doors: Adjacency
  /** Rooms to visit, in order. */
  rooms: readonly string[]
  secondsARoom: number
  seed: number
}

/** On a lanyard. */
const LANYARD_METRES = 1.3
/** About a room: a few steps, and a while at each place. */
const PACE_METRES_PER_SECOND = 0.6
const PAUSE_MS = 4_000
const STAIRS_MS = 9_000
/** People do not walk along walls. */
const MARGIN_METRES = 0.4

type Stop = Place & { atMs: number }

export function createRounds({ plan, doors, rooms, secondsARoom, seed }: RoundsOptions): Rounds {
  const random = createRandom(seed)
  const [first] = rooms
  if (first === undefined) throw new Error('expected a room to begin in, came none')
  const stops: Stop[] = [{ ...middleIn(plan, first), atMs: 0 }]
  let here = first
  for (const room of rooms) {
    goTo(stops, plan, doors, here, room)
    here = room
    wander(stops, rectOf(plan, room), secondsARoom * 1_000, random)
  }
  const lengthMs = (stops.at(-1) as Stop).atMs
  const place = (atMs: number): Place => placeAt(stops, atMs)
  const room = (atMs: number): string | null => roomAt(plan, place(atMs))
  return { lengthMs, place, room, stays: staysOf(room, lengthMs) }
}

function goTo(stops: Stop[], plan: Plan, doors: Adjacency, from: string, to: string): void {
  const way = roomsBetween(doors, from, to)
  for (const [i, room] of way.entries()) {
    const next = way[i + 1]
    if (next === undefined) break
    const [a, b] = [rectOf(plan, room), rectOf(plan, next)]
    if ((a.storey ?? 0) === (b.storey ?? 0)) {
      const door = doorBetween(a, b)
      // Up to the door and a step beyond it, and not along the wall that it is in.
      for (const point of [inside(a, door), door, inside(b, door)])
        walkTo(stops, point, WALK_METRES_PER_SECOND)
      continue
    }
    walkTo(stops, middleOf(a), WALK_METRES_PER_SECOND)
    const foot = stops.at(-1) as Stop
    stops.push({ ...middleIn(plan, next), atMs: foot.atMs + STAIRS_MS })
  }
}

/** The place a step from the walls of a room that is nearest to a point on them. */
function inside({ x, y, width, height }: Rect, point: Point): Point {
  const clamp = (value: number, from: number, length: number): number => {
    const step = Math.min(DOORSTEP_METRES, length / 2)
    return Math.min(from + length - step, Math.max(from + step, value))
  }
  return { x: clamp(point.x, x, width), y: clamp(point.y, y, height) }
}
const DOORSTEP_METRES = 0.8

function wander(stops: Stop[], rect: Rect, forMs: number, random: Random): void {
  const untilMs = (stops.at(-1) as Stop).atMs + forMs
  const within = (from: number, length: number): number =>
    from + MARGIN_METRES + random() * Math.max(0, length - 2 * MARGIN_METRES)
  while ((stops.at(-1) as Stop).atMs < untilMs) {
    walkTo(stops, { x: within(rect.x, rect.width), y: within(rect.y, rect.height) }, PACE_METRES_PER_SECOND)
    const last = stops.at(-1) as Stop
    stops.push({ ...last, facing: 2 * Math.PI * random(), atMs: last.atMs + PAUSE_MS * random() })
  }
}

function walkTo(stops: Stop[], to: { x: number; y: number }, metresPerSecond: number): void {
  const from = stops.at(-1) as Stop
  const metres = Math.hypot(to.x - from.x, to.y - from.y)
  const facing = metres > 0 ? Math.atan2(to.y - from.y, to.x - from.x) : (from.facing ?? 0)
  stops.push({ ...to, height: from.height, facing, atMs: from.atMs + (1_000 * metres) / metresPerSecond })
}

function placeAt(stops: readonly Stop[], atMs: number): Place {
  let [low, high] = [0, stops.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stops[middle] as Stop).atMs < atMs) low = middle + 1
    else high = middle
  }
  const after = stops[low] as Stop
  const before = stops[Math.max(0, low - 1)] as Stop
  const span = after.atMs - before.atMs
  const part = span > 0 ? Math.min(1, Math.max(0, (atMs - before.atMs) / span)) : 1
  const between = (a: number, b: number): number => a + (b - a) * part
  return {
    x: between(before.x, after.x),
    y: between(before.y, after.y),
    height: between(before.height, after.height),
    facing: after.facing ?? 0,
  }
}

/** How finely the truth is told. */
const STEP_MS = 100

function staysOf(room: (atMs: number) => string | null, lengthMs: number): Rounds['stays'] {
  const stays: { room: string; fromMs: number; toMs: number }[] = []
  for (let atMs = 0; atMs < lengthMs; atMs += STEP_MS) {
    const here = room(atMs)
    const last = stays.at(-1)
    if (here === null) continue
    if (last !== undefined && last.room === here && last.toMs === atMs) last.toMs = atMs + STEP_MS
    else stays.push({ room: here, fromMs: atMs, toMs: atMs + STEP_MS })
  }
  return stays
}

const rectOf = (plan: Plan, room: string): Rect & { storey?: number } => {
  const rect = plan.get(room)
  if (rect === undefined) throw new Error(`expected a room of the plan, came ${room}`)
  return rect
}

function middleIn(plan: Plan, room: string): Place {
  const rect = rectOf(plan, room)
  return { ...middleOf(rect), height: (rect.storey ?? 0) * STOREY_METRES + LANYARD_METRES }
}
