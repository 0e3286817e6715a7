// Whether a thread hangs: it is asked each second, and has gone on with its loop where it says anything. In: what it says. Out: that it
// has said nothing for so many questions in a row. The same watch as the telephone's (pagers/sip/keeper.ts), of this machine's own time.

/** So many questions without a word, and it hangs: noticed within four seconds. */
const PING_EVERY_MS = 1_000
const PINGS_MISSED = 3

export type Pings = {
  /** It said something, whatever it was. */
  heard(): void
  stop(): void
}

/**
 * Asks from now on. Questions are counted, and not the time: where this thread itself stood still, or the whole machine did, what was
 * said meanwhile is read between two turns of the timer. `onHung` is called once.
 */
export function watchPings(ping: () => void, onHung: (seconds: number) => void): Pings {
  let missed = 0
  const ask = (): void => {
    if (missed >= PINGS_MISSED) {
      clearInterval(timer)
      onHung((missed * PING_EVERY_MS) / 1_000)
      return
    }
    missed += 1
    ping()
  }
  const timer = setInterval(ask, PING_EVERY_MS)
  ask()
  return {
    heard() {
      missed = 0
    },
    stop: () => clearInterval(timer),
  }
}
