// In: what is believed of a pendant, the sighting that is being decided, and which receivers are down. Out: whereabouts.
// Never blocks, never throws, and changes nothing: what was heard is remembered only once it is decided.
import type { Whereabouts } from '../../schemas/api.ts'
import { copyOf, hear, newBelief } from './locating/belief.ts'
import type { Model } from './locating/model.ts'
import { whereabouts } from './locating/whereabouts.ts'
import type { Sighting, Track } from './sighting.ts'

export type Situation = {
  model: Model
  /** Receivers known not to work: their silence says nothing. */
  down: ReadonlySet<string>
  /** What is known apart from the radio, as odds against any other room: a booked room, a door that was opened. */
  prior?: ReadonlyMap<string, number>
}

/** Decides where the pendant is, from all that was heard of it and this sighting. */
export function locate(
  track: Track,
  { receiver, rssiDbm, heardAtMs }: Sighting,
  { model, ...circumstance }: Situation,
  nowMs: number,
): Whereabouts {
  const belief = track.belief?.model === model ? copyOf(track.belief) : newBelief(model)
  hear(belief, receiver, rssiDbm, heardAtMs)
  return whereabouts(belief, nowMs, circumstance)
}
