// In: what was heard just now of a pendant. Out: where it is, with what its wearer booked; and, where its incident is
// open and people should know, the decision to write that down. A fault in locating is an unknown room, and is noted.
//
// Whom people were sent after does not flap. While an incident is open
// - another room is named once it leads the one that is named by LEAD;
// - a room that people were sent away from is not named again within UNTOLD_MS, unless it is SURE_AGAIN;
// - the room is not changed more often than each RELOCATE_MS.
import type { Whereabouts } from '../../../../schemas/api/desk.ts'
import { type Heard, locate } from '../../hearing/locate.ts'
import type { Track } from '../../hearing/track.ts'
import type { Incident, IncidentChange } from '../../incident/incident.ts'
import { isRoomDoubtful } from '../../incident/place.ts'
import { guarded, isSoundAnswer } from '../../locating/belief/soundness.ts'
import { type Named, NOWHERE } from '../../locating/belief/whereabouts.ts'
import { bookedOdds, sessionOf } from '../../state/session.ts'
import type { State } from '../../state/state.ts'
import { type Decision, follow, nothing } from '../decision/decision.ts'

/** A room is not changed more often than this while an incident is open: people read it. */
const RELOCATE_MS = 1_000
/** Of two rooms alone the other is then 60 % sure. */
export const LEAD = 0.2
/** People need about so long to act on what they are told: to say it on, to turn about. */
export const UNTOLD_MS = 10_000
export const SURE_AGAIN = 0.9
/** A confidence that moved by less is not news, nor whether it is doubtful where it moved by less than the second. */
const CONFIDENCE_STEP = 0.2
const DOUBT_STEP = 0.1
/** Which room is the second of two is not said more often. */
const SECOND_MS = 5_000

type Located = { whereabouts: Whereabouts; observations: Decision['observations'] }

/** Where a pendant is, from the radio and from the room it is signed in for. Never throws. */
export function whereIs(
  state: State,
  pendant: string,
  track: Track,
  heard: Heard,
  nowMs: number,
  named?: Named,
): Located {
  const { model, deafness, plan } = state
  const session = sessionOf(state.sessions, pendant, plan.pendants.get(pendant)?.wearer)
  const prior = bookedOdds(session, nowMs)
  const so = { model, deafness, named, ...(prior === null ? {} : { prior }) }
  const { failed, answer } = guarded(model, () => locate(track, heard, so, nowMs), isSoundAnswer)
  const booked = session === undefined ? {} : { booked: session.room }
  return {
    whereabouts: { ...(answer ?? NOWHERE), ...booked },
    observations: failed === null ? [] : [{ is: 'locating-failed', pendant, why: failed }],
  }
}

/** The decision that the incident be elsewhere, or be known better to be where it is; mostly none. */
export function relocate(
  state: State,
  incident: Incident,
  track: Track,
  heard: Heard,
  nowMs: number,
): Decision {
  const before = incident.whereabouts
  if (nowMs - incident.locatedAtMs < RELOCATE_MS && before.room !== null) return nothing()
  if (incident.pendant === null) return nothing()
  const named = namedIn(incident, nowMs)
  const { whereabouts, observations } = whereIs(state, incident.pendant, track, heard, nowMs, named)
  if (!isNews(before, whereabouts, nowMs - incident.locatedAtMs)) return { ...nothing(), observations }
  const change: IncidentChange = { is: 'located', incident: incident.id, whereabouts }
  const decision = follow(state, incident, [change], nowMs, `receiver ${heard.receiver}`)
  return { ...decision, observations }
}

/** What people were told, and what they were sent away from a moment ago. Nothing holds where no place was known. */
function namedIn({ whereabouts: { room, isOutside }, left }: Incident, nowMs: number): Named | undefined {
  if (room === null && isOutside !== true) return undefined
  const recent = left.filter(({ atMs }) => nowMs - atMs < UNTOLD_MS)
  return { place: room, lead: LEAD, left: new Set(recent.map(({ place }) => place)), sure: SURE_AGAIN }
}

function isNews(before: Whereabouts, after: Whereabouts, sinceMs: number): boolean {
  if (after.room === null && after.isOutside !== true) return false
  if (after.room !== before.room || after.isOutside !== before.isOutside) return true
  const step = Math.abs(after.confidence - before.confidence)
  const isDoubtful = isRoomDoubtful(after)
  return (
    step >= CONFIDENCE_STEP ||
    (step >= DOUBT_STEP && isDoubtful !== isRoomDoubtful(before)) ||
    (isDoubtful && after.runnerUp !== before.runnerUp && sinceMs >= SECOND_MS)
  )
}
