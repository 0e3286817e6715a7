// In: what receivers and pendants say of themselves, and how long they have said nothing. Out: technical alarms raised and mended.
import { FLAG_BATTERY_LOW, FLAG_FAULT } from '../../schemas/frame.ts'
import { HEARTBEAT_MS } from '../../schemas/report.ts'
import type { Change } from './change.ts'
import { type Plan, wearerName } from './plan.ts'
import { isBatteryShort, type Sighting, type Track } from './sighting.ts'
import type { ReceiverState } from './state.ts'

/** Three heartbeats missed in a row: one lost packet is no fault, half a minute of silence is. */
const SILENCE_MS = 3 * HEARTBEAT_MS

type Supervised = {
  technical: ReadonlyMap<string, unknown>
  receivers: ReadonlyMap<string, ReceiverState>
  startedAtMs: number
}

const RECEIVER_PREFIX = 'receiver:'
export const receiverKey = (receiver: string): string => `${RECEIVER_PREFIX}${receiver}`
/** The receiver that a technical alarm's key is about; null where it is about something else. */
export const receiverIn = (key: string): string | null =>
  key.startsWith(RECEIVER_PREFIX) ? key.slice(RECEIVER_PREFIX.length) : null

/** The change that a receiver's own word brings, if any. */
export function receiverSaid(so: Supervised, receiver: string, isOnline: boolean): Change[] {
  const key = receiverKey(receiver)
  if (isOnline) return so.technical.has(key) ? [{ is: 'technical-mended', key }] : []
  return so.technical.has(key)
    ? []
    : [{ is: 'technical-raised', key, text: `Receiver ${receiver} is offline` }]
}

/** Receivers that have gone silent, or were never heard since the gateway started. */
export function silentReceivers(so: Supervised, ids: Iterable<string>, nowMs: number): Change[] {
  const changes: Change[] = []
  for (const id of ids) {
    const heardAtMs = so.receivers.get(id)?.statusAtMs ?? so.startedAtMs
    const key = receiverKey(id)
    if (nowMs - heardAtMs <= SILENCE_MS || so.technical.has(key)) continue
    const seconds = Math.round((nowMs - heardAtMs) / 1000)
    changes.push({ is: 'technical-raised', key, text: `Receiver ${id} has said nothing for ${seconds} s` })
  }
  return changes
}

/** Receivers that said they go, or said nothing for too long. */
export const downReceivers = (so: Supervised, ids: Iterable<string>): ReadonlySet<string> =>
  new Set([...ids].filter(id => so.technical.has(receiverKey(id))))

/** A loaded battery is measured each ten minutes and wavers about its limit: two good measurements in a row mend it. */
const BATTERY_WELL_MS = 25 * 60_000
/** A cord put in again is well at once; a loose one is not. */
const FAULT_WELL_MS = 60_000

const BATTERY_LOW = 'its battery is low: change it'
const BATTERY_SHORT = 'its battery has fewer than 7 days left: change it'
const FAULTY = 'it reports a fault (red and blue light): do not rely on it'

export const pendantKey = (pendant: string): string => `pendant:${pendant}`

/** The change that a pendant's own flags bring: raised once for each complaint, mended when all have been gone a while. */
export function pendantSaid(
  so: { technical: ReadonlyMap<string, { text: string }> },
  plan: Plan,
  track: Track,
  { pendant, alarm, heardAtMs, isLate }: Sighting,
): Change[] {
  if (isLate) return []
  const key = pendantKey(pendant)
  const known = so.technical.get(key)
  const said = complaints(alarm.flags)
  if (said.length > 0) {
    if (said.every(each => known?.text.includes(each))) return []
    const who = `Pendant ${pendant} (${wearerName(plan, plan.pendants.get(pendant)?.wearer ?? pendant)})`
    return [{ is: 'technical-raised', key, text: `${who}: ${said.join('; ')}` }]
  }
  if (known === undefined || track.wellSinceMs === null) return []
  const isFaultAlone = !known.text.includes(BATTERY_LOW) && !known.text.includes(BATTERY_SHORT)
  const isWell = heardAtMs - track.wellSinceMs >= (isFaultAlone ? FAULT_WELL_MS : BATTERY_WELL_MS)
  return isWell ? [{ is: 'technical-mended', key }] : []
}

function complaints(flags: number): string[] {
  const said = (flags & FLAG_FAULT) === 0 ? [] : [FAULTY]
  if ((flags & FLAG_BATTERY_LOW) !== 0) said.push(BATTERY_LOW)
  else if (isBatteryShort(flags)) said.push(BATTERY_SHORT)
  return said
}
