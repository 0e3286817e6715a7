// In: the battery's percentage under load and how long it has been in. Out: the days it will last, as a DAYS_LEFT_ code.
// An estimate, and the lower of two: what the voltage says, and what was used since power-on (a battery change is one).
import { DAYS_LEFT_BOUNDS } from '../schemas/frame.ts'
import type { Settings } from './settings.ts'

const MS_PER_HOUR = 3600000
const HOURS_PER_DAY = 24
/** Puck.js awake for nothing but its clock and Espruino's idle loop, as its users quote it. */
const SLEEP_UA = 12
/** (25 - 12) uA at one advertisement each 375 ms and 0 dBm [Espruino's figures], and half as much again at 4 dBm. */
const ADVERTISEMENT_UC = 7
/** A turn that seals a frame: 10 ms of the processor at about 4 mA. Not measured on a Puck.js. */
const TURN_UC = 40
/**
 * How much of a CR2032 is left, in hundredths, for each 10 % that the chip tells: it tells (V - 2.2)/0.6, and a cell
 * under a few mA stays above 2.8 V for most of its life and falls from there in the last seventh [makers' curves].
 */
const LEFT = [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 100]

/** What the pendant draws on average while idle, in uA. */
export const idleUa = (settings: Settings): number =>
  SLEEP_UA +
  settings.cordUa +
  (ADVERTISEMENT_UC * 1000) / settings.idleMs +
  (TURN_UC * 1000) / settings.heartbeatMs

/** `percent` as measured under load, `forMs` since power-on. */
export const daysLeft = (settings: Settings, percent: number, forMs: number): number => {
  const ua = idleUa(settings)
  const fullHours = (settings.capacityMah * 1000) / ua
  const step = Math.max(0, Math.min(LEFT.length - 1, Math.floor(percent / 10)))
  const byVoltage = (fullHours * (LEFT[step] as number)) / 100
  const days = Math.min(byVoltage, fullHours - forMs / MS_PER_HOUR) / HOURS_PER_DAY
  let code = 1
  while (code <= DAYS_LEFT_BOUNDS.length && days >= (DAYS_LEFT_BOUNDS[code - 1] as number)) code++
  return code
}
