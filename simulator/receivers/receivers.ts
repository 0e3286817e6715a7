// A receiver on a ceiling: hears advertisements, publishes reports to the gateway's broker by MQTT (QoS 1), broadcasts
// beacons. Whatever is not confirmed by a PUBACK is published again after a reconnect, with its true age.
import { HEARTBEAT_MS, isNewerEnd, type JournalEnd, type ReportBatch } from '../../schemas/report.ts'
import { createBeacons } from '../air/beacons.ts'
import type { Heard } from '../building/world.ts'
import type { SimClock } from '../ports.ts'
import { createLink, type Link } from './link.ts'
import { createReportQueue, type Waiting } from './report-queue.ts'

/** Repeats wait for one another this long at most; a fresh frame goes at once and takes them along. */
export const BATCH_MS = 250
/** Batches on the way at once; more wait in the queue, which is bounded. */
const IN_FLIGHT_MAX = 16
const RECONNECT_MS = 500

export type ReceiverOptions = {
  id: string
  password: string
  broker: { host: string; port: number }
  clock: SimClock
  /** Puts a beacon's packet on the air. */
  broadcast: (data: Uint8Array) => void
  /** Called when the connection comes or goes, with the reason in words. */
  onLink?: (isConnected: boolean, reason: string) => void
}

export type Receiver = {
  readonly id: string
  hear(heard: Heard): void
  isConnected(): boolean
  /** Batches published and not confirmed yet. */
  unconfirmed(): number
  counters(): { heard: number; published: number; dropped: number; waiting: number; misunderstood: number }
  /** Says it is going offline and disconnects. */
  stop(): Promise<void>
  /** The mains plug is pulled: no goodbye, so the broker publishes the last will. */
  cut(): void
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const { id, clock } = options
  const startedAtMs = clock.nowMs()
  const queue = createReportQueue()
  const beacons = createBeacons(clock, options.broadcast)
  const counted = { heard: 0, published: 0, misunderstood: 0 }
  let link: Link | null = null
  let newestEnd: JournalEnd | null = null
  let isStopped = false
  const timers = new Map<'batch' | 'heartbeat' | 'reconnect', () => void>()

  const after = (name: 'batch' | 'heartbeat' | 'reconnect', delayMs: number, run: () => void) => {
    timers.get(name)?.()
    timers.set(
      name,
      clock.after(delayMs, () => {
        timers.delete(name)
        run()
      }),
    )
  }
  const silence = () => {
    isStopped = true
    for (const cancel of timers.values()) cancel()
    beacons.stop()
  }

  const flush = () => {
    while (link?.isReady() === true && link.inFlight() < IN_FLIGHT_MAX && queue.waiting() > 0) {
      const batch = queue.take(clock.nowMs())
      if (batch.length === 0) return
      link.publish(batch, reportsOf(batch, clock.nowMs()), () => {
        counted.published += batch.length
        flush()
      })
    }
  }
  const heartbeat = () => {
    const { heard, published } = counted
    const uptimeMs = Math.max(0, Math.round(clock.nowMs() - startedAtMs))
    const journal = newestEnd === null ? {} : { journal: newestEnd }
    link?.say({ v: 1, status: 'online', uptimeMs, heard, published, dropped: queue.dropped(), ...journal })
    after('heartbeat', HEARTBEAT_MS, heartbeat)
  }
  const join = () => {
    link = createLink(options, {
      onReady() {
        options.onLink?.(true, 'connected')
        heartbeat()
        flush()
      },
      onOrder: order => (order === null ? counted.misunderstood++ : beacons.order(order)),
      onJournal(end) {
        if (newestEnd === null || isNewerEnd(end, newestEnd)) newestEnd = end
      },
      onGone(unconfirmed, reason) {
        link = null
        for (const batch of unconfirmed.reverse()) queue.giveBack(batch)
        timers.get('heartbeat')?.()
        options.onLink?.(false, reason)
        if (!isStopped) after('reconnect', RECONNECT_MS, join)
      },
    })
  }
  join()

  return {
    id,
    hear(heard) {
      if (isStopped) return
      counted.heard++
      if (queue.add(heard) === 'fresh') flush()
      else if (!timers.has('batch')) after('batch', BATCH_MS, flush)
    },
    isConnected: () => link?.isReady() === true,
    unconfirmed: () => link?.inFlight() ?? 0,
    counters: () => ({ ...counted, dropped: queue.dropped(), waiting: queue.waiting() }),
    async stop() {
      silence()
      await link?.close()
    },
    cut() {
      silence()
      link?.cut()
    },
  }
}

function reportsOf(batch: readonly Waiting[], nowMs: number): ReportBatch {
  const reports = batch.map(({ address, rssiDbm, data, heardAtMs }) => ({
    address,
    rssiDbm,
    data: Buffer.from(data).toString('hex'),
    ageMs: Math.max(0, Math.round(nowMs - heardAtMs)),
  }))
  return { v: 1, reports }
}
