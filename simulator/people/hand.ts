// The hand on a pendant's button. In: down and up by somebody's own finger, or a gesture by name; out: the button's edges, on
// the clock of the simulation. One hand: while it plays a gesture it takes no other order, and it lets go in the end.

import type { Gesture } from '../page/building.ts'
import type { SimClock } from '../ports.ts'
import { GESTURES, type Pattern } from './gestures.ts'

const HELD_MS_MAX = 60_000
/** A page that was closed with its button down lets go in the end; late enough to see the pendant call it stuck. */
const LETS_GO_MS = 90_000

export type Hand = {
  /** Held for so long. Throws where the button is down already, or for a time that is none. */
  press(heldMs: number): void
  /** As a finger does it: going down twice, or up twice, is nothing. */
  button(isDown: boolean): void
  gesture(name: Gesture): void
  isDown(): boolean
}

export function createHand(id: string, clock: SimClock, setButton: (isDown: boolean) => void): Hand {
  let isDown = false
  let isPlaying = false
  let cancelLetGo = (): void => {}

  const move = (down: boolean): void => {
    if (down === isDown) return
    isDown = down
    setButton(down)
  }
  const refuseIfBusy = (): void => {
    if (isPlaying || isDown)
      throw new Error(`expected the button of ${id} to be up, came one that is held down or played with`)
  }
  const play = ([next, ...rest]: Pattern): void => {
    if (next === undefined) {
      isPlaying = false
      return
    }
    clock.after(next.restMs, () => {
      move(true)
      clock.after(next.holdMs, () => {
        move(false)
        play(rest)
      })
    })
  }

  return {
    isDown: () => isDown,
    press(heldMs) {
      if (!(heldMs > 0 && heldMs <= HELD_MS_MAX))
        throw new Error(`expected the button held for 1 to ${HELD_MS_MAX} ms, came ${heldMs}`)
      refuseIfBusy()
      isPlaying = true
      move(true)
      clock.after(heldMs, () => {
        move(false)
        isPlaying = false
      })
    },
    button(down) {
      if (isPlaying) throw new Error(`expected ${id} to be let alone while a gesture is played on it`)
      cancelLetGo()
      move(down)
      cancelLetGo = down ? clock.after(LETS_GO_MS, () => move(false)) : () => {}
    },
    gesture(name) {
      refuseIfBusy()
      isPlaying = true
      play(GESTURES[name])
    },
  }
}
