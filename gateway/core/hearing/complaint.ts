// In: a frame's kind and flags. Out: what the pendant complains of: a fault, a cord that was not put back, a battery that is low or
// will be within days.
import {
  DAYS_LEFT_MASK,
  DAYS_LEFT_SHIFT,
  FLAG_BATTERY_LOW,
  FLAG_CORD_PARTED,
  FLAG_FAULT,
  KIND_IDLE,
} from '../../../schemas/frame.ts'
import type { Complaint } from '../plan/facts.ts'

/** The lowest code there is: fewer days than the first bound. */
const DAYS_LEFT_SHORT = 1
const isBatteryShort = (flags: number): boolean =>
  (flags & DAYS_LEFT_MASK) >> DAYS_LEFT_SHIFT === DAYS_LEFT_SHORT

/** Nothing where all is well. In an alarm the cord is out because it was pulled; with a fault it may be what is faulty. */
export function complaintsIn({ kind, flags }: { kind: number; flags: number }): Complaint[] {
  const isOut = kind === KIND_IDLE && (flags & FLAG_CORD_PARTED) !== 0
  const complaints: Complaint[] = (flags & FLAG_FAULT) !== 0 ? ['fault'] : isOut ? ['cord-out'] : []
  if ((flags & FLAG_BATTERY_LOW) !== 0) complaints.push('battery-low')
  else if (isBatteryShort(flags)) complaints.push('battery-short')
  return complaints
}
