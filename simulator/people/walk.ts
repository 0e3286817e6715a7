// How somebody walks from room to room. In: the plan and which rooms open into each other; out: the way, and the place on it.

import { middleOf, type Plan } from '../building/plan.ts'
import type { Point, Rect } from '../page/building.ts'

/** A calm walk. */
export const WALK_METRES_PER_SECOND = 1.2

export type Adjacency = ReadonlyMap<string, readonly string[]>
export type Way = readonly Point[]

/** The shortest way by rooms from a point in `from` to the middle of `to`, through doors; straight where there is none. */
export function wayTo(plan: Plan, doors: Adjacency, start: Point, from: string | null, to: string): Way {
  const goal = plan.get(to)
  if (goal === undefined) throw new Error(`expected a room of the plan (${[...plan.keys()]}), came ${to}`)
  const rooms = from === null ? [] : roomsBetween(doors, from, to)
  const points = [start]
  for (const [index, room] of rooms.entries()) {
    const next = rooms[index + 1]
    const [here, there] = [plan.get(room), next === undefined ? undefined : plan.get(next)]
    if (here !== undefined && there !== undefined) points.push(doorBetween(here, there), middleOf(there))
  }
  if (points.length === 1) points.push(middleOf(goal))
  return points
}

/** Where somebody is on a way after so long; at its end for ever after. */
export function placeOn(way: Way, afterMs: number): Point {
  let leftMetres = (afterMs / 1000) * WALK_METRES_PER_SECOND
  let here = way[0] ?? { x: 0, y: 0 }
  for (const next of way.slice(1)) {
    const metres = Math.hypot(next.x - here.x, next.y - here.y)
    if (leftMetres < metres) {
      const part = leftMetres / metres
      return { x: here.x + (next.x - here.x) * part, y: here.y + (next.y - here.y) * part }
    }
    leftMetres -= metres
    here = next
  }
  return here
}

/** Breadth first, so the fewest rooms; empty where no way leads there. */
export function roomsBetween(doors: Adjacency, from: string, to: string): string[] {
  const ways: string[][] = [[from]]
  const seen = new Set([from])
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const last = way[way.length - 1] ?? from
    if (last === to) return way
    for (const next of doors.get(last) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return []
}

/** The middle of the wall that two rooms share. */
export function doorBetween(a: Rect, b: Rect): Point {
  const [left, right] = [Math.max(a.x, b.x), Math.min(a.x + a.width, b.x + b.width)]
  const [top, bottom] = [Math.max(a.y, b.y), Math.min(a.y + a.height, b.y + b.height)]
  return { x: (left + right) / 2, y: (top + bottom) / 2 }
}
