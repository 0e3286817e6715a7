// Tells a deaf controller from a quiet place as far as that can be told. In: how much was heard so far. Out, each time nothing came for
// the time in which something must: a question that any controller answers, then the scan begun anew, a reset, and the end.
import type { Clock } from '../../ports.ts'
import type { Asking } from './asking.ts'
import { type Controller, scanAnew } from './bring-up.ts'
import { readAddress } from './codec/commands.ts'

export type Watch = {
  /** Of a controller that has just been brought up; `wasReset` where that was a mending. */
  begin(controller: Controller): void
  /** It is being reset. */
  pause(wasMending: boolean): void
}

export type WatchOptions = {
  clock: Clock
  asking: Asking
  /** Infinity: never. */
  deafAfterMs: number
  heard(): number
  /** It answers and hears nothing; the scan is begun anew. */
  deaf(why: string): void
  /** Only a reset helps now. */
  reset(why: string): void
  /** All was tried. */
  giveUp(why: string): void
}

export function createWatch(options: WatchOptions): Watch {
  const { clock, asking, deafAfterMs, heard } = options
  /** What has been tried since the last report: 1 the scan, 2 a reset. */
  let tried = 0
  let watched: Controller | null = null
  let cancel = (): void => {}

  const wait = (heardBefore: number): void => {
    cancel()
    if (!Number.isFinite(deafAfterMs)) return
    cancel = clock.after(deafAfterMs, () => {
      if (heard() === heardBefore) void mend()
      else {
        tried = 0
        wait(heard())
      }
    })
  }

  const mend = async (): Promise<void> => {
    const mending = watched
    if (mending === null) return
    const heardBefore = heard()
    const silence = `no report of any kind for ${deafAfterMs / 1000} s`
    try {
      await asking.ask(readAddress())
      if (watched !== mending) return
      if (tried === 2) options.giveUp(`${silence}, though the controller answers and was reset`)
      else if (tried === 1)
        options.reset(`${silence}, though the controller answers and its scan was begun anew`)
      else {
        tried = 1
        options.deaf(`${silence}, though the controller answers; its scan is begun anew`)
        await scanAnew(asking, mending)
        if (watched === mending) wait(heardBefore)
      }
    } catch (error) {
      // Refused: its scan is not as it says. Unanswered: it is being reset already.
      if (watched === mending && error instanceof Error) options.reset(error.message)
    }
  }

  return {
    begin(controller) {
      watched = controller
      wait(heard())
    },
    pause(wasMending) {
      watched = null
      cancel()
      if (wasMending) tried = 2
    },
  }
}
