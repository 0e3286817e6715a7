// The forty rooms as tests use them: what receivers hear of somebody on their rounds, in the form of schemas/walk.
import type { Walk, WalkReading } from '../../../schemas/walk.ts'
import { fadeOf, hearPacket, meanLevel, quietOffice } from '../../../simulator/air/radio.ts'
import { createRandom } from '../../../simulator/air/random.ts'
import type { Building40 } from '../../../simulator/building/building40.ts'
import type { Rounds } from '../../../simulator/people/rounds.ts'

export type HearOptions = {
  seed: number
  /** An idle pendant sends each 2 s. */
  beaconMs?: number
  txPowerDbm?: number
  /** Unplugged. */
  without?: string
}

/** Every beacon of the rounds, as each receiver heard it. */
export function hearRounds(
  { plan, receivers }: Building40,
  rounds: Rounds,
  { seed, beaconMs = 2_000, txPowerDbm = 4, without }: HearOptions,
): Walk {
  const random = createRandom(seed)
  const readings: WalkReading[] = []
  for (let tMs = 0; tMs < rounds.lengthMs; tMs += beaconMs) {
    const here = rounds.place(tMs)
    for (const [id, at] of receivers) {
      if (id === without) continue
      const level = meanLevel(quietOffice, plan, here, at, txPowerDbm) + fadeOf(quietOffice, here, at, random)
      const rssiDbm = hearPacket(quietOffice, level, random)
      if (rssiDbm !== null) readings.push([tMs, id, rssiDbm])
    }
  }
  const working = [...receivers.keys()].filter(id => id !== without)
  return { pendant: 'p-01', receivers: working, readings, stays: [...rounds.stays] }
}
