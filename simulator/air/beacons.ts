// A receiver's antenna the other way: broadcasts what the gateway ordered, one packet each 100 ms, in turn, until its
// time is up or another order replaces it.
import type { BeaconOrder } from '../../schemas/report.ts'
import type { SimClock } from '../ports.ts'

/** The shortest interval of a non-connectable advertisement on these chips. */
export const BEACON_INTERVAL_MS = 100

export type Beacons = { order(order: BeaconOrder): void; stop(): void }

export function createBeacons(clock: SimClock, broadcast: (data: Uint8Array) => void): Beacons {
  let turns: { data: Uint8Array; untilMs: number }[] = []
  let cancel: (() => void) | null = null

  const next = () => {
    cancel = null
    const nowMs = clock.nowMs()
    turns = turns.filter(turn => turn.untilMs > nowMs)
    const turn = turns.shift()
    if (turn === undefined) return
    turns.push(turn)
    cancel = clock.after(BEACON_INTERVAL_MS, next)
    broadcast(turn.data)
  }

  return {
    order({ beacons }) {
      const nowMs = clock.nowMs()
      turns = beacons.map(({ data, forMs }) => ({ data: Buffer.from(data, 'hex'), untilMs: nowMs + forMs }))
      if (cancel === null) next()
    },
    stop() {
      turns = []
      cancel?.()
      cancel = null
    },
  }
}
