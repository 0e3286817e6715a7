// In: a sighting, or what an ESPresense node told, and the track of its pendant. Out: the track after it, changed in place:
// it is touched for every report. Where the room could not be followed, the belief is begun anew and the answer says why.
import { type Belief, hear, newBelief } from '../locating/belief/belief.ts'
import { type Guarded, guarded, isSoundBelief } from '../locating/belief/soundness.ts'
import type { Model } from '../locating/building/model.ts'
import { JUMP_MIN } from './authenticate.ts'
import { complaintsIn } from './complaint.ts'
import { rememberPress } from './foreign-button.ts'
import type { Deaf, Deafness } from './receivers/deaf.ts'
import { extendAlarm } from './repeat.ts'
import { eventKindOf, isAlarm, isEvent, type Sighting } from './sighting.ts'
import { HISTORY_MAX, isSameEvent, type Life, type Track } from './track.ts'

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
  const isSame = isSameEvent(track, sighting)
  if (!sighting.isLate) {
    if (sighting.suspect === undefined) live(track, sighting, dataHex)
    if (counter !== null && (track.counter === null || counter > track.counter)) {
      believeCounter(track, counter, heardAtMs)
    }
    if (track.newest?.dataHex !== dataHex) track.newest = { dataHex, sighting }
    if (isAlarm(sighting)) track.alarmHeard = { atMs: heardAtMs, isOver: false }
    else {
      if (track.alarmHeard?.isOver !== true)
        track.alarmHeard = { atMs: track.alarmHeard?.atMs ?? heardAtMs, isOver: true }
      if (counter !== null) {
        if (track.between === null) track.between = { counter, atMs: heardAtMs }
        else {
          track.between.counter = counter
          track.between.atMs = heardAtMs
        }
      }
    }
    track.batteryPercent = sighting.batteryPercent
    const hasComplaint = complaintsIn(sighting.alarm).length > 0
    track.wellSinceMs = hasComplaint ? null : (track.wellSinceMs ?? heardAtMs)
  }
  if (sighting.suspect === 'counter-jump') rememberJump(track, counter ?? 0, heardAtMs)
  if (isAlarm(sighting) && counter !== null && sighting.press === undefined) {
    extendAlarm(track.alarms, { ...sighting, counter, alarmNumber: sighting.alarm.alarmNumber })
  }
  if (isEvent(sighting)) rememberEvent(track, sighting, isSame)
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
  const oldest = track.history.length < HISTORY_MAX ? undefined : track.history.shift()
  if (oldest === undefined) track.history.push({ counter, heardAtMs })
  else {
    oldest.counter = counter
    oldest.heardAtMs = heardAtMs
    track.history.push(oldest)
  }
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

/** A pendant without AES seals anew each minute at most (firmware/README). */
const QUICK_MS = 50_000

/** Without a counter other bytes are what is new. */
function live(track: Track, sighting: Sighting, dataHex: string): void {
  const { counter, newest } = track
  const isNew =
    sighting.counter === null ? newest?.dataHex !== dataHex : counter === null || sighting.counter > counter
  const { heardAtMs } = sighting
  track.life ??= newLife()
  const { life } = track
  life.heardAtMs = Math.max(life.heardAtMs, heardAtMs)
  if (!isNew) return
  life.isQuick ||= heardAtMs - life.renewedAtMs < QUICK_MS
  life.renewedAtMs = Math.max(life.renewedAtMs, heardAtMs)
}

const newLife = (): Life => ({
  heardAtMs: Number.NEGATIVE_INFINITY,
  renewedAtMs: Number.NEGATIVE_INFINITY,
  isQuick: false,
})

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
    if (seal === null) track.seal = { counter, lastMs: atMs, beforeMs: Number.NEGATIVE_INFINITY }
    else {
      seal.beforeMs = Math.max(seal.beforeMs, seal.lastMs)
      seal.counter = counter
      seal.lastMs = atMs
    }
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

function rememberEvent(track: Track, sighting: Sighting, isSame: boolean): void {
  const { event } = track
  const { receiver, heardAtMs, packetId, counter, batteryPercent, isLate } = sighting
  const { alarmNumber, flags } = sighting.alarm
  const kind = eventKindOf(sighting)
  if (event !== null && isSame) {
    if (!event.receivers.includes(receiver)) event.receivers.push(receiver)
    if ((counter ?? 0) >= (event.counter ?? 0)) Object.assign(event, { counter, flags, batteryPercent })
  } else if (!isLate) {
    const turn = sighting.alarm.seeming?.turn
    const about = { kind, packetId, turn, counter, alarmNumber, flags, batteryPercent }
    track.event = { ...about, sinceMs: heardAtMs, receivers: [receiver], isWritten: false }
  }
}
