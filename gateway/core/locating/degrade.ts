// In: a recorded walk. Out: the same walk with fewer beacons, or without a receiver: what a worse day would have been.
import type { Walk, WalkReading } from '../../../schemas/walk.ts'
import { ONE_PACKET_MS } from './samples.ts'

/** One packet in each `everyMs`: the first of it, and what every receiver heard of that packet. */
export function thinned(walk: Walk, everyMs: number): Walk {
  let slot = -1
  let packetAtMs = Number.NEGATIVE_INFINITY
  let isKept = false
  const readings = walk.readings.filter(([tMs]: WalkReading) => {
    if (tMs - packetAtMs > ONE_PACKET_MS) {
      packetAtMs = tMs
      isKept = Math.floor(tMs / everyMs) > slot
      if (isKept) slot = Math.floor(tMs / everyMs)
    }
    return isKept
  })
  return { ...walk, readings }
}

/** The receiver hears nothing. That it is down is not said: `receivers` stays as it was. */
export const silenced = (walk: Walk, receiver: string): Walk => ({
  ...walk,
  readings: walk.readings.filter(([, id]) => id !== receiver),
})
