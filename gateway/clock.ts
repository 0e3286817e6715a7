// The one real clock: the machine's time and its timers, behind the port that tests replace. Whoever sets the machine's
// clock (a time service after a flat battery, a person) moves `wallMs` and nothing else.
import type { Clock } from './ports.ts'

/** For durations between two threads, which have no other clock in common. Starts anywhere. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / NS_PER_MS)

const NS_PER_MS = 1_000_000n

/** Node fires a longer timer at once instead of late, so a longer delay is waited for in parts. */
const TIMER_MS_MAX = 2_147_483_647

/**
 * The machine's time as it is now, carried on by its monotonic clock. A timer that is still waiting keeps the process alive
 * until it is cancelled.
 */
export function systemClock(): Clock {
  const zeroMs = Date.now() - performance.now()
  return { nowMs: () => Math.floor(zeroMs + performance.now()), wallMs: () => Date.now(), after }
}

function after(delayMs: number, run: () => void): () => void {
  let leftMs = Math.max(0, delayMs)
  let timer = setTimeout(next, Math.min(leftMs, TIMER_MS_MAX))
  function next(): void {
    leftMs -= TIMER_MS_MAX
    if (leftMs <= 0) run()
    else timer = setTimeout(next, Math.min(leftMs, TIMER_MS_MAX))
  }
  return () => clearTimeout(timer)
}
