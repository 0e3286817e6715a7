// A receiver: hears advertisements, tells the gateway of them over a link, broadcasts beacons. Whatever the gateway has not
// confirmed is told again after the link was gone, with its true age; fresh frames at once, repeats in batches.
import { HEARTBEAT_MS, isNewerEnd, type JournalEnd, type ReceiverStatus } from '../../schemas/report.ts'
import type { Clock } from '../ports.ts'
import { createBeacons } from './beacons.ts'
import { keepLine, type LineOptions } from './line.ts'
import { createReportQueue, type Heard } from './queue.ts'
import { reportsOf } from './reports.ts'
import type { Spool } from './spool/spool.ts'

/** Repeats wait for one another this long at most; a fresh frame goes at once and takes them along. */
export const BATCH_MS = 250
/** Batches on the way at once; more wait in the queue, which is bounded. */
const IN_FLIGHT_MAX = 16

export type Online = Extract<ReceiverStatus, { status: 'online' }>

export type ReceiverOptions = Omit<LineOptions, 'clock'> & {
  id: string
  clock: Pick<Clock, 'nowMs' | 'after'>
  /** Takes all packets that are to be on the air from now on, in turn. */
  broadcast: (packets: readonly Uint8Array[]) => void
  /** What its heartbeats say beside its own counters. `dropped` is added to them. */
  more?: () => Partial<Online>
  /** Where fresh frames outlive this process. */
  spool?: Spool
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
  /** Says now what its heartbeats say: something of it has changed. */
  say(): void
  /** Says it is going offline and disconnects. */
  stop(): Promise<void>
  /** The mains plug is pulled: no goodbye, so the broker publishes the last will. */
  cut(): void
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const { id, clock, spool } = options
  const queue = createReportQueue(gone => spool?.settle(gone), spool?.firstId)
  const beacons = createBeacons(clock, options.broadcast)
  const counted = { heard: 0, published: 0, misunderstood: 0 }
  const tally = () => ({ ...counted, dropped: queue.dropped(), waiting: queue.waiting() })
  const statusNow = statusTeller(options, tally)
  const [batchTimer, heartbeat] = [timer(clock), timer(clock)]
  let isStopped = false
  queue.giveBack(spool?.left ?? [])

  const flush = () => {
    for (let link = line.ready(); link !== null && link.inFlight() < IN_FLIGHT_MAX; link = line.ready()) {
      const batch = queue.take(clock.nowMs(), link.batchMax)
      if (batch.length === 0) return
      link.publish(batch, reportsOf(batch, clock.nowMs()), () => {
        counted.published += batch.length
        spool?.settle(batch)
        flush()
      })
    }
  }
  const say = () => {
    const link = line.ready()
    if (isStopped || link === null) return
    link.say(statusNow.now())
    heartbeat.set(HEARTBEAT_MS, say)
  }
  const line = keepLine(options, {
    onReady() {
      options.onLink?.(true, 'connected')
      say()
      flush()
    },
    onOrder: order => (order === null ? counted.misunderstood++ : beacons.order(order)),
    onJournal: statusNow.remember,
    onGone(unconfirmed, reason) {
      for (const batch of unconfirmed.reverse()) queue.giveBack(batch)
      spool?.sync()
      heartbeat.cancel()
      options.onLink?.(false, reason)
    },
  })
  const silence = () => {
    isStopped = true
    batchTimer.cancel()
    heartbeat.cancel()
    beacons.stop()
  }
  const hear = (heard: Heard) => {
    if (isStopped) return
    counted.heard++
    const one = queue.add(heard)
    if (one === null) return
    if (one.freshness === 'repeat') return batchTimer.isSet() ? undefined : batchTimer.set(BATCH_MS, flush)
    // Published first: no disk delays an alarm.
    flush()
    spool?.add(one, line.ready() === null)
  }

  return {
    id,
    hear,
    isConnected: () => line.ready() !== null,
    unconfirmed: line.inFlight,
    counters: tally,
    say,
    stop() {
      silence()
      return line.close()
    },
    cut() {
      silence()
      line.cut()
    },
  }
}

/** What a heartbeat says, with the newest end of the journal that the receiver was ever told. */
function statusTeller(
  { clock, more }: Pick<ReceiverOptions, 'clock' | 'more'>,
  tally: () => Pick<Online, 'heard' | 'published' | 'dropped' | 'waiting'>,
) {
  const startedAtMs = clock.nowMs()
  let newestEnd: JournalEnd | null = null
  return {
    remember(end: JournalEnd) {
      if (newestEnd === null || isNewerEnd(end, newestEnd)) newestEnd = end
    },
    now(): Online {
      const { heard, published, dropped, waiting } = tally()
      const uptimeMs = Math.max(0, Math.round(clock.nowMs() - startedAtMs))
      const { dropped: droppedBefore = 0, ...others } = more?.() ?? {}
      const counts = { heard, published, dropped: dropped + droppedBefore, waiting }
      return {
        v: 1,
        status: 'online',
        uptimeMs,
        ...counts,
        ...(newestEnd !== null && { journal: newestEnd }),
        ...others,
      }
    },
  }
}

/** One timer that can be set anew. */
function timer(clock: Pick<Clock, 'after'>) {
  let cancel: (() => void) | null = null
  const stop = () => {
    cancel?.()
    cancel = null
  }
  return {
    isSet: () => cancel !== null,
    cancel: stop,
    set(delayMs: number, run: () => void) {
      stop()
      cancel = clock.after(delayMs, () => {
        cancel = null
        run()
      })
    },
  }
}
