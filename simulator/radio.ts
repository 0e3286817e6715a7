// The radio of a building: from where a packet leaves and where a receiver hangs to whether it is heard, and how loudly.
// Log-distance path loss, walls, shadowing that belongs to the place, fading and loss per packet (Rappaport, Wireless
// Communications, ch. 4). A pure function of its numbers: the same seed gives the same building.
import type { Point } from './page/building.ts'
import { type Plan, wallsBetween } from './plan.ts'
import { createRandom, normal, type Random, seedOf } from './random.ts'

export type Place = Point & { height: number }

export type RadioSettings = {
  seed: number
  /** Loss over the first metre: 40 dB of free space at 2.44 GHz, the rest small antennas and a body behind one of them. */
  firstMetreDb: number
  /** How fast it fades with distance: 2 in free space, more among furniture. */
  exponent: number
  /** An inner wall of plasterboard or brick. */
  wallDb: number
  /** Deviation of what furniture does to one place, which stays. */
  shadowDb: number
  /** Deviation from packet to packet, which does not. */
  fadingDb: number
  /** The level at which half of the packets are lost. */
  halfLostDbm: number
  /** How much of the time a receiver listens at all, 0..1. */
  duty: number
  /** Packets that collide with others on the air, 0..1. */
  collided: number
}

/** A quiet office and receivers on mains power. */
export const quietOffice: RadioSettings = {
  seed: 1,
  firstMetreDb: 56,
  exponent: 2.2,
  wallDb: 5,
  shadowDb: 3,
  fadingDb: 3,
  halfLostDbm: -95,
  duty: 0.9,
  collided: 0.02,
}

/** Places closer than this share their shadowing; two wavelengths would be 0.25 m, furniture is larger. */
const SHADOW_CELL_METRES = 0.5
/** Nearer than this the model means nothing. */
const NEAREST_METRES = 0.3
/** How steeply packets get lost around `halfLostDbm`. */
const LOSS_SLOPE_DB = 1.5

/** The level in dBm that this place has on the average of many packets. */
export function meanLevel(
  settings: RadioSettings,
  plan: Plan,
  from: Place,
  to: Place,
  txPowerDbm: number,
): number {
  const metres = Math.max(NEAREST_METRES, Math.hypot(from.x - to.x, from.y - to.y, from.height - to.height))
  const pathDb = settings.firstMetreDb + 10 * settings.exponent * Math.log10(metres)
  return txPowerDbm - pathDb - settings.wallDb * wallsBetween(plan, from, to) + shadowOf(settings, from, to)
}

/** The level in dBm of one packet as a receiver gives it (whole dBm), or null where it is not heard. */
export function hearPacket(settings: RadioSettings, meanDbm: number, random: Random): number | null {
  const rssiDbm = meanDbm + settings.fadingDb * normal(random)
  const survives = 1 / (1 + Math.exp((settings.halfLostDbm - rssiDbm) / LOSS_SLOPE_DB))
  const heard = random() < settings.duty * (1 - settings.collided) * survives
  return heard ? Math.min(20, Math.max(-127, Math.round(rssiDbm))) : null
}

/** The same both ways, because a path is. */
function shadowOf(settings: RadioSettings, from: Place, to: Place): number {
  const ends = [cellOf(from), cellOf(to)].sort()
  return settings.shadowDb * normal(createRandom(seedOf(settings.seed, ...ends)))
}

function cellOf(place: Place): string {
  return [place.x, place.y].map(metres => Math.floor(metres / SHADOW_CELL_METRES)).join(',')
}
