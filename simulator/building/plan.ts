// The floor plan: rooms as rectangles in metres. In: points; out: which room, how many walls, and the way through doors.
// Site files hold no walls, so the plan of the example site stands here.
import type { Point, Rect } from '../page/building.ts'

/** `storey` counts from 0, which is what a rectangle without one is on. */
export type Plan = ReadonlyMap<string, Rect & { storey?: number }>

/** From floor to floor. */
export const STOREY_METRES = 3.2
/** A point with its height above the lowest floor; without one it is on that floor. */
export type PlanPoint = Point & { height?: number }
export const storeyOf = ({ height = 0 }: PlanPoint): number => Math.floor(height / STOREY_METRES)

/**
 * The recorded flat, from the `room_rule` of its layout.json; its outer edge is drawn at 9 x 7.2 m, just beyond the
 * outermost receivers.
 */
export const northgatePlan: Plan = new Map([
  ['bedroom', { x: 0, y: 2.12, width: 2.64, height: 5.08 }],
  ['living', { x: 2.64, y: 2.12, width: 3.68, height: 5.08 }],
  ['annex', { x: 6.32, y: 2.12, width: 2.68, height: 5.08 }],
  ['entry', { x: 0, y: 0, width: 1.985, height: 2.12 }],
  ['hall', { x: 1.985, y: 0, width: 1.98, height: 2.12 }],
  ['bathroom', { x: 3.965, y: 0, width: 5.035, height: 2.12 }],
])

export function middleOf(rect: Rect): Point {
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
}

/** The room a point is in, or null outside. A point on a wall belongs to the room above it or left of it. */
export function roomAt(plan: Plan, point: PlanPoint): string | null {
  for (const [id, rect] of plan) {
    if ((rect.storey ?? 0) !== storeyOf(point)) continue
    const isInside =
      point.x >= rect.x &&
      point.x <= rect.x + rect.width &&
      point.y >= rect.y &&
      point.y <= rect.y + rect.height
    if (isInside) return id
  }
  return null
}

/**
 * How many walls a straight line goes through: rooms do not overlap, so one fewer than the rooms it passes. Between two
 * storeys it crosses about half of the walls that stand in its way on each.
 */
export function wallsBetween(plan: Plan, from: PlanPoint, to: PlanPoint): number {
  const storeys = [storeyOf(from), storeyOf(to)]
  const [one, other] = storeys.map(storey => wallsOn(plan, storey, from, to)) as [number, number]
  return storeys[0] === storeys[1] ? one : (one + other) / 2
}

/** Floors of the building that the line goes through. */
export const floorsBetween = (from: PlanPoint, to: PlanPoint): number =>
  Math.abs(storeyOf(from) - storeyOf(to))

function wallsOn(plan: Plan, storey: number, from: Point, to: Point): number {
  let rooms = 0
  for (const rect of plan.values())
    if ((rect.storey ?? 0) === storey && passesThrough(rect, from, to)) rooms++
  return Math.max(0, rooms - 1)
}

/** Whether more than a touch of the line lies inside (the slab method: Kay and Kajiya, 1986). */
function passesThrough(rect: Rect, from: Point, to: Point): boolean {
  const alongX = slab(rect.x, rect.x + rect.width, from.x, to.x)
  const alongY = slab(rect.y, rect.y + rect.height, from.y, to.y)
  return Math.min(alongX[1], alongY[1], 1) - Math.max(alongX[0], alongY[0], 0) > 1e-9
}

/** The part of the line, 0 at its start and 1 at its end, that lies between two parallel walls. */
function slab(low: number, high: number, from: number, to: number): [number, number] {
  const run = to - from
  if (Math.abs(run) < 1e-12) return from > low && from < high ? [-Infinity, Infinity] : [1, 0]
  const [a, b] = [(low - from) / run, (high - from) / run]
  return a < b ? [a, b] : [b, a]
}
