// In: what receivers say of themselves, and how long they have said nothing. Out: technical alarms raised and mended.
import { HEARTBEAT_MS } from '../../schemas/report.ts'
import type { Change } from './change.ts'
import type { ReceiverState } from './state.ts'

/** Three heartbeats missed in a row: one lost packet is no fault, half a minute of silence is. */
const SILENCE_MS = 3 * HEARTBEAT_MS

type Supervised = {
  technical: ReadonlyMap<string, unknown>
  receivers: ReadonlyMap<string, ReceiverState>
  startedAtMs: number
}

export const receiverKey = (receiver: string): string => `receiver:${receiver}`

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
