// In: one event as the rim tells it, and how long it has waited. Out: the events that are decided one after the other: a
// receiver's message taken apart, since each report may depend on the last, with ages that count on from its arrival.
import type { EngineEvent } from '../../../ports.ts'
import type { CoreEvent } from './decision.ts'

export function apart(event: EngineEvent, waitedMs: number): CoreEvent[] {
  if (event.kind !== 'reports') return [event]
  const { receiver, wasRedelivered, unread } = event
  const reports = event.reports.map((report): CoreEvent => {
    const ageMs = report.ageMs === null ? null : report.ageMs + Math.max(0, waitedMs)
    const { address, data, rssiDbm, orData } = report
    const aged = orData === undefined ? { address, data, rssiDbm, ageMs } : { ...report, ageMs }
    return { kind: 'report', receiver, wasRedelivered, report: aged }
  })
  if (unread === undefined) return reports
  const { reason, example } = unread
  return [...reports, { kind: 'refused', receiver, reason, detail: example }]
}
