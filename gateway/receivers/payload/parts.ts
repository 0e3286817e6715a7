// One message as events so short that others come in between, and with the age that it has by the time it is carried out. Pure.
import type { Clock, EngineEvent, FaultEvent, Submit } from '../../ports.ts'
import { UNITS_PER_S } from './turns.ts'

/** So many reports take less than a millisecond, whatever is in them: each may cost an AES. */
const REPORTS_PER_PART = 16

/** The event in parts, in its order; none where there is nothing to carry out. */
export function inParts(event: EngineEvent | null): EngineEvent[] {
  if (event === null) return []
  if (event.kind !== 'reports' || event.reports.length <= REPORTS_PER_PART) return [event]
  const { unread, ...rest } = event
  const parts: EngineEvent[] = []
  for (let at = 0; at < event.reports.length; at += REPORTS_PER_PART) {
    const reports = event.reports.slice(at, at + REPORTS_PER_PART)
    parts.push({ ...rest, reports, ...(at === 0 && unread !== undefined && { unread }) })
  }
  return parts
}

/** Less is within what receivers differ by. */
const WAITED_MIN_MS = 100

/** Reports are older by what they have waited since they arrived. */
export function aged(event: EngineEvent, waitedMs: number): EngineEvent {
  if (event.kind !== 'reports' || waitedMs < WAITED_MIN_MS) return event
  const reports = event.reports.map(report => ({
    ...report,
    ageMs: report.ageMs === null ? null : report.ageMs + waitedMs,
  }))
  return { ...event, reports }
}

export type Hearable = {
  arrivedAtMs: number
  /** What it says; asked once. */
  hear(): readonly EngineEvent[]
}

/** A message to be carried out, part by part, each as old as it is by then. */
export function carrying(
  { arrivedAtMs, hear }: Hearable,
  { submit, clock }: { submit: Submit; clock: Clock },
) {
  let events: readonly EngineEvent[] = []
  return {
    events: () => events,
    read() {
      events = hear()
      return events.flatMap(inParts).map(part => () => submit(aged(part, clock.nowMs() - arrivedAtMs)))
    },
  }
}

/** What the desk is told of a receiver that sends more than it may, and again when it has stopped. */
export const floodFault = (receiver: string, isFlooding: boolean): FaultEvent => ({
  kind: 'fault',
  key: `receiver-flood:${receiver}`,
  text: isFlooding
    ? `Receiver ${receiver} sends more than a receiver may (some ${UNITS_PER_S} reports a second): it is slowed, and nobody else is. It catches up after an outage, or is not what it says it is`
    : null,
})
