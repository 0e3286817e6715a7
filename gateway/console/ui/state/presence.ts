// This page says that it is here: who is at the desk, and whether an alarm would be heard. In: each heartbeat of the line,
// which no browser holds back as it does timers of a page in the background. Out: a POST each PRESENT_MS, and one that takes
// it back when the page is closed.
import { readOperator } from './operator.ts'
import type { SoundState } from './sound.ts'

/** The gateway believes it for 40 s. */
const PRESENT_MS = 10_000

export type Presence = {
  /** The id by which this page says that it is here; its live stream goes by it too. */
  desk: string
  /** The line is alive; where it is so anew, that the page is here is said at once. */
  beat(isAnew: boolean): void
  /** The loudspeaker can be heard, or no longer: said at once. */
  sound(state: SoundState): void
}

/** One open page; two windows of one browser are two. */
export function openPresence(): Presence {
  const desk = crypto.randomUUID()
  let isAudible = false
  let saidAtMs = Number.NEGATIVE_INFINITY
  const post = (said: object): void => {
    const body = JSON.stringify({ desk, by: readOperator(), isAudible, ...said })
    const headers = { 'content-type': 'application/json' }
    // What does not arrive is said again at the next heartbeat; that the line is dead, the page shows by itself.
    fetch('/api/desk/present', { method: 'POST', headers, body, keepalive: true }).catch(() => undefined)
  }
  const say = (): void => {
    saidAtMs = performance.now()
    post({})
  }
  addEventListener('pagehide', () => {
    // A page that is only put by, and comes back, is here again with its first heartbeat.
    saidAtMs = Number.NEGATIVE_INFINITY
    post({ isLeaving: true })
  })
  return {
    desk,
    beat(isAnew) {
      // Heartbeats come each 5 s, and waver.
      if (isAnew || performance.now() - saidAtMs >= PRESENT_MS - 1_000) say()
    },
    sound(state) {
      const was = isAudible
      isAudible = state !== 'off'
      if (was !== isAudible) say()
    },
  }
}
