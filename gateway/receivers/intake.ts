// What a receiver published, as the event that the engine hears: reports, a status, or a refusal with its reason.
// Pure; one parse per batch. Promises that nothing is dropped without a reason and that nothing is thrown on data.
import { PAYLOAD_BYTES_MAX, ReceiverStatus, ReportBatch, topicOf } from '../../schemas/report.ts'
import { mismatches, pathText } from '../expected.ts'
import type { ReceiverStatusEvent, RefusedEvent, ReportsEvent, RimRefusal } from '../ports.ts'

export type Published = { topic: string; payload: Buffer; retain: boolean; dup: boolean }
export type IntakeEvent = ReportsEvent | ReceiverStatusEvent | RefusedEvent

const DETAIL_LENGTH_MAX = 300
const TOPIC_SHOWN_MAX = 80

/** One PUBLISH of an authenticated receiver, as an event. Reports must not be retained; a status may be. */
export function intake(receiver: string, { topic, payload, retain, dup }: Published): IntakeEvent {
  const isReports = topic === topicOf(receiver, 'reports')
  if (!isReports && topic !== topicOf(receiver, 'status')) {
    const own = `${topicOf(receiver, 'reports')} or …/status`
    return refused(receiver, 'wrong-topic', `expected ${own}, came ${quoted(topic)}`)
  }
  if (payload.length > PAYLOAD_BYTES_MAX) {
    return refused(receiver, 'oversized', `expected at most ${PAYLOAD_BYTES_MAX} bytes, came more`)
  }
  if (isReports && retain) {
    return refused(receiver, 'retained', 'expected reports that are not retained, came a retained message')
  }
  return isReports ? toReports(receiver, payload, dup) : toStatus(receiver, payload)
}

/** A refusal, its detail short enough to be kept. */
export function refused(receiver: string, reason: RimRefusal, detail: string): RefusedEvent {
  return { kind: 'refused', receiver, reason, detail: detail.slice(0, DETAIL_LENGTH_MAX) }
}

/** A name or topic from the wire, quoted, so that nothing in it reaches a terminal or a page as it is. */
export const quoted = (topic: string): string => JSON.stringify(topic.slice(0, TOPIC_SHOWN_MAX))

function toReports(receiver: string, payload: Buffer, wasRedelivered: boolean): IntakeEvent {
  const value = parseJson(payload)
  const parsed = ReportBatch.safeParse(value)
  if (!parsed.success) return refused(receiver, 'malformed', mismatchText(parsed.error, value))
  return { kind: 'reports', receiver, reports: parsed.data.reports, wasRedelivered }
}

function toStatus(receiver: string, payload: Buffer): IntakeEvent {
  const value = parseJson(payload)
  const parsed = ReceiverStatus.safeParse(value)
  if (!parsed.success) return refused(receiver, 'malformed', mismatchText(parsed.error, value))
  return { kind: 'receiver-status', receiver, status: parsed.data }
}

/** What isn't JSON stands here as itself, and is then refused by the schema like any other text. */
export function parseJson(payload: Buffer): unknown {
  const text = payload.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function mismatchText(error: Parameters<typeof mismatches>[0], value: unknown): string {
  const [first] = mismatches(error, value)
  if (!first) return 'expected a message of version 1'
  const where = pathText(first.path)
  const came = typeof value === 'string' ? `${first.came}, which is not JSON` : first.came
  return `${where === 'document' ? 'message' : where}: expected ${first.expected}, came ${came}`
}
