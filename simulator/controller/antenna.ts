// What a controller sends by itself: one packet a set and interval, as long as the set is on. In: what the host set. Out: each packet
// as it leaves. The chip's rules stand here; a number is the status by which it refuses.
import type { SimClock } from '../ports.ts'

export const DONE = 0x00
export const DISALLOWED = 0x0c
export const INVALID = 0x12
export const NO_SUCH_SET = 0x42
export const FULL = 0x43

/** The shortest interval of a packet that nobody can connect to, before Bluetooth 5. */
const NONCONNECTABLE_MS_MIN = 100
const LEGACY_BYTES_MAX = 31

type AdvertisingSet = { intervalMs: number; data: Uint8Array; stop: (() => void) | null }

export type Antenna = {
  set(number: number, intervalMs: number): number
  data(number: number, data: Uint8Array): number
  enable(number: number, isOn: boolean): number
  /** Everything off and forgotten. */
  reset(): void
}

export function createAntenna(sets: number, clock: SimClock, sent: (data: Uint8Array) => void): Antenna {
  const known = new Map<number, AdvertisingSet>()

  const send = (one: AdvertisingSet): void => {
    one.stop = clock.after(one.intervalMs, () => send(one))
    sent(one.data)
  }

  return {
    set(number, intervalMs) {
      const now = known.get(number)
      if (now?.stop) return DISALLOWED
      if (intervalMs < NONCONNECTABLE_MS_MIN) return INVALID
      if (now === undefined && known.size === sets) return FULL
      known.set(number, { intervalMs, data: now?.data ?? new Uint8Array(0), stop: null })
      return DONE
    },
    data(number, data) {
      const one = known.get(number)
      if (one === undefined) return NO_SUCH_SET
      if (data.length > LEGACY_BYTES_MAX) return INVALID
      one.data = data
      return DONE
    },
    enable(number, isOn) {
      const one = known.get(number)
      if (one === undefined) return NO_SUCH_SET
      one.stop?.()
      one.stop = null
      if (isOn) send(one)
      return DONE
    },
    reset() {
      for (const one of known.values()) one.stop?.()
      known.clear()
    },
  }
}
