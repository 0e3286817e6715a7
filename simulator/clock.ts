// The simulator's two clocks: real time for `npm start`, and one that a test moves by hand.
import type { SimClock } from './ports.ts'

/** Milliseconds since 1970, going only forward; timers are Node's. */
export const realClock = (): SimClock => ({
  nowMs: () => performance.timeOrigin + performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
})

export type SteppedClock = SimClock & {
  /** Moves on by `ms`, running every timer that comes due on the way at its own time, in order. */
  advance(ms: number): void
  /** Moves on to the next timer and runs it; false where none waits. */
  advanceToNext(): boolean
}

type Waiting = { atMs: number; order: number; run: () => void }

/** A clock that stands still until it is advanced. Timers of one instant run in the order they were asked for. */
export const steppedClock = (startMs = 0): SteppedClock => {
  let nowMs = startMs
  let asked = 0
  const waiting = new Set<Waiting>()

  const next = (): Waiting | undefined => {
    let first: Waiting | undefined
    for (const timer of waiting) {
      const isSooner = first === undefined || timer.atMs < first.atMs
      if (isSooner || (timer.atMs === first?.atMs && timer.order < first.order)) first = timer
    }
    return first
  }

  const runOne = (timer: Waiting): void => {
    waiting.delete(timer)
    nowMs = Math.max(nowMs, timer.atMs)
    timer.run()
  }

  return {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + Math.max(0, delayMs), order: asked++, run }
      waiting.add(timer)
      return () => {
        waiting.delete(timer)
      }
    },
    advance: ms => {
      const untilMs = nowMs + ms
      for (let timer = next(); timer !== undefined && timer.atMs <= untilMs; timer = next()) runOne(timer)
      nowMs = untilMs
    },
    advanceToNext: () => {
      const timer = next()
      if (timer !== undefined) runOne(timer)
      return timer !== undefined
    },
  }
}
