// What a page is about, as facts: what every channel is given and puts in words of its own. Pure data.
import type { IncidentState, Kind } from '../../../schemas/api/desk.ts'

/** A room as whoever goes there needs it. */
export type MessageRoom = {
  id: string
  building: string
  number: string
  /** Null unless the building has several and the room is on one of them. */
  floor: string | null
  note: string | null
}

export type Message = {
  kind: Kind
  /** Anybody could have sent the alarm where it is false. */
  isVerified: boolean
  /** It may be an old alarm played again, or of a copy of the pendant. */
  isSuspect: boolean
  /** The name as it is written. */
  wearer: string
  /** `outside`: of the known rooms; the room is the nearest. `booked`: nothing tells the room but the booking. */
  where: 'heard' | 'outside' | 'booked' | 'unknown'
  /** Where people are sent, the likelier first; two where it is doubtful, none where nothing is known. */
  rooms: readonly MessageRoom[]
  /** For whoever comes: what the wearer wrote when they were signed in, or what came with an alarm that no pendant sent. */
  note: string | null
  /** The note came with the alarm: it is of whoever or whatever raised it, and not the wearer's. */
  isNoteOfSource?: true
  /** This target was told of another place last: the place is said first. */
  isMoved: boolean
}

/** What a reply tells, apart from the message that goes with it. What is new of place and note stands in that message. */
export type Tells = {
  /** The kind that it has grown to; null where it has not grown worse. */
  worse: Kind | null
  /** Whoever had it has given it back: it is nobody's. */
  isGivenBack: boolean
  /** The wearer raised the alarm once more. */
  isPressedAgain: boolean
  /** The place in the message is another than this page was told. */
  isElsewhere: boolean
  /** The note in the message was not told yet. */
  isNoteNew: boolean
  /** What has become of the incident. */
  state: IncidentState
}

/** How long a page may take: until somebody is reached, and then until whoever was reached answers. */
export type Within = { reached: number; answered: number }
