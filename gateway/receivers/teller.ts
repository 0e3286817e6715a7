// Tells the receivers what to broadcast: orders in, one retained beacon list per receiver out, corrected as orders end.
import type { Aedes } from 'aedes'
import { topicOf } from '../../schemas/report.ts'
import type { Log } from '../log.ts'
import type { Clock, ToldOrder } from '../ports.ts'
import { beacons } from './beacons.ts'

export type Teller = {
  take(orders: readonly ToldOrder[]): void
  /** From now on these; a list kept for one that is gone is deleted. */
  setReceivers(receivers: readonly string[]): void
  close(): void
}

export function teller(aedes: Aedes, clock: Clock, log: Log): Teller {
  const live = beacons()
  let receivers: readonly string[] = []
  let cancel = () => {}

  function publish(receiver: string, payload: string): void {
    const topic = topicOf(receiver, 'beacon')
    aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false }, error => {
      if (error) log.error({ error, receiver }, 'beacon not published')
    })
  }

  function publishAll(): void {
    cancel()
    const nowMs = clock.nowMs()
    const { order, nextEndAtMs } = live.current(nowMs)
    const payload = JSON.stringify(order)
    for (const receiver of receivers) publish(receiver, payload)
    // The kept list says how long from now: one who subscribes later must not hear what has ended.
    cancel = nextEndAtMs === null ? () => {} : clock.after(nextEndAtMs - nowMs, publishAll)
  }

  return {
    take(orders) {
      live.take(orders, clock.nowMs())
      publishAll()
    },
    setReceivers(next) {
      for (const receiver of receivers) if (!next.includes(receiver)) publish(receiver, '')
      receivers = next
      publishAll()
    },
    close: () => cancel(),
  }
}
