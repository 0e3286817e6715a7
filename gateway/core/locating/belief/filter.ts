// How a wearer moves among the cells. In continuous time, so that a burst of ten packets a second and one packet in
// two seconds are the same walk. Only the cells in which the wearer may be are touched.
import type { Model, Scratch } from '../building/model.ts'

/** A longer silence is walked in so many steps at most: by then nearly nothing is known. */
const STEPS_MAX = 8
const STEP_S = 2
/** So much a second is found anywhere: plans have faults, doors are missing in them, receivers are moved. */
const ASTRAY_PER_S = 0.002
/** Fewer go from one cell to another than are found anywhere: they are not followed, and join the rest. */
const FOLLOWED_MIN = 1e-6

/** Moves the chances in the model's scratch on by `seconds`. */
export function move(model: Model, seconds: number): void {
  if (seconds <= 0) return
  const steps = Math.min(STEPS_MAX, Math.ceil(seconds / STEP_S))
  for (let i = 0; i < steps; i++) moveOnce(model, seconds / steps)
}

function moveOnce({ moveStart, moveTo, moveShare, cellLeaving, scratch }: Model, seconds: number): void {
  const { cells, chance, moved } = scratch
  const before = scratch.count
  const astray = 1 - Math.exp(-ASTRAY_PER_S * seconds)
  for (let i = 0; i < before; i++) {
    const cell = cells[i] as number
    const here = (chance[cell] as number) * (1 - astray)
    const gone = here * (1 - Math.exp(-(cellLeaving[cell] as number) * seconds))
    moved[cell] = (moved[cell] as number) + here - gone
    const to = moveStart[cell + 1] as number
    // The likeliest moves of a cell stand first (moves.ts).
    for (let at = moveStart[cell] as number; at < to; at++) {
      const going = gone * (moveShare[at] as number)
      if (going < FOLLOWED_MIN) break
      const next = moveTo[at] as number
      see(scratch, next)
      moved[next] = (moved[next] as number) + going
    }
  }
  // The rest stays spread evenly, and what went astray joins it.
  let told = 0
  for (let i = 0; i < scratch.count; i++) {
    const cell = cells[i] as number
    const now = moved[cell] as number
    chance[cell] = now
    moved[cell] = 0
    told += now
  }
  scratch.rest = Math.max(0, 1 - told)
}

/** Tells a cell apart from the rest, with no chance of its own yet. */
export function see(scratch: Scratch, cell: number): void {
  if (scratch.isSeen[cell] === 1) return
  scratch.isSeen[cell] = 1
  scratch.cells[scratch.count] = cell
  scratch.count += 1
}
