// What a decision is made of, and how one is put together. Pure values; the engine commits and dispatches them.
import type { Decided, EngineEvent, PageOrder, ReportsEvent, ToldOrder } from '../ports.ts'
import type { Change } from './change.ts'
import { type Circumstances, consequences } from './consequence.ts'
import type { Incident, IncidentChange } from './incident.ts'
import type { Observation, State } from './state.ts'

/** One report of a batch: batches are taken apart before they are decided, since each report may depend on the last. */
export type ReportEvent = Omit<ReportsEvent, 'kind' | 'reports'> & {
  kind: 'report'
  report: ReportsEvent['reports'][number]
}
export type CoreEvent = Exclude<EngineEvent, ReportsEvent> | ReportEvent

export type Decision = {
  /** Who did it: a person, a telephone, a receiver, or the system itself. */
  by: string
  changes: Change[]
  /** Counters that must be kept with these changes. */
  counters: [pendant: string, counter: number][]
  observations: Observation[]
  pages: PageOrder[]
  withdrawn: string[]
  told: ToldOrder[]
  /** Counted on /metrics: why a report was not believed. */
  counted: string | null
  /** Counted on /metrics: an okay, a cancel or a test, once each. */
  heard: string | null
  answer: Decided
}

export const SYSTEM = 'tocsin'

export const nothing = (by = SYSTEM): Decision => ({
  by,
  changes: [],
  counters: [],
  observations: [],
  pages: [],
  withdrawn: [],
  told: [],
  counted: null,
  heard: null,
  answer: { refused: null },
})

/** The decision that these changes to an incident, and all that follows from them, be made. */
export function follow(
  state: State,
  incident: Incident,
  changes: readonly IncidentChange[],
  nowMs: number,
  by: string,
): Decision {
  const so: Circumstances = {
    plan: state.plan,
    technical: state.technical,
    beaconCounter: state.tracks.get(incident.pendant)?.beaconCounter ?? 0,
    nowMs,
    by,
  }
  return { ...nothing(by), ...consequences(incident, changes, so) }
}

/** Several decisions of one event as one, in their order. */
export function merge(decisions: readonly Decision[]): Decision {
  return {
    ...nothing(),
    changes: decisions.flatMap(each => each.changes),
    observations: decisions.flatMap(each => each.observations),
    pages: decisions.flatMap(each => each.pages),
    withdrawn: decisions.flatMap(each => each.withdrawn),
    told: decisions.flatMap(each => each.told),
  }
}
