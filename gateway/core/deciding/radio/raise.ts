// In: a sighting of an alarm. Out: the decision that an incident is raised, that the wearer pressed again, or that the pendant
// goes on with its alarm after a reset.
import type { Kind } from '../../../../schemas/api/desk.ts'
import type { PressHeard } from '../../hearing/foreign-button.ts'
import type { Sighting } from '../../hearing/sighting.ts'
import type { Track } from '../../hearing/track.ts'
import { raised } from '../../incident/advance.ts'
import { type Incident, type IncidentChange, isGraver, type Raised } from '../../incident/incident.ts'
import { policyFor } from '../../incident/policy.ts'
import type { Suspicion } from '../../plan/change.ts'
import { noteOf } from '../../state/session.ts'
import { nextIncident, type State } from '../../state/state.ts'
import { type Decision, follow } from '../decision/decision.ts'
import { wasLeft } from '../decision/raise-by.ts'
import { whereIs } from './relocate.ts'
import { cloneKey } from './rival.ts'

/** The pendant was reset in its alarm. One that resets again and again is told anew no oftener than this. */
const RESUMED_MS = 5_000

/** Whether a frame of an open alarm is of a pendant that was reset since. */
export const hasResumed = (
  open: Incident,
  { counter, packetId, isLate, press, alarm }: Sighting,
  nowMs: number,
): boolean =>
  press === undefined &&
  alarm.alarmNumber === open.alarmNumber &&
  !isLate &&
  open.packetId !== undefined &&
  packetId !== open.packetId &&
  counter !== null &&
  counter > open.counter &&
  nowMs - (open.told?.atMs ?? open.raisedAtMs) >= RESUMED_MS

/** The row that says so, and the wearer told anew: a pendant that was reset believes nothing that it was told before. */
export function resume(
  state: State,
  open: Incident,
  { counter, packetId, pendant }: Sighting,
  nowMs: number,
): Decision {
  const change = { is: 'resumed', incident: open.id, counter: counter ?? 0, packetId: packetId ?? 0 } as const
  return follow(state, open, [change], nowMs, `pendant ${pendant}`)
}

const packetRow = ({ press, packetId }: Sighting): { packetId?: number } =>
  press === undefined && packetId !== null ? { packetId } : {}

const pressRow = ({ press }: Sighting): { press?: PressHeard } =>
  press === undefined ? {} : { press: press.heard }

/** What is heard later than this is told to be late: whoever reads it counts from when it was told. */
const LATE_TOLD_MS = 15_000

/** How it came: under suspicion, or long after it was heard. */
function cameRow(state: State, { pendant, suspect, heardAtMs }: Sighting, nowMs: number) {
  const doubt: Suspicion | undefined =
    suspect ?? (state.technical.has(cloneKey(pendant)) ? 'two-senders' : undefined)
  const ageMs = nowMs - heardAtMs
  return { ...(doubt && { suspect: doubt }), ...(ageMs >= LATE_TOLD_MS && { ageMs }) }
}

/** Who wears the pendant now; its id where the site does not name it. */
export const wearerOf = ({ plan }: State, { pendant }: Sighting): string =>
  plan.pendants.get(pendant)?.wearer ?? pendant

/** A new incident, with its first pages and what its wearer is told. */
export function raise(state: State, track: Track, kind: Kind, sighting: Sighting, nowMs: number): Decision {
  const wearer = wearerOf(state, sighting)
  const { whereabouts, observations } = whereIs(state, sighting.pendant, track, sighting, nowMs)
  const change: Raised = {
    is: 'raised',
    incident: nextIncident(state),
    pendant: sighting.pendant,
    wearer,
    alarm: kind,
    alarmNumber: sighting.alarm.alarmNumber,
    counter: sighting.counter ?? 0,
    isVerified: sighting.isVerified,
    policy: policyFor(state.plan, { kind, room: whereabouts.room, atMs: nowMs }),
    whereabouts,
    ...packetRow(sighting),
    ...pressRow(sighting),
    ...cameRow(state, sighting, nowMs),
  }
  const decision = follow(
    state,
    raised(change, nowMs, noteOf(state.sessions, change)),
    [],
    nowMs,
    `pendant ${sighting.pendant}`,
  )
  return { ...decision, changes: [change, ...decision.changes], observations }
}

/** One more alarm of the same wearer in an incident that is open; it may be graver than that was taken for. */
export function pressAgain(
  state: State,
  incident: Incident,
  kind: Kind,
  sighting: Sighting,
  nowMs: number,
): Decision {
  const came = cameRow(state, sighting, nowMs)
  const changes: IncidentChange[] = [
    {
      is: 'pressed-again',
      incident: incident.id,
      alarm: kind,
      alarmNumber: sighting.alarm.alarmNumber,
      counter: sighting.counter ?? 0,
      ...packetRow(sighting),
      ...pressRow(sighting),
      ...came,
    },
  ]
  // A new fact, though somebody may have the old one: an assistance that became an attack, a cancel under threat.
  if (kind === 'duress' || isGraver(kind, incident.kind))
    changes.push({ is: 'worsened', incident: incident.id, alarm: kind })
  // Of two alarms that may have two senders, who has the one does not have the other.
  else if (incident.state !== 'raised' && (incident.suspect !== null || came.suspect !== undefined))
    changes.push({ is: 'worsened', incident: incident.id, alarm: incident.kind })
  else if (wasLeft(state, incident, nowMs))
    changes.push({ is: 'worsened', incident: incident.id, alarm: incident.kind })
  return follow(state, incident, changes, nowMs, `pendant ${sighting.pendant}`)
}
