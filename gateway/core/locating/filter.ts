// How a wearer moves: out of a room after a while, into one next to it. In continuous time, so that a burst of ten
// packets a second and one packet in two seconds are the same walk.
import type { Model } from './model.ts'

/** A person goes out of the building's known rooms about once in so long, and is back after as long as a short errand. */
const UNTIL_OUTSIDE_S = 900
const OUTSIDE_S = 60
/** Of those who leave a room, so many are next seen in a room that no door of the plan leads to: plans have faults. */
const THROUGH_WALLS = 0.03
/** A longer silence is walked in so many steps at most: by then nearly nothing is known. */
const STEPS_MAX = 8
const STEP_S = 1.5

/** Moves the chances in the model's scratch on by `seconds`. */
export function move(model: Model, seconds: number): void {
  if (seconds <= 0) return
  const steps = Math.min(STEPS_MAX, Math.ceil(seconds / STEP_S))
  for (let i = 0; i < steps; i++) moveOnce(model, seconds / steps)
}

function moveOnce({ rooms, nextStart, nextRoom, tempo, scratch }: Model, seconds: number): void {
  const { belief, moved } = scratch
  const count = rooms.length
  const leaving = 1 - Math.exp(-seconds / tempo.dwellS)
  const goingOut = 1 - Math.exp(-seconds / UNTIL_OUTSIDE_S)
  const comingIn = 1 - Math.exp(-seconds / OUTSIDE_S)
  const outside = belief[count] as number
  let strayed = outside * comingIn
  let inside = 0
  moved.fill(0)
  for (let room = 0; room < count; room++) {
    const here = belief[room] as number
    inside += here
    const from = nextStart[room] as number
    const to = nextStart[room + 1] as number
    const gone = here * leaving
    const astray = to === from ? gone : gone * THROUGH_WALLS
    strayed += astray
    moved[room] = (moved[room] as number) + (here - gone)
    const each = (gone - astray) / (to - from)
    for (let i = from; i < to; i++) {
      const next = nextRoom[i] as number
      moved[next] = (moved[next] as number) + each
    }
  }
  const anywhere = strayed / count
  for (let room = 0; room < count; room++)
    belief[room] = ((moved[room] as number) + anywhere) * (1 - goingOut)
  belief[count] = outside * (1 - comingIn) + (inside + strayed) * goingOut
}
