// What is remembered of one pendant between reports, in memory only: the counters heard and where it is believed to be.
// It is bounded, it never reaches the disk, and it is how the room is known before the press.
import type { Belief } from '../locating/belief/belief.ts'
import type { Press } from './foreign-button.ts'
import type { Between, HeardAlarm } from './repeat.ts'
import type { Rival } from './rival.ts'
import { eventKindOf, type Sighting } from './sighting.ts'

/** A cancel, a test or an okay, as far as it was heard. */
export type HeardEvent = {
  kind: number
  packetId: number | null
  /** Of a test that a duress seems to be in (schemas/frame.ts). */
  turn?: number | undefined
  sinceMs: number
  receivers: string[]
  /** What its newest frame says. */
  counter: number | null
  alarmNumber: number
  flags: number
  batteryPercent: number | null
  /** A test that is in the journal. */
  isWritten: boolean
}

/** An ask that was answered: its answer is the same for every receiver that hears it. */
export type Asked = {
  packetId: number | null
  atMs: number
  /** Advertising data of the answer, as hex. */
  data: string
  beaconCounter: number
  /** Those it was answered through. */
  receivers: readonly string[]
  /** Of an ask in a duress (schemas/frame.ts). */
  turn: number | undefined
  /** The pendant has said something else since: under the same packet id, as in a duress, it asks anew. */
  isOver: boolean
}

export type Hints = {
  belief: Belief
  /** When each node told of it last. */
  readonly toldAtMs: Map<string, number>
}

/**
 * When any frame of it was heard last, and when one that was not heard before: a radio that repeats an old one is no life.
 * `isQuick`: it has sent new ones within less than a minute.
 */
export type Life = { heardAtMs: number; renewedAtMs: number; isQuick: boolean }

export type Track = {
  /** Highest counter believed; starts from the journal's mark. */
  counter: number | null
  /** The mark in the journal: at most COUNTER_BLOCK behind. */
  keptCounter: number | null
  /** The newest counters and when each was first heard, oldest first. */
  history: { counter: number; heardAtMs: number }[]
  /** When the newest counter was heard last, and when any before it was, as far as is believed. */
  seal: { counter: number; lastMs: number; beforeMs: number } | null
  /** The newest believed advertisement, as hex: the same one heard by the next receiver needs no cipher. */
  newest: { dataHex: string; sighting: Sighting } | null
  /** Where it is believed to be; null before it was heard. */
  belief: Belief | null
  /** Where ESPresense nodes have it, apart: what they hear is sealed by nobody. Null before they told of it. */
  hints: Hints | null
  /** Counters far ahead of the highest, as long as they go on: believed once nothing else is heard. */
  ahead: { counter: number; times: number; sinceMs: number } | null
  /** Somebody else who seals with this pendant's key, or plays its frames again. */
  rival: Rival | null
  /**
   * The last alarm that made or joined an incident. `isOutOfTurn`: the pendant may go on with an alarm before it, for this one
   * is suspect, or came late.
   */
  lastAlarm: { alarmNumber: number; incident: string; isOutOfTurn: boolean } | null
  /** The alarms that made or joined one, newest last. */
  alarms: HeardAlarm[]
  batteryPercent: number | null
  /** The last beacon counter used. */
  beaconCounter: number
  /** None up to here is used again after a restart: asked of the disk, and kept there. */
  beaconAsked: number
  beaconKept: number
  asked: Asked | null
  event: HeardEvent | null
  /** The newest events of a button that is not ours. */
  presses: Press[]
  /** Since when its frames have had nothing to complain of; null while they do. */
  wellSinceMs: number | null
  /** When it was heard to be alive; null before it was. */
  life: Life | null
  /** When a frame of an alarm was heard last, and whether the pendant has said anything else since; null before any frame. */
  alarmHeard: { atMs: number; isOver: boolean } | null
  /** Its newest believed frame that was of no alarm. */
  between: Between | null
}

/** Idle frames move the kept counter each so many (at a heartbeat of 2 s: a row each 17 minutes). */
export const COUNTER_BLOCK = 512
export const HISTORY_MAX = 32

export const newTrack = (): Track => ({
  counter: null,
  keptCounter: null,
  history: [],
  seal: null,
  newest: null,
  belief: null,
  hints: null,
  ahead: null,
  rival: null,
  lastAlarm: null,
  alarms: [],
  batteryPercent: null,
  beaconCounter: 0,
  beaconAsked: 0,
  beaconKept: 0,
  asked: null,
  event: null,
  presses: [],
  wellSinceMs: null,
  life: null,
  alarmHeard: null,
  between: null,
})
/** An event lasts a minute at most; the same packet id after this long is another one. */
const EVENT_MS = 90_000
/** Shorter than two gestures of a wearer: who was heard within it has not sent two things since. */
const UNHEARD_MS = 2_000

/**
 * What a duress seems to send is told from the next by its turn, of which there are two. After a silence it is a new one:
 * one between may have been sent out of reach.
 */
export const mayHaveTurnedTwice = ({ life }: Track, { alarm, heardAtMs }: Sighting): boolean =>
  alarm.seeming !== undefined && life !== null && heardAtMs - life.heardAtMs >= UNHEARD_MS

/** Whether this frame, not yet remembered, is of the event that was heard last. */
export const isSameEvent = (track: Track, sighting: Sighting): boolean => {
  const { event } = track
  return (
    event !== null &&
    event.kind === eventKindOf(sighting) &&
    event.packetId === sighting.packetId &&
    event.turn === sighting.alarm.seeming?.turn &&
    Math.abs(sighting.heardAtMs - event.sinceMs) < EVENT_MS &&
    !(event.isWritten && mayHaveTurnedTwice(track, sighting))
  )
}
