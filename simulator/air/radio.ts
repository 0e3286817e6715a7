// The radio of a building: from where a packet leaves and where a receiver hangs to whether it is heard, and how loudly.
// Log-distance path loss, walls and floors, shadowing that belongs to the places, the wearer's body, interference on each
// channel, noise and loss per packet (Rappaport, Wireless Communications, ch. 4). The same seed gives the same building.

import { floorsBetween, type Plan, wallsBetween } from '../building/plan.ts'
import type { Point } from '../page/building.ts'
import { normal, type Random } from './random.ts'
import { interference, shadowBetween } from './shadowing.ts'

/** `facing` is where the wearer looks, in radians from the x axis; without one nobody wears it. */
export type Place = Point & { height: number; facing?: number }

export type RadioSettings = {
  seed: number
  /** Loss over the first metre: 40 dB of free space at 2.44 GHz, the rest small antennas. */
  firstMetreDb: number
  /** How fast it fades with distance: 2 in free space, more among furniture. */
  exponent: number
  /** An inner wall of plasterboard or brick. */
  wallDb: number
  /** A floor of concrete: 15 to 20 dB for the first in offices (ITU-R P.1238). */
  floorDb: number
  /** Deviation of what furniture does to a place. */
  shadowDb: number
  /** How much stronger the direct path is than all scattered ones together, in power. */
  riceK: number
  /** Deviation from packet to packet that no place explains: the antenna's tilt, the receiver's own error. */
  noiseDb: number
  /**
   * What the wearer's body takes from a receiver right behind them; from the side half of it. Measured indoors: fades of
   * up to 15 dB and more when a body blocks a short link, and more still from chest to back; reflections fill the rest.
   */
  bodyDb: number
  /** The level at which half of the packets are lost. */
  halfLostDbm: number
  /** How much of the time a receiver listens at all, 0..1. */
  duty: number
  /** Packets that collide with others on the air, 0..1. */
  collided: number
}

/**
 * A furnished flat or office, people wearing their pendants, and receivers on mains power. All but the body, the listening
 * and the output are held to the recorded flat by tests/simulator/air/radio-recording.test.ts.
 */
export const quietOffice: RadioSettings = {
  seed: 1,
  firstMetreDb: 50,
  exponent: 2,
  wallDb: 3,
  floorDb: 16,
  shadowDb: 5.5,
  riceK: 3.5,
  noiseDb: 1,
  bodyDb: 12,
  halfLostDbm: -95,
  duty: 0.9,
  collided: 0.02,
}

/** Nearer than this the model means nothing. */
const NEAREST_METRES = 0.5
/** How steeply packets get lost around `halfLostDbm`. */
const LOSS_SLOPE_DB = 1.5
/** Advertisements go out on three channels in turn, and a receiver listens on one at a time. */
const CHANNELS = 3

/** The level in dBm that this place has on the average of many packets and of a step about it. */
export function meanLevel(
  settings: RadioSettings,
  plan: Plan,
  from: Place,
  to: Place,
  txPowerDbm: number,
): number {
  const metres = Math.max(NEAREST_METRES, Math.hypot(from.x - to.x, from.y - to.y, from.height - to.height))
  const pathDb = settings.firstMetreDb + 10 * settings.exponent * Math.log10(metres)
  const builtDb = settings.wallDb * wallsBetween(plan, from, to) + settings.floorDb * floorsBetween(from, to)
  const bodiesDb = bodyLoss(settings, from, to) + bodyLoss(settings, to, from)
  const shadowDb = settings.shadowDb * shadowBetween(settings.seed, from, to)
  return txPowerDbm - pathDb - builtDb - bodiesDb + shadowDb
}

/** What the body of whoever wears the one end takes from the way to the other: nothing in front, all of it behind. */
function bodyLoss({ bodyDb }: RadioSettings, worn: Place, other: Place): number {
  if (worn.facing === undefined) return 0
  const towards = Math.atan2(other.y - worn.y, other.x - worn.x)
  return (bodyDb * (1 - Math.cos(towards - worn.facing))) / 2
}

/** What interference makes of one packet between these places, in dB; a channel of the three is drawn. */
export const fadeOf = ({ seed, riceK }: RadioSettings, from: Place, to: Place, random: Random): number =>
  interference(seed, riceK, Math.floor(CHANNELS * random()), from, to)

/** The level in dBm of one packet as a receiver gives it (whole dBm), or null where it is not heard. */
export function hearPacket(settings: RadioSettings, placeDbm: number, random: Random): number | null {
  const rssiDbm = placeDbm + settings.noiseDb * normal(random)
  const survives = 1 / (1 + Math.exp((settings.halfLostDbm - rssiDbm) / LOSS_SLOPE_DB))
  const heard = random() < settings.duty * (1 - settings.collided) * survives
  return heard ? Math.min(20, Math.max(-127, Math.round(rssiDbm))) : null
}
