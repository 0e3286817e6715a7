// The way in for receivers is proven by answering: asked each few seconds, said to be broken when it does not answer, and
// opened anew where it does not come back. Promises that a fault is told once, and taken back once.
import type { Clock } from '../../ports.ts'

/** After the last answer, or the last time it was waited for. */
const ASK_EACH_MS = 5_000
/** So long it may take to answer. */
export const ANSWER_MS = 5_000
/** Opened anew after so many in a row; again after as many more. */
const MISSED_MAX = 2

export type BrokerWatch = {
  clock: Clock
  /** Null where it answers; otherwise why not, in words. */
  ask(): Promise<string | null>
  /** What a receiver has said by now: who is heard is not cut off, though the question is not answered. */
  heardCount(): number
  tell(fault: string | null): void
  /** Opens it anew; rejects where it cannot be. */
  reopen(): Promise<void>
}

export type Watching = {
  /** What was asked is gone: what comes of that question says nothing of the next one, which is asked in its time. */
  lost(): void
  close(): void
}

/** Asks until it is closed. */
export function watchBroker({ clock, ask, heardCount, tell, reopen }: BrokerWatch): Watching {
  let missed = 0
  let heardBefore = heardCount()
  /** What is asked: its number. */
  let asked = 0
  let cancel = (): void => {}

  const look = async (): Promise<void> => {
    const of = asked
    const why = await ask()
    if (of !== asked) return
    if (why === null) {
      missed = 0
      heardBefore = heardCount()
      tell(null)
      return
    }
    missed += 1
    const isHeard = heardCount() !== heardBefore
    const mustReopen = missed % MISSED_MAX === 0 && !isHeard
    heardBefore = heardCount()
    const stays = isHeard ? 'heard' : 'asked'
    tell(faultText(why, mustReopen ? 'reopened' : stays))
    if (mustReopen) await reopen().catch(error => tell(faultText(String(error?.message ?? error), 'failed')))
  }
  const run = (): void => {
    const of = asked
    void look().finally(() => {
      if (of === asked) cancel = clock.after(ASK_EACH_MS, run)
    })
  }
  const letGo = (): void => {
    asked += 1
    cancel()
  }
  run()
  return {
    lost() {
      letGo()
      missed = 0
      cancel = clock.after(ASK_EACH_MS, run)
    },
    close: letGo,
  }
}

type Is = 'asked' | 'heard' | 'reopened' | 'ended' | 'hung' | 'failed'

/** What is wrong, and what is done about it; `why` in words. */
const FAULTS: Readonly<Record<Is, (why: string) => string>> = {
  asked: why =>
    `The way in for receivers does not answer (${why}): no pendant may be heard. It is asked again, and opened anew where it stays so`,
  heard: why =>
    `The way in for receivers does not answer (${why}), though receivers are heard by it: it is left as it is, and asked again`,
  reopened: why =>
    `The way in for receivers does not answer (${why}): no pendant may be heard. It is opened anew`,
  ended: why => `The way in for receivers has ended (${why}): no pendant is heard by it. It is opened anew`,
  hung: why => `The way in for receivers hangs (${why}): no pendant is heard by it. It is opened anew`,
  failed: why =>
    `The way in for receivers cannot be opened anew (${why}): no pendant is heard by it. It is tried again`,
}

export const faultText = (why: string, is: Is): string => FAULTS[is](why)
