// A receiver's line to the gateway over all its links: when one is over the next is opened, soon at first and then ever later.
import type { Clock } from '../ports.ts'
import type { Link, LinkEvents } from './link.ts'

/** A broker that is started again is back within seconds; one that is gone for longer is not asked twice a second for ever. */
const RECONNECT_MS = 500
const RECONNECT_MS_MAX = 5_000
const QUICK_TRIES = 10

export type LineOptions = {
  clock: Pick<Clock, 'after'>
  /** Opens a link to the gateway. */
  connect: (events: LinkEvents) => Link
  /** 0 to 1: so that many do not come back in one instant. */
  random?: () => number
}

export type Line = {
  /** The link, where one is ready. */
  ready(): Link | null
  inFlight(): number
  close(): Promise<void>
  cut(): void
}

/** Opens the first link at once, and the next when one is gone, until it is closed or cut. */
export function keepLine({ clock, connect, random = () => 1 }: LineOptions, events: LinkEvents): Line {
  let link: Link | null = null
  let tries = 0
  let cancel = () => {}
  let isStopped = false

  const join = () => {
    link = connect({
      ...events,
      onReady() {
        tries = 0
        events.onReady()
      },
      onGone(unconfirmed, reason) {
        link = null
        events.onGone(unconfirmed, reason)
        if (!isStopped) cancel = clock.after(pauseMs(tries++) * (0.5 + random() / 2), join)
      },
    })
  }
  const stop = () => {
    isStopped = true
    cancel()
  }
  join()

  return {
    ready: () => (link?.isReady() === true ? link : null),
    inFlight: () => link?.inFlight() ?? 0,
    async close() {
      stop()
      await link?.close()
    },
    cut() {
      stop()
      link?.cut()
    },
  }
}

/** Until the next try: the same some times, then twice as long each time, up to the bound. */
const pauseMs = (tries: number): number =>
  Math.min(RECONNECT_MS * 2 ** Math.max(0, tries - QUICK_TRIES), RECONNECT_MS_MAX)
