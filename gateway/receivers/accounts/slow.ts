// Passwords that nobody has proved yet, on their way through scrypt. Few run at once, so that they leave the machine to whoever
// decides about an alarm. Promises that no number of guesses keeps another's proof waiting for longer than those that run.
import type { Clock } from '../../ports.ts'
import { type Proof, waitingRoom } from './waiting.ts'

/** Whoever was wrong too often may have its turn again by then. */
const LOOK_EACH_MS = 500

export type Slow = {
  /** `busy`: there was no room for it, or nobody waits for it any more. */
  prove(proof: Proof): Promise<boolean | 'busy'>
  close(): void
}

export function slowProofs(clock: Clock, atOnce: number): Slow {
  const room = waitingRoom()
  let running = 0
  let isClosed = false
  let cancel = (): void => {}

  function go(): void {
    cancel()
    while (running < atOnce && !isClosed) {
      const next = room.next(clock.nowMs())
      if (next === null) break
      running += 1
      void next.proof
        .run()
        .catch(() => false)
        .then(isRight => {
          running -= 1
          room.ended(next.proof, isRight, clock.nowMs())
          next.settle(isRight)
          go()
        })
    }
    if (room.count > 0 && !isClosed) cancel = clock.after(LOOK_EACH_MS, go)
  }

  return {
    prove: proof =>
      new Promise(settle => {
        if (room.add({ proof, settle }, clock.nowMs())) go()
        else settle('busy')
      }),
    close() {
      isClosed = true
      cancel()
    },
  }
}
