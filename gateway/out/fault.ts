// What is wrong with telling other systems, as one technical alarm: said once, and taken back once all of it is well.
import type { Clock, Log, Submit } from '../ports.ts'

/** A broker that is started anew is no fault yet. */
const FAULT_AFTER_MS = 10_000

export type OutFault = {
  /** Why nothing can be handed over; null where it can. */
  way(why: string | null): void
  /** What was thrown in working out what to tell; null where nothing was. */
  own(error: unknown): void
}

export function outFault({ submit, clock, log }: { submit: Submit; clock: Clock; log: Log }): OutFault {
  let way: string | null = null
  let waySinceMs = 0
  let hasOwn = false
  let told: string | null = null

  function tell(): void {
    const isLong = way !== null && clock.nowMs() - waySinceMs >= FAULT_AFTER_MS
    const why = hasOwn ? 'a fault of the program, which is in the log' : isLong ? way : null
    const text =
      why === null
        ? null
        : `Other systems are not told by MQTT what happens here (${why}). Alarms go out to people as ever`
    if (text === told) return
    told = text
    submit({ kind: 'fault', key: 'out', text }).catch(error => log.error({ error }, 'fault not taken'))
  }

  return {
    way(why) {
      if (why !== null && way === null) {
        waySinceMs = clock.nowMs()
        clock.after(FAULT_AFTER_MS, tell)
      }
      way = why
      tell()
    },
    own(error) {
      if (error !== null && !hasOwn) log.error({ err: error }, 'what other systems are told has a fault')
      hasOwn = error !== null
      tell()
    },
  }
}
