// In: that a receiver's message could not be read, or not whole. Out: a technical alarm where that keeps coming, with an
// example of it; mended when it has stopped.
import { garbledAfter, TIMES_MIN } from '../../hearing/receivers/garbled.ts'
import type { Change } from '../../plan/change.ts'
import type { State } from '../../state/state.ts'

const WITHIN_MS = 10 * 60_000
/** After so long without any it has stopped. */
const QUIET_MS = 5 * 60_000

const PREFIX = 'receiver-garbled:'
export const garbledKey = (receiver: string): string => `${PREFIX}${receiver}`

/** The alarm that one more such message brings, if any. */
export function garbledNow(state: State, receiver: string, example: string, nowMs: number): Change[] {
  const key = garbledKey(receiver)
  const { atMs } = garbledAfter(state.garbled.get(receiver), nowMs)
  const isFrequent = atMs.length === TIMES_MIN && nowMs - (atMs[0] ?? 0) <= WITHIN_MS
  if (!isFrequent || state.technical.has(key) || !state.plan.receivers.has(receiver)) return []
  const text = `Receiver ${receiver} keeps sending what cannot be read (${example}): what can be read is believed`
  return [{ is: 'technical-raised', key, text }]
}

/** Receivers that have sent nothing unreadable for a while. */
export function garbledNoMore({ technical, garbled, startedAtMs }: State, nowMs: number): Change[] {
  const stopped = [...technical.keys()].filter(key => {
    if (!key.startsWith(PREFIX)) return false
    const atMs = garbled.get(key.slice(PREFIX.length))?.atMs.at(-1) ?? startedAtMs
    return nowMs - atMs > QUIET_MS
  })
  return stopped.map(key => ({ is: 'technical-mended', key }))
}
