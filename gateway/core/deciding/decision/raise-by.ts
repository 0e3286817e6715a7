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

/** A new incident with its first pages; or one line more, and the ladder anew where it is graver than it was taken for. */
export function raiseBy(state: State, raising: Raising, nowMs: number, by: string): Decision {
  const { source, alarm, wearer, whereabouts, note, isVerified } = raising
  const open = openIncidentBy(state.incidents, source)
  if (open !== undefined) {
    const isWorse = isGraver(alarm, open.kind)
    if (!isWorse && nowMs - open.pressedAtMs < AGAIN_MS) return nothing(by)
    const changes: IncidentChange[] = [{ is: 'raised-again', incident: open.id, alarm }]
    if (isWorse || wasLeft(state, open, nowMs))
      changes.push({ is: 'worsened', incident: open.id, alarm: isWorse ? alarm : open.kind })
    return follow(state, open, changes, nowMs, by)
  }
  const policy = policyFor(state.plan, { kind: alarm, room: whereabouts.room, atMs: nowMs })
  const incident = nextIncident(state)
  const about = { source, wearer, alarm, policy, whereabouts, note }
  const doubt = isVerified === false ? { isVerified } : {}
  const change: RaisedBy = { is: 'raised-by', incident, ...about, ...doubt }
  const decision = follow(state, raised(change, nowMs, null), [], nowMs, by)
  return { ...nothing(by), ...decision, changes: [change, ...decision.changes] }
}
