// In: the battery's percentage under load and how long it has been in. Out: the days it will last, as a DAYS_LEFT_ code.
// An estimate, and the lower of two: what the voltage says, and what was used since power-on (a battery change is one).
import { DAYS_LEFT_BOUNDS } from '../../schemas/frame.ts'
import { MOTION_HUNG } from '../board.ts'
import type { State } from '../fields.ts'
import { MEASURE_MS } from '../state.ts'
import {
  askUc,
  CPU_MA,
  eventsPerHeartbeat,
  eventUc,
  HEARTBEAT_TURN_MS,
  measureUc,
  motionUa,
  PULL_UP_UA,
  SELF_DISCHARGE_UA,
  SLEEP_UA,
} from './current.ts'

const MS_PER_HOUR = 3600000
const HOURS_PER_DAY = 24
/**
 * How much of a CR2032 is left, in hundredths, for each 10 % that the chip tells: it tells (V - 2.2)/0.6, and a cell
 * under a few mA stays above 2.8 V for most of its life and falls from there in the last seventh [makers' curves].
 */
const left = (step: number): number => (step > 9 ? 100 : [0, 1, 2, 3, 4, 5, 6, 8, 10, 13][step]) as number

/** What the pendant draws on average while idle, in uA. */
export const idleUa = (s: State): number =>
  SLEEP_UA +
  SELF_DISCHARGE_UA +
  s.extraUa +
  (s.cordPull ? PULL_UP_UA : s.cordUa) +
  ((eventUc(s.txPowerDbm) * eventsPerHeartbeat(s.idleMs, s.heartbeatMs) + HEARTBEAT_TURN_MS * CPU_MA) *
    1000) /
    s.heartbeatMs +
  (measureUc(s.txPowerDbm) * 1000) / MEASURE_MS +
  (s.askEveryMs > 0 ? (askUc(s.txPowerDbm, s.scanMs) * 1000) / s.askEveryMs : 0) +
  (s.motionKind === MOTION_HUNG ? motionUa() : 0)

/** From its percentage as measured under load and the time since power-on. */
export const daysLeft = (s: State): number => {
  const fullHours = (s.capacityMah * 1000) / idleUa(s)
  const byVoltage = (fullHours * left(Math.max(0, Math.floor(s.battery / 10)))) / 100
  const days = Math.min(byVoltage, fullHours - (s.atMs - s.bootAtMs) / MS_PER_HOUR) / HOURS_PER_DAY
  let code = 1
  while (code <= DAYS_LEFT_BOUNDS.length && days >= (DAYS_LEFT_BOUNDS[code - 1] as number)) code++
  return code
}
