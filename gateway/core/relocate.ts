// In: what was heard just now of a pendant. Out: where it is, with what its wearer booked; and, where its incident is
// open and people should know, the decision to write that down.
import type { Whereabouts } from '../../schemas/api.ts'
import { type Decision, follow, nothing } from './decision.ts'
import type { Incident, IncidentChange } from './incident.ts'
import { type Heard, locate } from './locate.ts'
import { bookedOdds, sessionOf } from './session.ts'
import type { Track } from './sighting.ts'
import type { State } from './state.ts'

/** A room is not changed more often than this while an incident is open: people read it. */
const RELOCATE_MS = 1_000
/** A confidence that moved by less is not news. */
const CONFIDENCE_STEP = 0.2

/** Where a pendant is, from the radio and from the room it is signed in for. */
export function whereIs(
  state: State,
  pendant: string,
  track: Track,
  heard: Heard,
  nowMs: number,
): Whereabouts {
  const { model, deafness } = state
  const session = sessionOf(state.sessions, pendant)
  const prior = bookedOdds(session, nowMs)
  const so = { model, deafness }
  const found = locate(track, heard, prior === null ? so : { ...so, prior }, nowMs)
  return session === undefined ? found : { ...found, booked: session.room }
}

/** The decision that the incident be elsewhere, or be known better to be where it is; mostly none. */
export function relocate(
  state: State,
  incident: Incident,
  track: Track,
  heard: Heard,
  nowMs: number,
): Decision {
  if (nowMs - incident.locatedAtMs < RELOCATE_MS && incident.whereabouts.room !== null) return nothing()
  const before = incident.whereabouts
  const after = whereIs(state, incident.pendant, track, heard, nowMs)
  if (after.room === null && after.isOutside !== true) return nothing()
  const isNews =
    after.room !== before.room ||
    after.isOutside !== before.isOutside ||
    Math.abs(after.confidence - before.confidence) >= CONFIDENCE_STEP
  if (!isNews) return nothing()
  const change: IncidentChange = { is: 'located', incident: incident.id, whereabouts: after }
  return follow(state, incident, [change], nowMs, `receiver ${heard.receiver}`)
}
