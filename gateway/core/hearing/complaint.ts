// In: the flags of a frame. Out: what the pendant complains of: a fault, a low battery, or one that is low within days.
import { DAYS_LEFT_MASK, DAYS_LEFT_SHIFT, FLAG_BATTERY_LOW, FLAG_FAULT } from '../../../schemas/frame.ts'
import type { Complaint } from '../plan/facts.ts'

/** The lowest code there is: fewer days than the first bound. */
const DAYS_LEFT_SHORT = 1
const isBatteryShort = (flags: number): boolean =>
  (flags & DAYS_LEFT_MASK) >> DAYS_LEFT_SHIFT === DAYS_LEFT_SHORT

/** Nothing where all is well. */
export function complaintsIn(flags: number): Complaint[] {
  const complaints: Complaint[] = (flags & FLAG_FAULT) === 0 ? [] : ['fault']
  if ((flags & FLAG_BATTERY_LOW) !== 0) complaints.push('battery-low')
  else if (isBatteryShort(flags)) complaints.push('battery-short')
  return complaints
}
