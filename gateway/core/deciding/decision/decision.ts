// What a decision is made of, and how one is put together. Pure values; the engine commits and dispatches them.
import type { Decided, EngineEvent, PageOrder, ReplyOrder, ReportsEvent } from '../../../ports.ts'
import { type Circumstances, consequences, type Told } from '../../incident/consequence.ts'
import type { Incident, IncidentChange } from '../../incident/incident.ts'
import { isGivenAway, isOvertaken } from '../../incident/overtaken.ts'
import { type Change, SYSTEM } from '../../plan/change.ts'
import type { Observation } from '../../state/observation.ts'
import { lastBeacon, type State } from '../../state/state.ts'

/** One report of a batch: batches are taken apart before they are decided, since each report may depend on the last. */
export type ReportEvent = Pick<ReportsEvent, 'receiver' | 'wasRedelivered'> & {
  kind: 'report'
  report: ReportsEvent['reports'][number]
}
/** These incidents are not on disk, though the wearer was to be told so; or everything that waited for the disk is there. */
export type DiskEvent =
  | { kind: 'unkept'; incidents: readonly string[] }
  | { kind: 'kept'; rowsLetGo?: number }
/** The machine's clock says so much more than the gateway's own time, or less. */
export type ClockEvent = { kind: 'clock'; offsetMs: number }
export type CoreEvent = Exclude<EngineEvent, ReportsEvent> | ReportEvent | DiskEvent | ClockEvent

export type Decision = {
  /** Who did it: a person, a telephone, a receiver, or the system itself. */
  by: string
  changes: readonly Change[]
  /** Counters that must be kept with these changes, by their keys in the journal. */
  counters: readonly [key: string, counter: number][]
  observations: readonly Observation[]
  pages: readonly PageOrder[]
  withdrawn: readonly string[]
  replies: readonly ReplyOrder[]
  told: readonly Told[]
  /** Counted on /metrics: why reports were not believed. */
  counted: readonly string[]
  /** Counted on /metrics: an okay, a cancel, a test or an ask, once each. */
  heard: readonly string[]
  answer: Decided
}

/** Of the thousands of decisions a second that change nothing: one empty list for all. */
const NONE: readonly never[] = Object.freeze([])
const NOT_REFUSED: Decided = Object.freeze({ refused: null })

export const nothing = (by = SYSTEM): Decision => ({
  by,
  changes: NONE,
  counters: NONE,
  observations: NONE,
  pages: NONE,
  withdrawn: NONE,
  replies: NONE,
  told: NONE,
  counted: NONE,
  heard: NONE,
  answer: NOT_REFUSED,
})

/** What was asked for is not possible: what would be, and what came. `isUnknown`: there is no such thing. */
export const refused = (expected: string, came: string, isUnknown = false): Decision => ({
  ...nothing(),
  answer: { refused: { expected, came, isUnknown } },
})

/** The decision that these changes to an incident, and all that follows from them, be made. */
export function follow(
  state: State,
  incident: Incident,
  changes: readonly IncidentChange[],
  nowMs: number,
  by: string,
): Decision {
  const so = circumstances(state, incident, nowMs, by)
  return { ...nothing(by), ...consequences(incident, changes, so) }
}

export const circumstances = (
  state: State,
  incident: Incident,
  nowMs: number,
  by: string,
): Circumstances => ({
  plan: state.plan,
  technical: state.technical,
  beaconCounter: lastBeacon(state, incident.pendant ?? ''),
  isOvertaken: isOvertaken(state.incidents, incident) || isGivenAway(state.plan, incident),
  nowMs,
  by,
})

/** Several decisions of one event as one, in their order. What one of them refused is refused; who did the first did it. */
export function merge(decisions: readonly Decision[]): Decision {
  return {
    by: decisions[0]?.by ?? SYSTEM,
    changes: decisions.flatMap(each => each.changes),
    counters: decisions.flatMap(each => each.counters),
    observations: decisions.flatMap(each => each.observations),
    pages: decisions.flatMap(each => each.pages),
    withdrawn: decisions.flatMap(each => each.withdrawn),
    replies: decisions.flatMap(each => each.replies),
    told: decisions.flatMap(each => each.told),
    counted: decisions.flatMap(each => each.counted),
    heard: decisions.flatMap(each => each.heard),
    answer: decisions.find(({ answer }) => answer.refused !== null)?.answer ?? { refused: null },
  }
}
