// An alarm without a frame: a person at the desk, a panel's input, a session, a schedule or the gateway itself raises it. In:
// who, what and where. Out: the decision that it be an incident as any other, or join the open one of the same source.
import type { Kind, Source, Whereabouts } from '../../../../schemas/api/desk.ts'
import { raised } from '../../incident/advance.ts'
import {
  type Incident,
  type IncidentChange,
  isGraver,
  openIncidentBy,
  type RaisedBy,
} from '../../incident/incident.ts'
import { policyFor } from '../../incident/policy.ts'
import { isAgeKnown } from '../../state/clock.ts'
import { nextIncident, type State } from '../../state/state.ts'
import { type Decision, follow, nothing } from './decision.ts'

export type Raising = {
  source: Source
  alarm: Kind
  /** A person of the site, or what people are to be told in place of a name. */
  wearer: string
  whereabouts: Whereabouts
  /** For whoever comes. */
  note: string | null
  /** Left out where whoever says it is known. */
  isVerified?: false
}

/** A room that somebody named: nothing was measured, and nothing is in doubt. */
export const saidRoom = (room: string | null): Whereabouts => ({
  room,
  confidence: room === null ? 0 : 1,
  runnerUp: null,
  heardAtMs: null,
  because: [],
})

/** A pendant gives up its alarm after as long: an alarm after that is no more of what somebody has had in hand since. */
const LEFT_MS = 30 * 60_000

/** Somebody had it and did not resolve it, for long or for nobody knows how long: they may have gone home. */
export const wasLeft = (state: State, { acknowledged, attended }: Incident, nowMs: number): boolean => {
  const since = attended ?? acknowledged
  return since !== null && (nowMs - since.atMs > LEFT_MS || !isAgeKnown(state, since.atMs))
}

/** A contact that chatters says the same many times a second: it is one alarm. */
const AGAIN_MS = 5_000

/**
 * A new incident with its first pages; or, of the same source about the same wearer, one line more, told to whoever is paged where
 * it has another room or note, and the ladder anew where it is graver than it was taken for.
 */
export function raiseBy(state: State, raising: Raising, nowMs: number, by: string): Decision {
  const { source, alarm, wearer, whereabouts, note, isVerified } = raising
  const open = openIncidentBy(state.incidents, source, wearer)
  if (open !== undefined) return about(open.id, raiseAgain(state, open, raising, nowMs, by))
  const policy = policyFor(state.plan, { kind: alarm, room: whereabouts.room, atMs: nowMs })
  const incident = nextIncident(state)
  const facts = { source, wearer, alarm, policy, whereabouts, note }
  const doubt = isVerified === false ? { isVerified } : {}
  const change: RaisedBy = { is: 'raised-by', incident, ...facts, ...doubt }
  const decision = follow(state, raised(change, nowMs, null), [], nowMs, by)
  return about(incident, { ...nothing(by), ...decision, changes: [change, ...decision.changes] })
}

function raiseAgain(state: State, open: Incident, raising: Raising, nowMs: number, by: string): Decision {
  const { alarm, whereabouts, note } = raising
  const incident = open.id
  const isWorse = isGraver(alarm, open.kind)
  const isElsewhere = whereabouts.room !== null && whereabouts.room !== open.whereabouts.room
  const isNoteNew = note !== null && !(open.sessionNote ?? '').includes(note)
  const isSame = !isWorse && !isElsewhere && !isNoteNew
  if (isSame && nowMs - open.pressedAtMs < AGAIN_MS) return nothing(by)
  const changes: IncidentChange[] = [{ is: 'raised-again', incident, alarm, ...(isNoteNew && { note }) }]
  if (isElsewhere) changes.push({ is: 'located', incident, whereabouts })
  if (isWorse || wasLeft(state, open, nowMs))
    changes.push({ is: 'worsened', incident, alarm: isWorse ? alarm : open.kind })
  return follow(state, open, changes, nowMs, by)
}

/** Whoever raised it is told which incident it is. */
const about = (incident: string, decision: Decision): Decision => ({
  ...decision,
  answer: { refused: null, incident },
})
