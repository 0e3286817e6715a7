// A receiver's antenna the other way. In: what the gateway ordered. Out: the packets to be broadcast in turn from now on, told
// anew at each order and whenever one has come to its end.
import type { BeaconOrder } from '../../schemas/report.ts'
import type { Clock } from '../ports.ts'

export type Beacons = { order(order: BeaconOrder): void; stop(): void }

export function createBeacons(clock: Clock, broadcast: (packets: readonly Uint8Array[]) => void): Beacons {
  let live: { data: Uint8Array; untilMs: number }[] = []
  let cancel = () => {}

  const tell = () => {
    cancel()
    const nowMs = clock.nowMs()
    live = live.filter(({ untilMs }) => untilMs > nowMs)
    broadcast(live.map(({ data }) => data))
    if (live.length > 0) cancel = clock.after(Math.min(...live.map(({ untilMs }) => untilMs)) - nowMs, tell)
  }

  return {
    order({ beacons }) {
      const nowMs = clock.nowMs()
      live = beacons.map(({ data, forMs }) => ({ data: Buffer.from(data, 'hex'), untilMs: nowMs + forMs }))
      tell()
    },
    stop() {
      live = []
      tell()
    },
  }
}
