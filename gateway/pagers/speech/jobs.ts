// Which phrase is rendered next: urgent ones before those rendered ahead, and these out of the way while somebody is called.

/** Two at a time: one that hangs does not hold up the rest, and the sound of calls in progress has a core left. */
const RENDERS_AT_ONCE = 2
/** While somebody is called, rendering ahead is one at a time, with a rest of so many times what the last one took. */
const REST_TIMES = 10
const REST_MAX_MS = 1_000

export type Job = { text: string; run(): Promise<void> }

export type Jobs = {
  add(job: Job, isUrgent: boolean): void
  /** Goes before all that is rendered ahead, where it still waits. */
  hasten(text: string): void
  close(): void
}

export function createJobs(isCalling: () => boolean): Jobs {
  const urgent: Job[] = []
  const ahead: Job[] = []
  let running = 0
  let rest: NodeJS.Timeout | null = null

  const nextAhead = (): Job | undefined => (isCalling() && (running > 0 || rest) ? undefined : ahead.shift())

  /** Starting a program holds the thread up for a millisecond or more, in which no INVITE leaves. */
  const takeRest = (tookMs: number): void => {
    if (!isCalling() || rest) return
    rest = setTimeout(
      () => {
        rest = null
        work()
      },
      Math.min(REST_MAX_MS, REST_TIMES * tookMs),
    )
  }

  const work = (): void => {
    while (running < RENDERS_AT_ONCE) {
      const job = urgent.shift() ?? nextAhead()
      if (!job) return
      running += 1
      const beganAtMs = performance.now()
      void job.run().finally(() => {
        running -= 1
        takeRest(performance.now() - beganAtMs)
        work()
      })
    }
  }

  return {
    add(job, isUrgent) {
      ;(isUrgent ? urgent : ahead).push(job)
      work()
    },
    hasten(text) {
      const at = ahead.findIndex(job => job.text === text)
      if (at >= 0) urgent.push(...ahead.splice(at, 1))
    },
    close() {
      if (rest) clearTimeout(rest)
      urgent.length = 0
      ahead.length = 0
    },
  }
}
