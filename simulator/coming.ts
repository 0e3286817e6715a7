// Reads *somebody is coming* off a pendant's lights, as a wearer would: green alone, lit for 2 s or more, which is so in
// no other pattern of the firmware (firmware/lights.ts).
import type { Lights, PendantHost, SimClock } from './ports.ts'

export const COMING_LIT_MS = 2_000

/** Resolves with the instant at which that green came on, once it has been on for long enough. */
export function seeComing(host: PendantHost, clock: SimClock): Promise<number> {
  return new Promise(resolve => {
    let cancel: () => void = () => {}
    const look = (lights: Lights, atMs: number) => {
      cancel()
      if (!lights.green || lights.red || lights.blue) return
      cancel = clock.after(COMING_LIT_MS, () => resolve(atMs))
    }
    look(host.lights(), clock.nowMs())
    host.onLights(look)
  })
}
