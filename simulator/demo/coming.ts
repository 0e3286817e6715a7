// Reads *somebody is coming* off a pendant's lights, as a wearer would: green alone, and then red joins it without a
// dark moment, which is so in no other pattern of the firmware (firmware/wearer/lights.ts).
import type { Lights, PendantHost, SimClock } from '../ports.ts'

/** Green is alone for so long at least. */
export const COMING_ALONE_MS = 900

/** Resolves with the instant at which that green came on, once red has joined it. */
export function seeComing(host: PendantHost, clock: SimClock): Promise<number> {
  return new Promise(resolve => {
    let sinceMs: number | null = null
    const look = ({ red, green, blue }: Lights, atMs: number) => {
      if (green && red && !blue && sinceMs !== null && atMs - sinceMs >= COMING_ALONE_MS) resolve(sinceMs)
      const isAlone = green && !red && !blue
      sinceMs = isAlone ? (sinceMs ?? atMs) : null
    }
    look(host.lights(), clock.nowMs())
    host.onLights(look)
  })
}
