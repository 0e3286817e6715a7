// A steady beat of 20 ms: each beat is reckoned from the first, so that a late timer never adds up to drift.

const BEAT_MS = 20
/** After a longer stall the beat begins anew: a burst of old sound helps nobody, and phones throw it away. */
const STALL_MS = 200

/** Calls `beat` now and each 20 ms until the answer is called, from within a beat too. */
export function pace(beat: () => void): () => void {
  let startMs = performance.now()
  let done = 0
  let isStopped = false
  let timer: NodeJS.Timeout | null = null
  const run = (): void => {
    const lateMs = performance.now() - startMs - done * BEAT_MS
    if (lateMs > STALL_MS) startMs += lateMs
    while (!isStopped && startMs + done * BEAT_MS <= performance.now()) {
      done += 1
      beat()
    }
    // Time has gone on since it was asked; newer Nodes warn of a wait below nothing, and a warning is a line in the log.
    if (!isStopped) timer = setTimeout(run, Math.max(0, startMs + done * BEAT_MS - performance.now()))
  }
  run()
  return () => {
    isStopped = true
    if (timer) clearTimeout(timer)
  }
}
