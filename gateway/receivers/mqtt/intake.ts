// What a receiver published, as the event that the engine hears: reports, a status, or a refusal with its reason.
// Pure; one parse per message. Promises that nothing is dropped without a reason and that nothing is thrown on data.
import { PAYLOAD_BYTES_MAX, Presence, ReceiverStatus, topicOf } from '../../../schemas/report.ts'
import type { ReceiverStatusEvent, RefusedEvent, ReportsEvent, RimRefusal, Unread } from '../../ports.ts'
import { mismatches, pathText } from '../../site/expected.ts'
import { readReports } from '../payload/reading.ts'

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
  if (!isReports) return toStatus(receiver, payload)
  if (retain) {
    return refused(receiver, 'retained', 'expected reports that are not retained, came a retained message')
  }
  return toReports(receiver, payload, dup)
}

/** A refusal, its detail short enough to be kept. */
export function refused(receiver: string, reason: RimRefusal, detail: string): RefusedEvent {
  return { kind: 'refused', receiver, reason, detail: detail.slice(0, DETAIL_LENGTH_MAX) }
}

/** A name or topic from the wire, quoted, so that nothing in it reaches a terminal or a page as it is. */
export const quoted = (topic: string): string => JSON.stringify(topic.slice(0, TOPIC_SHOWN_MAX))

/** Where nothing can be read it is a refusal; where something can, that counts, whatever stands beside it. */
function toReports(receiver: string, payload: Buffer, wasRedelivered: boolean): IntakeEvent {
  const isCut = payload.length > PAYLOAD_BYTES_MAX
  const { reports, unread } = readReports(textOf(payload.subarray(0, PAYLOAD_BYTES_MAX)))
  const missed = isCut ? oversized(unread) : unread
  if (missed === null) return { kind: 'reports', receiver, reports, wasRedelivered }
  const { count, reason, example } = missed
  if (reports.length === 0) return { ...refused(receiver, reason, example), count }
  const brief = { ...missed, example: example.slice(0, DETAIL_LENGTH_MAX) }
  return { kind: 'reports', receiver, reports, wasRedelivered, unread: brief }
}

/** Whoever writes UTF-16 says so in the first two bytes. */
function textOf(payload: Buffer): string {
  const mark = payload.length < 2 ? 0 : payload.readUInt16BE(0)
  if (mark === 0xfffe) return new TextDecoder('utf-16le').decode(payload)
  return mark === 0xfeff ? new TextDecoder('utf-16be').decode(payload) : payload.toString('utf8')
}

const oversized = (unread: Unread | null): Unread => ({
  count: unread?.count ?? 1,
  reason: 'oversized',
  example: `expected at most ${PAYLOAD_BYTES_MAX} bytes, came more`,
})

/** Of a status that is not of our version it is read whether the receiver is there; what else it says may be missing. */
function toStatus(receiver: string, payload: Buffer): IntakeEvent {
  const value = parseJson(payload.subarray(0, PAYLOAD_BYTES_MAX))
  const ours = ReceiverStatus.safeParse(value)
  if (ours.success) return { kind: 'receiver-status', receiver, status: ours.data }
  const parsed = Presence.safeParse(value)
  if (!parsed.success) return refused(receiver, 'malformed', mismatchText(parsed.error, value))
  const { status, heard } = parsed.data
  return { kind: 'receiver-status', receiver, status: { status, ...(heard !== undefined && { heard }) } }
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
