// A sighting: one receiver heard an authentic frame of a pendant; and whether it is of an alarm, or of a cancel, a test or an okay.
import { KIND_CANCEL, KIND_CORD, KIND_DURESS, KIND_OKAY, KIND_TEST } from '../../../schemas/frame.ts'
import type { Suspicion } from '../plan/change.ts'
import type { AlarmObject } from './decode.ts'
import type { Press, PressHeard } from './foreign-button.ts'

/** One receiver heard an authentic frame of this pendant. */
export type Sighting = {
  pendant: string
  receiver: string
  heardAtMs: number
  /** Null where its receiver had no level. */
  rssiDbm: number | null
  /** Null from a pendant without a key, whose frames carry none. */
  counter: number | null
  /** BTHome's packet id: new for each event, the same through one. */
  packetId: number | null
  alarm: AlarmObject
  batteryPercent: number | null
  isVerified: boolean
  isLate: boolean
  /** Its counter is none that this pendant can have now: no sign of its life, and called only if it is an alarm. */
  suspect?: Exclude<Suspicion, 'two-senders'>
  /** The event that a button which is not ours tells of, and what it repeats; absent from ours, whose frames say it. */
  press?: { heard: PressHeard; of: Press | null }
}

const EVENT_KINDS: readonly number[] = [KIND_CANCEL, KIND_TEST, KIND_OKAY]

/** Kinds 1 to 5 (schemas/frame). */
export const isAlarm = ({ alarm }: Pick<Sighting, 'alarm'>): boolean =>
  alarm.kind >= KIND_CORD && alarm.kind <= KIND_DURESS

/** The kind of an event, also of one that a duress seems to send: a test there is written down and passes as any. */
export const eventKindOf = ({ alarm: { kind, seeming } }: Sighting): number => seeming?.kind ?? kind

export const isEvent = (sighting: Sighting): boolean => EVENT_KINDS.includes(eventKindOf(sighting))
