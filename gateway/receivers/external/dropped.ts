// Messages that are dropped where too many wait: counted and said, at the first one, each minute while it goes on, and when it has
// stopped.
import type { Clock, FaultEvent } from '../../ports.ts'

const TOLD_EACH_MS = 60_000
const CLEARED_AFTER_MS = 300_000

export type Dropping = { one(): void; close(): void }

export function dropping(receiver: string, clock: Clock, tell: (fault: FaultEvent) => void): Dropping {
  let count = 0
  let told = 0
  let lastMs = 0
  let cancel = (): void => {}

  function say(): void {
    told = count
    tell({
      kind: 'fault',
      key: `receiver-dropped:${receiver}`,
      text: count === 0 ? null : textOf(receiver, count),
    })
    if (count > 0) cancel = clock.after(TOLD_EACH_MS, look)
  }
  function look(): void {
    if (clock.nowMs() - lastMs >= CLEARED_AFTER_MS) count = 0
    if (count !== told) say()
    else cancel = clock.after(TOLD_EACH_MS, look)
  }
  return {
    one() {
      count += 1
      lastMs = clock.nowMs()
      if (count === 1) say()
    },
    close: () => cancel(),
  }
}

const textOf = (receiver: string, count: number): string =>
  `Receiver ${receiver} sends at QoS 0 more than can be carried out: ${count} ${count === 1 ? 'message was' : 'messages were'} dropped so far, and an alarm may have been among them. Set it to QoS 1`

/** Begins what is given, at most so many at once; what is more is dropped. `run` never rejects. */
export function atMost(max: number, onDropped: () => void): (run: () => Promise<unknown>) => void {
  let count = 0
  return run => {
    if (count >= max) {
      onDropped()
      return
    }
    count += 1
    void run().finally(() => {
      count -= 1
    })
  }
}
