// Everything on the air between pendants and receivers. In: what a pendant's antenna sends and what a receiver
// broadcasts; out: what each of the others hears of it. Knows no network and no gateway.
import type { Air } from '../air/air.ts'
import { createRandom, seedOf } from '../air/random.ts'
import type { PendantHost, SimClock } from '../ports.ts'

/** One advertisement as one receiver heard it. */
export type Heard = { address: string; data: Uint8Array; rssiDbm: number; heardAtMs: number }

export type World = {
  /** Everything this pendant sends is heard through `air` from now on; the answer takes it out of the building. */
  addPendant(host: PendantHost, air: Air): () => void
  /** Listens where this receiver hangs; the answer stops it. */
  listen(receiver: string, listener: (heard: Heard) => void): () => void
  /** A receiver sends one packet; every pendant in range is handed it. */
  broadcast(receiver: string, data: Uint8Array): void
}

/** Receivers hang on mains power: the chip's full 8 dBm (nRF52840, product specification, radio). */
const RECEIVER_TX_POWER_DBM = 8

export function createWorld(clock: SimClock): World {
  const pendants = new Map<PendantHost, Air>()
  const listeners = new Map<string, Set<(heard: Heard) => void>>()

  return {
    addPendant(host, air) {
      pendants.set(host, air)
      host.onAdvertisement(advertisement => {
        if (pendants.get(host) !== air) return
        for (const [receiver, those] of listeners) {
          const rssiDbm = air.up(receiver, advertisement)
          if (rssiDbm === null) continue
          const { address, data, atMs } = advertisement
          for (const listener of those) listener({ address, data, rssiDbm, heardAtMs: atMs })
        }
      })
      return () => pendants.delete(host)
    },

    listen(receiver, listener) {
      const those = listeners.get(receiver) ?? new Set()
      listeners.set(receiver, those.add(listener))
      return () => those.delete(listener)
    },

    broadcast(receiver, data) {
      const packet = { atMs: clock.nowMs(), txPowerDbm: RECEIVER_TX_POWER_DBM }
      for (const [host, air] of pendants) {
        const rssiDbm = air.down(receiver, packet)
        if (rssiDbm !== null) host.hear({ address: addressOf(receiver), data, rssiDbm })
      }
    },
  }
}

/** A static random address (two highest bits set; Bluetooth Core, vol 6 part B 1.3.2.1) that belongs to the name. */
function addressOf(receiver: string): string {
  const random = createRandom(seedOf('address', receiver))
  const bytes = Array.from({ length: 6 }, () => Math.floor(random() * 256))
  bytes[0] = (bytes[0] ?? 0) | 0xc0
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':')
}
