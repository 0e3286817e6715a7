// A broker outside that has forgotten what it kept for the gateway: said once for all sessions, and for ten minutes.
import type { Clock, FaultEvent } from '../../ports.ts'

const TOLD_FOR_MS = 600_000
const KEY = 'broker-forgot'

export type Forgotten = { now(): void; close(): void }

export function forgotten(url: string, clock: Clock, tell: (fault: FaultEvent) => void): Forgotten {
  let isTold = false
  let cancel = (): void => {}
  return {
    now() {
      cancel()
      if (!isTold)
        tell({
          ...{ kind: 'fault', key: KEY },
          text: `The broker ${url} has forgotten what it kept for the gateway: what receivers sent while it was away may be lost. It is to write down what it keeps (persistence)`,
        })
      isTold = true
      cancel = clock.after(TOLD_FOR_MS, () => {
        isTold = false
        tell({ kind: 'fault', key: KEY, text: null })
      })
    },
    close: () => cancel(),
  }
}
