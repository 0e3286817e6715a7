// What the radios of the gateway's own machine are to broadcast: orders in, one beacon list for each of them out, corrected as orders
// end. The lists that a broker would keep, handed over instead.
import { BeaconOrder } from '../../schemas/report.ts'
import type { Clock, Log } from '../ports.ts'
import { type BeaconLists, beaconLists } from './beacon-lists.ts'

/** `hand` is given each list with the receiver that it is for. */
export function localLists(
  hand: (receiver: string, order: BeaconOrder) => void,
  clock: Clock,
  log: Log,
): BeaconLists {
  return beaconLists({ publish }, clock, log)

  function publish({ topic, payload }: { topic: string; payload: string | Buffer }, done: () => void): void {
    const [, , receiver = ''] = topic.split('/')
    // A list of nobody's any more is published as nothing.
    const text = payload.toString()
    if (text !== '') hand(receiver, BeaconOrder.parse(JSON.parse(text)))
    done()
  }
}
