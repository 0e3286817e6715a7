// What is remembered of one pendant between reports, in memory only: the counters heard and where it is believed to be.
// It is bounded, it never reaches the disk, and it is how the room is known before the press.
import {
  DAYS_LEFT_MASK,
  DAYS_LEFT_SHIFT,
  FLAG_BATTERY_LOW,
  FLAG_FAULT,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_OKAY,
  KIND_TEST,
} from '../../schemas/frame.ts'
import { JUMP_MIN } from './authenticate.ts'
import type { Suspicion } from './change.ts'
import type { Deaf, Deafness } from './deaf.ts'
import type { AlarmObject } from './decode.ts'
import { type Belief, hear, newBelief } from './locating/belief.ts'
import type { Model } from './locating/model.ts'
import { type Guarded, guarded, isSoundBelief } from './locating/sound.ts'
import { type Press, type PressHeard, rememberPress } from './press.ts'
import { type Between, extendAlarm, type HeardAlarm } from './repeat.ts'
import type { Rival } from './rival.ts'

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

/** When any frame of it was heard last, and when one that was not heard before: a radio that repeats an old one is no life. */
export type Life = { heardAtMs: number; renewedAtMs: number }

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

const COMPLAINTS = FLAG_BATTERY_LOW | FLAG_FAULT
/** The lowest code there is: fewer days than the first bound. */
const DAYS_LEFT_SHORT = 1
export const isBatteryShort = (flags: number): boolean =>
  (flags & DAYS_LEFT_MASK) >> DAYS_LEFT_SHIFT === DAYS_LEFT_SHORT

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

const EVENT_KINDS: readonly number[] = [KIND_CANCEL, KIND_TEST, KIND_OKAY]
/** An event lasts a minute at most; the same packet id after this long is another one. */
const EVENT_MS = 90_000

/** Kinds 1 to 5 (schemas/frame). */
export const isAlarm = ({ alarm }: Pick<Sighting, 'alarm'>): boolean =>
  alarm.kind >= KIND_CORD && alarm.kind <= KIND_DURESS

/** The kind of an event, also of one that a duress seems to send: a test there is written down and passes as any. */
const eventKindOf = ({ alarm: { kind, seeming } }: Sighting): number => seeming?.kind ?? kind

export const isEvent = (sighting: Sighting): boolean => EVENT_KINDS.includes(eventKindOf(sighting))

/** Whether this frame is of the event that was heard last. */
export const isSameEvent = (event: HeardEvent | null, sighting: Sighting): boolean =>
  event !== null &&
  event.kind === eventKindOf(sighting) &&
  event.packetId === sighting.packetId &&
  event.turn === sighting.alarm.seeming?.turn &&
  Math.abs(sighting.heardAtMs - event.sinceMs) < EVENT_MS

/** How rooms are told apart, and whose silence says nothing. */
export type Listening = { model: Model; deafness: Deafness }

/**
 * Takes a sighting into the track (in place: it is the engine's own memory and is touched for every report). Answers why
 * the room could not be followed, null where it could: the belief is then begun anew.
 */
export function remember(
  track: Track,
  sighting: Sighting,
  dataHex: string,
  { model, deafness }: Listening,
): string | null {
  const { toFrames, moved } = deafness
  const { counter, heardAtMs } = sighting
  const believed = believedAtMs(track, sighting)
  if (!sighting.isLate) {
    if (sighting.suspect === undefined) track.life = lifeAfter(track, sighting, dataHex)
    if (counter !== null && (track.counter === null || counter > track.counter)) {
      believeCounter(track, counter, heardAtMs)
    }
    track.newest = { dataHex, sighting }
    if (isAlarm(sighting)) track.alarmHeard = { atMs: heardAtMs, isOver: false }
    else {
      track.alarmHeard = { atMs: track.alarmHeard?.atMs ?? heardAtMs, isOver: true }
      if (counter !== null) track.between = { counter, atMs: heardAtMs }
    }
    track.batteryPercent = sighting.batteryPercent
    const hasComplaint = (sighting.alarm.flags & COMPLAINTS) !== 0 || isBatteryShort(sighting.alarm.flags)
    track.wellSinceMs = hasComplaint ? null : (track.wellSinceMs ?? heardAtMs)
  }
  if (sighting.suspect === 'counter-jump') rememberJump(track, counter ?? 0, heardAtMs)
  if (isAlarm(sighting) && counter !== null && sighting.press === undefined) {
    extendAlarm(track.alarms, { ...sighting, counter, alarmNumber: sighting.alarm.alarmNumber })
  }
  if (isEvent(sighting)) rememberEvent(track, sighting)
  else if (!sighting.isLate && isAlarm(sighting)) forgetSeeming(track, sighting)
  if (sighting.press !== undefined) {
    rememberPress(track.presses, sighting.press.heard, sighting.press.of ?? undefined)
  }
  if (sighting.suspect === undefined) rememberSeal(track, counter, believed)
  const followed = followedBy(track.belief, model, belief =>
    take(belief, sighting, believed, toFrames, moved),
  )
  track.belief = followed.answer
  return followed.failed
}

/** The highest counter from now on. Whoever was far ahead is not the pendant, for this is. */
function believeCounter(track: Track, counter: number, heardAtMs: number): void {
  track.counter = counter
  track.ahead = null
  track.history.push({ counter, heardAtMs })
  if (track.history.length > HISTORY_MAX) track.history.shift()
}

