// setTimeout and setInterval of the chip, on the simulator's clock.
import type { SimClock } from '../../ports.ts'

/** The timers of one power-on: `globals` for the firmware, `off` at the end. */
export const createTimers = (clock: SimClock, call: (run: () => void) => void) => {
  const running = new Map<number, () => void>()
  let count = 0

  const stop = (id: number): void => {
    running.get(id)?.()
    running.delete(id)
  }
  const stopAll = (): void => {
    for (const id of [...running.keys()]) stop(id)
  }

  const set = (
    run: (...args: unknown[]) => void,
    delayMs: number,
    isRepeated: boolean,
    args: unknown[],
  ): number => {
    if (typeof run !== 'function')
      throw new TypeError('First argument to setTimeout/setInterval not a function')
    const id = ++count
    const everyMs = Math.max(1, Number(delayMs) || 0)
    const fire = (): void => {
      if (isRepeated) running.set(id, clock.after(everyMs, fire))
      else running.delete(id)
      call(() => run(...args))
    }
    running.set(id, clock.after(everyMs, fire))
    return id
  }

  /** Without an argument all of them; with one that is undefined the chip refuses, and rightly. */
  const clear = (...ids: (number | undefined)[]): void => {
    const [id] = ids
    if (ids.length === 0) stopAll()
    else if (id === undefined)
      throw new Error('clearTimeout(undefined) not allowed. Use clearTimeout() instead')
    else stop(id)
  }

  return {
    globals: {
      setTimeout: (run: () => void, delayMs: number, ...args: unknown[]) => set(run, delayMs, false, args),
      setInterval: (run: () => void, delayMs: number, ...args: unknown[]) => set(run, delayMs, true, args),
      clearTimeout: clear,
      clearInterval: clear,
    },
    off: stopAll,
  }
}
