// What lies between one pendant and every receiver, as the world asks for it. One kind follows the radio model, the
// other plays a recording (replay.ts).
import type { Plan } from '../building/plan.ts'
import type { Advertisement } from '../ports.ts'
import { fadeOf, hearPacket, meanLevel, type Place, type RadioSettings } from './radio.ts'
import type { Random } from './random.ts'

export type Packet = Pick<Advertisement, 'atMs' | 'txPowerDbm'>

/** Both ways answer the level in dBm, or null where the packet is not heard. */
export type Air = {
  /** From the pendant to a receiver that listens for its share of the time. */
  up(receiver: string, packet: Packet): number | null
  /** From a receiver to the pendant, whose firmware decides by itself when it listens. */
  down(receiver: string, packet: Packet): number | null
}

/** The air of the radio model around somebody who walks about: `placeNow` is asked for each packet. */
export function createModelledAir(options: {
  settings: RadioSettings
  plan: Plan
  receivers: ReadonlyMap<string, Place>
  random: Random
  placeNow: () => Place
}): Air {
  const { settings, plan, receivers, random, placeNow } = options
  const alwaysListening = { ...settings, duty: 1 }
  const hear = (listener: RadioSettings, receiver: string, packet: Packet): number | null => {
    const place = receivers.get(receiver)
    if (place === undefined) return null
    const here = placeNow()
    const meanDbm = meanLevel(settings, plan, here, place, packet.txPowerDbm)
    return hearPacket(listener, meanDbm + fadeOf(settings, here, place, random), random)
  }
  return {
    up: (receiver, packet) => hear(settings, receiver, packet),
    down: (receiver, packet) => hear(alwaysListening, receiver, packet),
  }
}
