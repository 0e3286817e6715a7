// What a technical alarm is about, as values: what the core reads of it. The words that people read are made of them
// (fault-words.ts). Rows of old, and faults that the rim tells of, have words alone.
import type { TechnicalAlarm } from '../../../schemas/api/desk.ts'

/** What is not proven of all that an alarm now needs. */
export type Missing =
  /** No desk page is open, or none with its sound on. */
  | { of: 'desk'; why: 'none' | 'silent' }
  /** None of these can be reached: why, in the channel's words, or null where nothing was heard of it lately. */
  | { of: 'targets'; targets: { channel: string; address: string; fault: string | null }[] }
  /** No receiver is there, none is proven to hear yet, or none has heard anything for minutes. */
  | { of: 'ears'; why: 'gone' | 'unproven' | 'quiet' }

/** What a pendant says of itself in its frames. */
export type Complaint = 'fault' | 'battery-low' | 'battery-short' | 'cord-out'

/** Why a receiver hears nothing, as it says itself: in a word, and in its own. */
export type RadioFault = { is: 'deaf' | 'gone' | 'refused' | 'restarting' | 'starting'; why: string }

/** What else of a receiver does not work, though it hears. */
export type ReceiverSays = 'mute' | 'spool' | 'unread'

export type Facts =
  | { of: 'not-armed'; missing: Missing[] }
  /** `isOften`: it has gone several times within minutes. `rooms`: a fault by now, and who hears no alarm for it. */
  | { of: 'receiver-gone'; receiver: string; forMs: number | null; isOften?: true; rooms?: string[] }
  | { of: 'receiver-deaf'; receiver: string; forMs: number; radio?: RadioFault }
  /** It hears, and by its own word cannot broadcast (`mute`), keeps nothing over a restart (`spool`), or could not read what it had kept (`unread`). */
  | { of: 'receiver-says'; receiver: string; what: ReceiverSays; why: string }
  | { of: 'pendant-complains'; pendant: string; complaints: Complaint[] }
  /** Of a session's pendant nothing new was heard for so long; `isEver` where it was heard since the gateway started. */
  | { of: 'pendant-silent'; pendant: string; forMs: number; isEver: boolean }
  /** The same of many at once, or of all, because no receiver hears. */
  | { of: 'pendants-silent'; pendants: string[]; isNobodyHearing: boolean }

/** A technical alarm as the state holds it. */
/** `saidAtMs`: when it was said in these words; it may have been there before in others. */
export type Technical = TechnicalAlarm & { saidAtMs: number; facts?: Facts }
