// Whether the gateway itself stood still: while its one thread does, nothing is heard, and nobody is called. It can only be
// said afterwards; so it is, for as long as somebody needs to see it. In: the longest delay of the event loop.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock, Submit } from '../ports.ts'

const LOOK_EACH_MS = 5_000
/** A full collection of garbage takes less; a receiver's alarm waits no longer unsaid. */
const STALL_MS = 5_000
const SAID_FOR_MS = 600_000
const RESOLUTION_MS = 50
const NS_PER_MS = 1e6

export type StallWatch = {
  clock: Clock
  submit: Submit
  /** The longest delay since it was asked last, in ms. */
  longestMs?: () => number
  /** From so long on; a test may hurry it. */
  stallMs?: number
}

/** Looks until it is closed; what comes of it is the fault `stall`. */
export function watchStalls(options: StallWatch): { close(): void } {
  const { clock, submit, longestMs = eventLoopDelay(), stallMs = STALL_MS } = options
  let stood: { ms: number; atMs: number } | null = null
  const tell = (text: string | null): void =>
    void submit({ kind: 'fault', key: 'stall', text }).catch(() => undefined)
  let cancel = clock.after(LOOK_EACH_MS, look)
  function look(): void {
    const ms = longestMs()
    const nowMs = clock.nowMs()
    if (ms >= stallMs) {
      stood = { ms, atMs: nowMs }
      tell(
        `The gateway stood still for ${Math.round(ms / 1000)} s: nothing was heard meanwhile. Is the machine overloaded?`,
      )
    } else if (stood !== null && nowMs - stood.atMs >= SAID_FOR_MS) {
      stood = null
      tell(null)
    }
    cancel = clock.after(LOOK_EACH_MS, look)
  }
  return { close: () => cancel() }
}

function eventLoopDelay(): () => number {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  return () => {
    const ms = delays.max / NS_PER_MS
    delays.reset()
    return ms
  }
}
