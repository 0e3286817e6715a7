// What the gateway counts about itself, for /metrics in the Prometheus text format.
// One registry per gateway, so that two gateways in one process don't share their numbers.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EngineEvent, RimRefusal } from './ports.ts'

export type Metrics = {
  countReports(receiver: string, reports: number): void
  countRefused(reason: string): void
  /** What of a receiver's message could not be read. */
  countUnread(event: EngineEvent): void
  countIncident(kind: string): void
  /** An okay, a cancel, a test or an ask of a pendant. */
  countEvent(kind: string): void
  countPage(outcome: string): void
  /** A line of the log was dropped, because nobody took it. */
  countLogDropped(): void
  setOpenIncidents(open: number): void
  setTechnicalAlarms(alarms: number): void
  setArmed(isArmed: boolean): void
  /** Events that wait to be carried out, and rows that wait for the disk. */
  setQueueWaiting(events: number): void
  setRowsWaiting(rows: number): void
  /** From a report's arrival to its alarm's row on disk, in ms. */
  observePressToJournal(elapsedMs: number): void
  /** From an event's arrival at the engine to its answer, in ms. */
  observeEvent(elapsedMs: number): void
  /** The whole page for a scraper. */
  render(): Promise<string>
  readonly contentType: string
}

/** Shown at zero from the start, so that an alert on a rise also sees the first. */
const RIM_REFUSALS: Record<RimRefusal, true> = {
  malformed: true,
  oversized: true,
  retained: true,
  stale: true,
  'wrong-topic': true,
  'wrong-password': true,
  revoked: true,
  handshake: true,
}
const LATENCY_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const MS_PER_SECOND = 1000

/** Counters of one gateway, all at zero, with the process's own figures beside them. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counters = createCounters(registry)
  const levels = createLevels(registry)
  return {
    countReports: (receiver, reports) => counters.reports.inc({ receiver }, reports),
    countRefused: reason => counters.refused.inc({ reason }),
    countUnread: event => {
      const unread = unreadIn(event)
      if (unread !== null) counters.unread.inc(...unread)
    },
    countEvent: kind => counters.events.inc({ kind }),
    countIncident: kind => counters.incidents.inc({ kind }),
    countLogDropped: () => counters.logDropped.inc(),
    countPage: outcome => counters.pages.inc({ outcome }),
    setOpenIncidents: open => levels.openIncidents.set(open),
    setTechnicalAlarms: alarms => levels.technicalAlarms.set(alarms),
    setArmed: isArmed => levels.armed.set(isArmed ? 1 : 0),
    setQueueWaiting: events => levels.queueWaiting.set(events),
    setRowsWaiting: rows => levels.rowsWaiting.set(rows),
    observePressToJournal: elapsedMs => levels.pressToJournal.observe(elapsedMs / MS_PER_SECOND),
    observeEvent: elapsedMs => levels.event.observe(elapsedMs / MS_PER_SECOND),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function createCounters(registry: Registry) {
  const count = <Label extends string>(name: string, help: string, label: Label) =>
    new Counter({ name, help, labelNames: [label], registers: [registry] })
  const refused = count(
    'tocsin_refused_total',
    'Refused before it could become a sighting, by reason',
    'reason',
  )
  for (const reason of Object.keys(RIM_REFUSALS)) refused.inc({ reason }, 0)
  return {
    refused,
    unread: count(
      'tocsin_unread_total',
      'Reports, and parts of them, that could not be read, by receiver',
      'receiver',
    ),
    reports: count('tocsin_reports_total', 'Advertisements reported, by receiver', 'receiver'),
    incidents: count('tocsin_incidents_total', 'Incidents raised, by kind of alarm', 'kind'),
    events: count(
      'tocsin_pendant_events_total',
      'Okays, cancels, tests and asks sent by pendants, by kind',
      'kind',
    ),
    logDropped: new Counter({
      name: 'tocsin_log_dropped_total',
      help: 'Lines of the log that were dropped because they could not be written',
      registers: [registry],
    }),
    pages: count('tocsin_pages_total', 'Pages ended, by outcome', 'outcome'),
  }
}

function unreadIn(event: EngineEvent): [{ receiver: string }, number] | null {
  if (event.kind === 'reports' && event.unread !== undefined)
    return [{ receiver: event.receiver }, event.unread.count]
  if (event.kind !== 'refused' || (event.reason !== 'malformed' && event.reason !== 'oversized')) return null
  return [{ receiver: event.receiver }, event.count ?? 1]
}

function createLevels(registry: Registry) {
  /** Set with every event and asked for now and then: kept as a number until then. */
  const gauge = (name: string, help: string) => {
    let level = 0
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(level)
      },
    })
    return {
      set: (next: number): void => {
        level = next
      },
    }
  }
  const latency = (name: string, help: string) =>
    new Histogram({ name, help, buckets: LATENCY_SECONDS, registers: [registry] })
  return {
    openIncidents: gauge('tocsin_open_incidents', 'Incidents not yet resolved'),
    technicalAlarms: gauge('tocsin_technical_alarms', 'Faults of the system itself, not yet mended'),
    armed: gauge('tocsin_armed', '1 while a desk and a telephone are proven to be reachable'),
    queueWaiting: gauge('tocsin_queue_waiting', 'Events that wait to be carried out'),
    rowsWaiting: gauge('tocsin_rows_waiting', 'Rows that wait for the disk'),
    pressToJournal: latency('tocsin_press_to_journal_seconds', 'From the report to the row on disk'),
    event: latency('tocsin_event_seconds', 'From an event reaching the engine to its answer'),
  }
}
