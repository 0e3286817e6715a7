// Tells the receivers what to broadcast: orders in, one retained beacon list per receiver out, corrected as orders end.
import { JOURNAL_TOPIC, type JournalEnd, topicOf } from '../../schemas/report.ts'
import type { Clock, Log, ToldOrder } from '../ports.ts'
import { beacons } from './beacons.ts'
import type { Listener } from './mqtt/listener.ts'

/** A press is several rows in a few milliseconds; whoever pulls the plug is slower. */
const END_EACH_MS = 100

export type BeaconLists = {
  take(orders: readonly ToldOrder[]): void
  /** The newest row of the journal, to receivers that remember it. Of many in a moment the last is told. */
  tellEnd(end: JournalEnd): void
  /** From now on these; a list kept for one that is gone is deleted. */
  setReceivers(receivers: readonly string[]): void
  /** What is told from now on reaches nobody: the engine may have a last word after the broker has gone. */
  close(): void
}

export function beaconLists(listener: Pick<Listener, 'publish'>, clock: Clock, log: Log): BeaconLists {
  const live = beacons()
  let receivers: readonly string[] = []
  /** When a receiver's kept list must be corrected, because something in it ends. */
  const ends = new Map<string, number>()
  let cancel = () => {}
  let isClosed = false

  let nextEnd: JournalEnd | null = null
  let cancelEnd = () => {}
  function publishEnd(): void {
    const payload = JSON.stringify(nextEnd)
    nextEnd = null
    listener.publish(
      { cmd: 'publish', topic: JOURNAL_TOPIC, payload, qos: 1, retain: true, dup: false },
      error => {
        if (error) log.error({ error }, 'the end of the journal was not published')
      },
    )
  }

  function publish(receiver: string, payload: string): void {
    const topic = topicOf(receiver, 'beacon')
    listener.publish({ cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false }, error => {
      if (error) log.error({ error, receiver }, 'beacon not published')
    })
  }

  /** The kept list says how long from now: one who subscribes later must not hear what has ended. */
  function publishLists(to: readonly string[]): void {
    const nowMs = clock.nowMs()
    for (const receiver of to) {
      const { order, nextEndAtMs } = live.current(nowMs, receiver)
      publish(receiver, JSON.stringify(order))
      if (nextEndAtMs === null) ends.delete(receiver)
      else ends.set(receiver, nextEndAtMs)
    }
    cancel()
    const next = Math.min(...ends.values())
    cancel = ends.size === 0 ? () => {} : clock.after(next - nowMs, correct)
  }

  function correct(): void {
    const nowMs = clock.nowMs()
    publishLists(receivers.filter(receiver => (ends.get(receiver) ?? nowMs + 1) <= nowMs))
  }

  return {
    take(orders) {
      if (isClosed) return
      live.take(orders, clock.nowMs())
      const isMeant = (receiver: string) => orders.some(each => each.receivers?.includes(receiver) !== false)
      publishLists(receivers.filter(isMeant))
    },
    tellEnd(end) {
      if (isClosed) return
      const isWaiting = nextEnd !== null
      nextEnd = end
      if (!isWaiting) cancelEnd = clock.after(END_EACH_MS, publishEnd)
    },
    setReceivers(next) {
      for (const receiver of receivers.filter(each => !next.includes(each))) {
        ends.delete(receiver)
        publish(receiver, '')
      }
      receivers = next
      publishLists(receivers)
    },
    close() {
      isClosed = true
      cancel()
      cancelEnd()
    },
  }
}
