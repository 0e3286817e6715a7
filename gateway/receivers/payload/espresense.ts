// What an ESPresense node published, as the event that the engine hears: where a pendant may be, or that the node is
// there. Pure. Promises that nothing a node says can be a report: by this way in, no alarm is ever raised.
import {
  deviceTopic,
  ESPRESENSE,
  EspresenseReading,
  nodeStatusTopic,
  nodeTelemetryTopic,
} from '../../../schemas/espresense.ts'
import type { Receiver } from '../../../schemas/site.ts'
import type { HintEvent, ReceiverStatusEvent, RefusedEvent } from '../../ports.ts'
import { mismatchText, type Published, parseJson, quoted, refused } from '../mqtt/intake.ts'

export type NodeEvent = HintEvent | ReceiverStatusEvent | RefusedEvent

/** A reading has some 200 bytes; a node sends no JSON that is much longer. */
const READING_BYTES_MAX = 2_048

/** The node's name in its topics; null for a receiver that is none. */
export const nodeOf = ({ id, espresense }: Pick<Receiver, 'id' | 'espresense'>): string | null =>
  espresense === undefined ? null : (espresense.node ?? id)

/**
 * One PUBLISH of an authenticated node, as an event; null for what it may say and nobody here listens to (its settings,
 * its announcements to Home Assistant).
 */
export function hearNode(receiver: string, node: string, published: Published): NodeEvent | null {
  const { topic } = published
  if (topic === nodeStatusTopic(node)) return toStatus(receiver, published.payload)
  // Each 15 s: the sign of life of a node that hears nobody.
  if (topic === nodeTelemetryTopic(node)) return alive(receiver)
  const [root, leaf, device, at, ...more] = topic.split('/')
  if (root === ESPRESENSE && leaf === 'devices' && device !== undefined) {
    if (at !== node) return strange(receiver, node, topic)
    return more.length > 0 ? null : toHint(receiver, device, published)
  }
  return isItsOwn(topic, node) ? null : strange(receiver, node, topic)
}

/** What a node asks to hear of its own accord. Nobody here says it, so it is neither granted nor a security matter. */
export const isNodesWish = (filter: string, node: string): boolean =>
  filter === `${ESPRESENSE}/rooms/*/+/set` ||
  filter === `${ESPRESENSE}/rooms/${node}/+/set` ||
  filter === `${ESPRESENSE}/settings/+/config`

const isItsOwn = (topic: string, node: string): boolean =>
  topic.startsWith(`${ESPRESENSE}/rooms/${node}/`) ||
  topic.startsWith(`${ESPRESENSE}/settings/`) ||
  topic.startsWith('homeassistant/')

function strange(receiver: string, node: string, topic: string): RefusedEvent {
  const own = `${deviceTopic('…', node)} or ${nodeStatusTopic(node)}`
  return refused(receiver, 'wrong-topic', `expected ${own}, came ${quoted(topic)}`)
}

const alive = (receiver: string): ReceiverStatusEvent => ({
  kind: 'receiver-status',
  receiver,
  status: { status: 'online' },
})

function toStatus(receiver: string, payload: Buffer): NodeEvent {
  const status = payload.subarray(0, 16).toString('utf8')
  if (status === 'online') return alive(receiver)
  if (status === 'offline') return { kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } }
  return refused(receiver, 'malformed', `expected online or offline, came ${quoted(status)}`)
}

/** A hint is of now: what the broker or the node kept, and what is sent again, is of no known time. */
function toHint(
  receiver: string,
  device: string,
  { payload, retain, dup }: Published,
): HintEvent | RefusedEvent {
  if (retain)
    return refused(receiver, 'retained', 'expected readings that are not retained, came a retained message')
  if (dup) return refused(receiver, 'stale', 'expected a reading of now, came one that was sent before (DUP)')
  if (payload.length > READING_BYTES_MAX)
    return refused(receiver, 'oversized', `expected at most ${READING_BYTES_MAX} bytes, came more`)
  const value = parseJson(payload)
  const parsed = readingIn(value)
  if (!parsed.success) return refused(receiver, 'malformed', mismatchText(parsed.error, value))
  const { rssi, distance, 'rssi@1m': atOneMetre } = parsed.data
  if (rssi !== undefined) return { kind: 'hint', receiver, device, heard: { rssiDbm: rssi } }
  const heard = { distanceM: distance as number, atOneMetreDbm: atOneMetre ?? null }
  return { kind: 'hint', receiver, device, heard }
}

/** What cannot be read of a reading is left out, where the rest is one. */
function readingIn(value: unknown) {
  const whole = EspresenseReading.safeParse(value)
  if (whole.success || typeof value !== 'object' || value === null) return whole
  const faulty = new Set(whole.error.issues.map(({ path }) => path[0]))
  const rest = EspresenseReading.safeParse(
    Object.fromEntries(Object.entries(value).filter(([field]) => !faulty.has(field))),
  )
  return rest.success ? rest : whole
}