/** A pendant that was away for months goes on from where it is: so often, and for so long, with nothing else heard of it. */
const AHEAD_TIMES = 3
const AHEAD_MS = 10_000

function rememberJump(track: Track, counter: number, heardAtMs: number): void {
  const { ahead } = track
  if (ahead === null || counter < ahead.counter || counter - ahead.counter > JUMP_MIN) {
    track.ahead = { counter, times: 1, sinceMs: heardAtMs }
    return
  }
  if (counter === ahead.counter) return
  track.ahead = { ...ahead, counter, times: ahead.times + 1 }
  if (ahead.times + 1 >= AHEAD_TIMES && heardAtMs - ahead.sinceMs >= AHEAD_MS)
    believeCounter(track, counter, heardAtMs)
}

/** Without a counter other bytes are what is new. */
function lifeAfter({ life, counter, newest }: Track, sighting: Sighting, dataHex: string): Life {
  const isNew =
    sighting.counter === null ? newest?.dataHex !== dataHex : counter === null || sighting.counter > counter
  const { heardAtMs } = sighting
  const beforeMs = life?.heardAtMs ?? Number.NEGATIVE_INFINITY
  const renewedAtMs = life?.renewedAtMs ?? Number.NEGATIVE_INFINITY
  return {
    heardAtMs: Math.max(beforeMs, heardAtMs),
    renewedAtMs: isNew ? Math.max(renewedAtMs, heardAtMs) : renewedAtMs,
  }
}

/** The belief after one more level; another model has other cells, and what was believed by the old one is let go. */
const followedBy = (known: Belief | null, model: Model, follow: (belief: Belief) => void): Guarded<Belief> =>
  guarded(
    model,
    () => {
      const belief = known?.model === model ? known : newBelief(model)
      follow(belief)
      return belief
    },
    isSoundBelief,
  )

/** Takes what an ESPresense node told of it into the track, beside what sealed frames tell. Answers as `remember` does. */
export function rememberHint(
  track: Track,
  hint: { receiver: string; rssiDbm: number; atMs: number },
  { model, deafness }: Listening,
): string | null {
  const { toHints, moved } = deafness
  const toldAtMs = track.hints?.toldAtMs ?? new Map<string, number>()
  toldAtMs.set(hint.receiver, hint.atMs)
  const followed = followedBy(track.hints?.belief ?? null, model, belief =>
    take(belief, hint, hint.atMs, toHints, moved),
  )
  track.hints = followed.failed === null ? { belief: followed.answer, toldAtMs } : null
  return followed.failed
}

/**
 * When a frame was heard, for locating. Its receiver says how long ago that was, by a clock that may have jumped by
 * seconds; but no frame is heard before one that was sealed earlier was heard last, by whomever: a pendant that seals anew
 * each second or two puts such a receiver right to within that.
 */
export function believedAtMs(
  { seal }: Track,
  { counter, heardAtMs }: { counter?: number | null; heardAtMs: number },
): number {
  if (counter === null || counter === undefined || seal === null) return heardAtMs
  if (counter > seal.counter) return Math.max(heardAtMs, seal.lastMs)
  return counter === seal.counter ? Math.max(heardAtMs, seal.beforeMs) : heardAtMs
}

function rememberSeal(track: Track, counter: number | null, atMs: number): void {
  const { seal } = track
  if (counter === null) return
  if (seal === null || counter > seal.counter) {
    const beforeMs = seal === null ? Number.NEGATIVE_INFINITY : Math.max(seal.beforeMs, seal.lastMs)
    track.seal = { counter, lastMs: atMs, beforeMs }
  } else if (counter === seal.counter) seal.lastMs = Math.max(seal.lastMs, atMs)
}

/**
 * Takes a level into a belief, where there is one, unless its receiver was moved: then what it hears is believed only where
 * nobody else has heard the pendant at all.
 */
export function take(
  belief: Belief,
  { receiver, rssiDbm }: { receiver: string; rssiDbm: number | null },
  atMs: number,
  deaf: Deaf,
  moved: ReadonlySet<string>,
): void {
  if (rssiDbm === null || (moved.has(receiver) && !Number.isNaN(belief.heardAtMs))) return
  hear(belief, receiver, rssiDbm, atMs, deaf.places)
}

/** What a duress seemed to send is over with its next frame that sends nothing: its packet id stays the same. */
function forgetSeeming(track: Track, { alarm, counter }: Sighting): void {
  if (alarm.seeming !== undefined || counter === null || counter < (track.counter ?? 0)) return
  if (track.asked !== null) track.asked = { ...track.asked, isOver: true }
  if (track.event?.isWritten === true) track.event = null
}

function rememberEvent(track: Track, sighting: Sighting): void {
  const { event } = track
  const { receiver, heardAtMs, packetId, counter, batteryPercent, isLate } = sighting
  const { alarmNumber, flags } = sighting.alarm
  const kind = eventKindOf(sighting)
  if (event !== null && isSameEvent(event, sighting)) {
    if (!event.receivers.includes(receiver)) event.receivers.push(receiver)
    if ((counter ?? 0) >= (event.counter ?? 0)) Object.assign(event, { counter, flags, batteryPercent })
  } else if (!isLate) {
    const turn = sighting.alarm.seeming?.turn
    const about = { kind, packetId, turn, counter, alarmNumber, flags, batteryPercent }
    track.event = { ...about, sinceMs: heardAtMs, receivers: [receiver], isWritten: false }
  }
}
