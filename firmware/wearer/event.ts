// What is sent for some seconds and is no alarm: an okay, a test, a cancel, an ask. It ends by itself, and any alarm ends
// it. All but a test ask whether anybody listens; nothing looks taken before the gateway has said that it heard it.
import {
  KIND_ASK,
  KIND_CANCEL,
  KIND_DURESS_TURN,
  KIND_OKAY,
  KIND_TEST,
  TOLD_ARMED,
  TOLD_NOT_ARMED,
  TOLD_TEST_PASSED,
} from '../../schemas/frame.ts'
import type { Beacon } from '../air/beacon.ts'
import type { State } from '../fields.ts'
import { ASK_SEND_MS, ASK_SOON_MS, isOpenly, NEVER, NONE } from '../state.ts'
import { deafen, isBelieved, listen } from './alarm.ts'
import { MOOD_AGAIN, MOOD_NOBODY, MOOD_TAKEN, MOOD_TEST_FAILED, MOOD_TEST_PASSED } from './lights.ts'
import { show } from './telling.ts'

/** An ask is over after this, answered or not; the ear is open for windows of it from ASK_SEND_MS on. */
export const ASK_MS = 4000
/** An ask that fell into something else is put off by this, and none comes sooner after one that was answered. */
export const ASK_AGAIN_MS = 30000
/** How often it is asked at least while nobody is listening, whatever `askEveryMs` says. */
export const ASK_DEAF_MS = 600000

const durationOf = (s: State, kind: number): number => {
  if (kind === KIND_ASK) return ASK_MS
  return kind === KIND_TEST ? s.testMs : kind === KIND_CANCEL ? s.cancelMs : s.okayMs
}

/** Over a duress the frames stay those of the alarm, and say besides that this is asked. */
export const send = (s: State, kind: number): void => {
  if (s.eventKind === KIND_TEST && kind !== KIND_TEST) return
  s.eventKind = kind
  s.eventAtMs = s.atMs
  s.eventUntilMs = s.atMs + durationOf(s, kind)
  s.eventCounter = s.counter
  s.eventTurn = KIND_DURESS_TURN - s.eventTurn
  s.sealAtMs = s.atMs
  deafen(s)
  if (kind === KIND_TEST) listen(s)
  else s.scanAtMs = s.atMs + ASK_SEND_MS
  if (s.alarmKind !== NONE) return
  s.packetId = (s.packetId + 1) & 0xff
  s.isMeasuring = kind === KIND_OKAY ? 1 : 0
}

const finish = (s: State): void => {
  s.eventKind = NONE
  s.eventUntilMs = NEVER
  s.sealAtMs = s.atMs
  if (s.alarmKind === NONE) deafen(s)
}

/** Whether anybody listens is asked in this turn, or later, where something else is sent or there is no key to know by. */
export const ask = (s: State): void => {
  s.askAtMs = s.atMs + ASK_AGAIN_MS
  if (!isOpenly(s) && s.eventKind === NONE && s.hasKey) send(s, KIND_ASK)
}

/** No good answer. Of what the wearer sent one is enough to say so, of asks two in a row. The next ask comes soon, and each later. */
const doubt = (s: State, kind: number): void => {
  s.misses++
  if (kind !== KIND_ASK || s.misses > 1) {
    s.isDeaf = 1
    show(s, MOOD_NOBODY)
  }
  if (s.askEveryMs > 0) s.askAtMs = s.atMs + Math.min(ASK_DEAF_MS, ASK_SOON_MS * s.misses * s.misses)
}

/** Desk and phone are proven, or a test passed: that was heard, and it is asked anew whether anybody would come. */
const trust = (s: State, mood: number): void => {
  if (s.isDeaf || mood !== MOOD_AGAIN) show(s, mood)
  s.misses = 0
  s.isDeaf = 0
  if (s.askEveryMs > 0)
    s.askAtMs = s.atMs + (mood === MOOD_TEST_PASSED ? ASK_SOON_MS : Math.max(ASK_AGAIN_MS, s.askEveryMs))
}

/** Its time is over; what nobody has answered by now has failed. */
export const expire = (s: State): void => {
  const kind = s.eventKind
  finish(s)
  if (kind === KIND_TEST) show(s, MOOD_TEST_FAILED)
  // Without a key no answer could be read.
  else if (s.hasKey) doubt(s, kind)
}

/** A beacon while there is an event, and no alarm or one that is hidden. */
export const hearOfEvent = (s: State, beacon: Beacon): void => {
  const kind = s.eventKind
  const isTest = kind === KIND_TEST
  const isAnswer = isTest
    ? beacon.told === TOLD_TEST_PASSED
    : beacon.told === TOLD_ARMED || beacon.told === TOLD_NOT_ARMED
  if (kind === NONE || !isAnswer || !isBelieved(s, beacon, s.eventCounter)) return
  s.beaconCounter = beacon.counter
  finish(s)
  if (beacon.told === TOLD_NOT_ARMED) doubt(s, kind)
  else trust(s, isTest ? MOOD_TEST_PASSED : kind === KIND_ASK ? MOOD_AGAIN : MOOD_TAKEN)
}
