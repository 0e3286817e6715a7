// The accelerometer of a Puck.js v2 and of a Bangle.js 2: what the world outside does to the pendant comes to the firmware
// in samples, at the rate it asked for, or at the watch's own.
import type { Acceleration, SimClock } from '../../ports.ts'

/** Of 1 g, at the +-4 g of a Puck.js. */
const COUNTS_PER_G = 8192
const PUCK_HZ = [1.6, 12.5, 26, 52, 104, 208]
const PUCK_HZ_USUAL = 12.5
const BANGLE_EVERY_MS = 80
const STILL = { x: 0, y: 0, z: 0 }

type Handler = (sample: unknown) => void

/** The sensor of one power-on. `felt` is how the pendant is accelerated now; without `isThere` it is a Puck.js v1's. */
export const createMotion = (
  clock: SimClock,
  call: (run: () => void) => void,
  felt: () => Acceleration,
  isThere: boolean,
) => {
  const handlers: Handler[] = []
  let cancel = (): void => {}

  const sampleEach = (everyMs: number, sampleOf: () => unknown): void => {
    cancel()
    const next = (): void => {
      cancel = clock.after(everyMs, next)
      for (const handler of handlers) call(() => handler(sampleOf()))
    }
    cancel = clock.after(everyMs, next)
  }
  const counts = (): unknown => {
    const { x, y, z } = felt()
    const acc = {
      x: Math.round(x * COUNTS_PER_G),
      y: Math.round(y * COUNTS_PER_G),
      z: Math.round(z * COUNTS_PER_G),
    }
    return { acc, gyro: STILL }
  }
  const on = (event: unknown, handler: Handler): void => {
    if (event === 'accel') handlers.push(handler)
  }

  return {
    puck: {
      accelOn: (hz: unknown = PUCK_HZ_USUAL): void => {
        if (!isThere) throw new Error('Accelerometer not available on this Puck.js')
        if (!PUCK_HZ.includes(Number(hz))) throw new Error(`Invalid sample rate ${hz}`)
        sampleEach(1000 / Number(hz), counts)
      },
      accelOff: (): void => cancel(),
      on,
    },
    bangle: {
      on: (event: unknown, handler: Handler): void => {
        on(event, handler)
        if (handlers.length === 1) sampleEach(BANGLE_EVERY_MS, () => ({ ...felt() }))
      },
    },
    off: (): void => cancel(),
  }
}
