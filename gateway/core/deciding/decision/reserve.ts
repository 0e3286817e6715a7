// Beacon counters: a pendant's key never seals two beacons under one of them, whatever the disk does and however often the
// gateway starts. They are reserved in blocks ahead of their use, so that telling something about nothing costs no row.
import { hearing } from '../../plan/plan.ts'
import { beaconKey, beaconsOf } from '../../state/counter-key.ts'
import { lastBeacon, type State } from '../../state/state.ts'
import type { Decision } from './decision.ts'

/** A row for each so many; a start throws away what is left of the last one. */
export const BEACON_BLOCK = 64
/** Reserved anew when fewer are left: enough for a whole incident while the disk refuses. */
const AHEAD_MIN = 32

/** The decision, with what must be reserved beside it. */
export function withReserve(state: State, decision: Decision): Decision {
  if (decision.told.length === 0) return decision
  const counters = decision.told.flatMap(({ pendant, beaconCounter }) =>
    reserve(state, pendant, beaconCounter),
  )
  return counters.length === 0 ? decision : reserving(decision, counters)
}

/** At the start, for every pendant that can be told anything. */
export function withReserveForAll(state: State, decision: Decision): Decision {
  const counters = [...state.plan.pendants.keys()].flatMap(pendant =>
    hearing(state.plan, pendant) === null ? [] : reserve(state, pendant, lastBeacon(state, pendant)),
  )
  return reserving(decision, counters)
}

type Reserved = [key: string, counter: number]

function reserve(state: State, pendant: string, used: number): Reserved[] {
  const asked = state.tracks.get(pendant)?.beaconAsked ?? 0
  return asked - used >= AHEAD_MIN ? [] : [[beaconKey(pendant), used + BEACON_BLOCK]]
}

const reserving = (decision: Decision, counters: Reserved[]): Decision => ({
  ...decision,
  counters: [...decision.counters, ...counters],
  observations: [
    ...decision.observations,
    ...counters.map(([key, upTo]) => ({
      is: 'beacons-asked' as const,
      pendant: beaconsOf(key) ?? key,
      upTo,
    })),
  ],
})
