// One gateway of another system: each of its messages in, the engine's events out. What all of them have in common: what is
// retained, sent again, too long or unreadable raises nothing; that it is there, and how much it heard, is told now and then.
import type { HeardReport } from '../../../schemas/report.ts'
import type { EngineEvent, PressEvent, Unread } from '../../ports.ts'
import { type Published, quoted, refused } from '../mqtt/intake.ts'

/** What stood in one message. */
export type Reading =
  | { is: 'report'; report: HeardReport }
  | ({ is: 'press' } & Omit<PressEvent, 'kind' | 'receiver'>)
  | { is: 'presence'; isOnline: boolean }
  | { is: 'unread'; why: string }
  /** How it is set there is not how the site file says; null: it is. */
  | { is: 'setting'; fault: string | null }
  /** Something was on the air, whatever it was. */
  | { is: 'heard' }

export type Message = Published & { atMs: number }

/** What the file of one system says of it. `read` keeps no more than a bounded memory of its own, and throws on nothing. */
export type System = {
  /** Where it says what we listen to, as MQTT filters. */
  says: readonly string[]
  /** What else it may say; nobody listens. */
  also: readonly string[]
  /** What it may hear. */
  hears: readonly string[]
  /** What is said to it there, kept for when it connects. */
  told: readonly { topic: string; payload: string }[]
  read(message: Message): Reading[]
  /** Its connection has ended: what it says until the next one begins is missed. */
  left?(): void
}

export type Adapter = Omit<System, 'read' | 'left'> & {
  left(): void
  /** One message of it, as events in their order. A topic that is none of its own is a refusal. */
  hear(message: Message): EngineEvent[]
}

/** No system says more in one message. */
const MESSAGE_BYTES_MAX = 16_384
/** That it is there is noted so often at most. */
const ALIVE_EACH_MS = 5_000

/** Puts what all systems have in common around one. */
export function adapterOf(receiver: string, system: System): Adapter {
  let heard = 0
  let aliveAtMs = Number.NEGATIVE_INFINITY
  let setting: string | null | undefined

  const alive = (atMs: number): EngineEvent[] => {
    if (atMs - aliveAtMs < ALIVE_EACH_MS) return []
    aliveAtMs = atMs
    // Who passes on nothing of the air counts nothing.
    return [{ kind: 'receiver-status', receiver, status: { status: 'online', ...(heard > 0 && { heard }) } }]
  }
  const set = (fault: string | null): EngineEvent[] => {
    if (setting === fault) return []
    setting = fault
    return [{ kind: 'fault', key: `receiver-settings:${receiver}`, text: fault }]
  }

  function hear(message: Message): EngineEvent[] {
    const { topic, payload, atMs, retain } = message
    if (!system.says.some(filter => isIn(topic, filter)))
      return system.also.some(filter => isIn(topic, filter))
        ? alive(atMs)
        : [strange(receiver, system, topic)]
    if (payload.length > MESSAGE_BYTES_MAX)
      return [refused(receiver, 'oversized', `expected at most ${MESSAGE_BYTES_MAX} bytes, came more`)]
    const readings = system.read(message)
    const isOffline = readings.some(each => each.is === 'presence' && !each.isOnline)
    if (isOffline) {
      system.left?.()
      aliveAtMs = Number.NEGATIVE_INFINITY
      return [{ kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } }]
    }
    if (!retain && readings.some(({ is }) => is === 'report' || is === 'heard')) heard += 1
    const settings = readings.flatMap(each => (each.is === 'setting' ? set(each.fault) : []))
    return [...told(receiver, readings, message), ...settings, ...alive(atMs)]
  }
  return { ...system, hear, left: () => system.left?.() }
}

type Pressed = Extract<Reading, { is: 'press' }>

/** Reports and presses, unless they are old; and what could not be read. */
function told(
  receiver: string,
  readings: readonly Reading[],
  { topic, retain, dup }: Message,
): EngineEvent[] {
  const reports = readings.flatMap(each => (each.is === 'report' ? [each.report] : []))
  // What is no press may be kept: how full a cell was then is nobody's concern.
  const isPress = (each: Reading): each is Pressed =>
    each.is === 'press' && (each.action !== null || (!retain && !dup))
  const presses = readings.filter(isPress)
  const unread = unreadIn(readings)
  if (retain && reports.length + presses.length > 0)
    return [refused(receiver, 'retained', `expected nothing retained, came ${quoted(topic)}`)]
  // Sent before, and nobody knows when: a seal says whether it is new, and nothing else does.
  const fresh = dup ? reports.filter(isSealed) : reports
  const isOld = dup && fresh.length < reports.length + presses.length
  const events: EngineEvent[] = isOld
    ? [
        refused(
          receiver,
          'stale',
          `expected a message of now, came one that was sent before: ${quoted(topic)}`,
        ),
      ]
    : []
  if (fresh.length > 0)
    events.push({ kind: 'reports', receiver, reports: fresh, wasRedelivered: dup, ...(unread && { unread }) })
  else if (unread !== null)
    events.push({ ...refused(receiver, unread.reason, unread.example), count: unread.count })
  if (!dup) for (const { is: _, ...press } of presses) events.push({ kind: 'press', receiver, ...press })
  return events
}

function unreadIn(readings: readonly Reading[]): Unread | null {
  const all = readings.flatMap(each => (each.is === 'unread' ? [each.why] : []))
  return all.length === 0
    ? null
    : { count: all.length, reason: 'malformed', example: (all[0] ?? '').slice(0, 300) }
}

const INFO = /16d2fc([0-9a-f]{2})/
const SEALED_BIT = 0x01
const isSealed = ({ data }: HeardReport): boolean =>
  (Number.parseInt(INFO.exec(data)?.[1] ?? '0', 16) & SEALED_BIT) !== 0

const strange = (receiver: string, { says }: System, topic: string): EngineEvent =>
  refused(
    receiver,
    'wrong-topic',
    `expected ${says[0] ?? 'nothing'} or another of its own, came ${quoted(topic)}`,
  )

/** Whether a topic is one of those that a filter stands for (MQTT 3.1.1, 4.7). */
export function isIn(topic: string, filter: string): boolean {
  const [parts, wanted] = [topic.split('/'), filter.split('/')]
  for (const [i, want] of wanted.entries()) {
    if (want === '#') return true
    if (parts[i] === undefined || (want !== '+' && want !== parts[i])) return false
  }
  return parts.length === wanted.length
}
