// What a receiver's radio does with the packets it is to broadcast: sends one each 100 ms, in turn, until it is given others.
import type { SimClock } from '../ports.ts'

/** The shortest interval of a non-connectable advertisement on these chips. */
export const BEACON_INTERVAL_MS = 100

/** Takes the packets to send from now on; none stops it. Never sends faster than the interval, however often it is told. */
export function inTurns(
  clock: SimClock,
  send: (data: Uint8Array) => void,
): (packets: readonly Uint8Array[]) => void {
  let turns: Uint8Array[] = []
  let isWaiting = false

  const next = () => {
    isWaiting = false
    const turn = turns.shift()
    if (turn === undefined) return
    turns.push(turn)
    isWaiting = true
    clock.after(BEACON_INTERVAL_MS, next)
    send(turn)
  }

  return packets => {
    turns = [...packets]
    if (!isWaiting) next()
  }
}
