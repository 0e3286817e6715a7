// In: technical alarms. Out: which receivers are down. The keys under which alarms say that a receiver is gone or deaf,
// and what is known of a receiver from its own word.
import type { ReceiverSays } from '../../plan/facts.ts'

/** What a receiver said of itself last. */
export type ReceiverState = {
  isOnline: boolean
  sinceMs: number
  statusAtMs: number
  /** When it went, newest last: as often as tells whether it comes and goes. */
  goneAtMs: readonly number[]
}

/** So many of its goings are remembered: as often as tells whether a receiver comes and goes. */
export const GOES_MIN = 3

const RECEIVER_PREFIX = 'receiver:'
const DEAF_PREFIX = 'receiver-deaf:'
export const receiverKey = (receiver: string): string => `${RECEIVER_PREFIX}${receiver}`
/** There, and hears nothing (ears.ts). */
export const deafKey = (receiver: string): string => `${DEAF_PREFIX}${receiver}`
/** It hears, and says that something else of it does not work. */
export const saysKey = (what: ReceiverSays, receiver: string): string => `receiver-${what}:${receiver}`
export const isDeafKey = (key: string): boolean => key.startsWith(DEAF_PREFIX)
/** The receiver that is gone by a technical alarm's key; null where it is about something else. */
export const receiverIn = (key: string): string | null =>
  key.startsWith(RECEIVER_PREFIX) ? key.slice(RECEIVER_PREFIX.length) : null

/** Receivers that said they go, said nothing for too long, or hear nothing. */
export const downReceivers = (
  so: { technical: ReadonlyMap<string, unknown> },
  ids: Iterable<string>,
): ReadonlySet<string> =>
  new Set([...ids].filter(id => so.technical.has(receiverKey(id)) || so.technical.has(deafKey(id))))
