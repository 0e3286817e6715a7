// What is sent for some seconds and is no alarm: an okay, a test, a cancel, an ask. It ends by itself, and any alarm ends it.
import {
  KIND_ASK,
  KIND_CANCEL,
  KIND_OKAY,
  KIND_TEST,
  TOLD_ARMED,
  TOLD_NOT_ARMED,
  TOLD_TEST_PASSED,
} from '../schemas/frame.ts'
import { deafen, isBelieved, listen } from './alarm.ts'
import type { Beacon } from './beacon.ts'
import type { State } from './fields.ts'
import { MOOD_AGAIN, MOOD_NOBODY, MOOD_TAKEN, MOOD_TEST_FAILED, MOOD_TEST_PASSED } from './lights.ts'
import { ASK_SEND_MS, isOpenly, NEVER, NONE } from './state.ts'
import { show } from './telling.ts'

/** An ask is over after this, answered or not; the ear is open for windows of it from ASK_SEND_MS on. */
export const ASK_MS = 4000
/** An ask in doubt is repeated, and one that fell into something else put off, by this. */
export const ASK_AGAIN_MS = 30000
/** How often it is asked while nobody is listening, whatever `askEveryMs` says. */
export const ASK_DEAF_MS = 600000

const durationOf = (s: State, kind: number): number => {
  if (kind === KIND_ASK) return ASK_MS
  return kind === KIND_TEST ? s.testMs : kind === KIND_CANCEL ? s.cancelMs : s.okayMs
}

/** Over a duress it is only shown: the frames stay those of the alarm. */
export const send = (s: State, kind: number): void => {
  if (s.eventKind === KIND_TEST && kind !== KIND_TEST) return
  s.eventKind = kind
  s.eventAtMs = s.atMs
  s.eventUntilMs = s.atMs + durationOf(s, kind)
  if (s.alarmKind === NONE) {
    s.firstCounter = -1
    s.packetId = (s.packetId + 1) & 0xff
    s.sealAtMs = s.atMs
    s.isMeasuring = kind === KIND_OKAY ? 1 : 0
    deafen(s)
    if (kind === KIND_TEST) listen(s)
    if (kind === KIND_ASK) s.scanAtMs = s.atMs + ASK_SEND_MS
  }
  // Who is told that nobody listens is not told in the same breath that it was taken.
  if (kind === KIND_OKAY && s.isDeaf === 0) show(s, MOOD_TAKEN)
}

const finish = (s: State): void => {
  s.eventKind = NONE
  s.eventUntilMs = NEVER
  if (s.alarmKind === NONE) {
    s.firstCounter = -1
    s.sealAtMs = s.atMs
    deafen(s)
  }
}

/**
 * Whether anybody listens is asked in this turn, or later, where something else is sent or there is no key to know by. In a
 * duress nothing is sent, and what is shown of it comes when it would come after a cancel.
 */
export const ask = (s: State): void => {
  s.askAtMs = s.atMs + ASK_AGAIN_MS
  if (!isOpenly(s) && s.eventKind === NONE && s.hasKey) send(s, KIND_ASK)
}

/** The first ask without a good answer is repeated soon; after the second nobody is listening. */
const doubt = (s: State): void => {
  if (s.isDoubtful) {
    s.isDeaf = 1
    s.askAtMs = s.atMs + ASK_DEAF_MS
    show(s, MOOD_NOBODY)
  }
  s.isDoubtful = 1
}

/** Desk and phone are proven, or a test passed. */
const trust = (s: State, mood: number): void => {
  if (s.isDeaf || mood === MOOD_TEST_PASSED) show(s, mood)
  s.isDoubtful = 0
  s.isDeaf = 0
  if (s.askEveryMs > 0) s.askAtMs = s.atMs + Math.max(ASK_AGAIN_MS, s.askEveryMs)
}

/** Its time is over; a test that nobody has answered by now has failed. */
export const expire = (s: State): void => {
  const kind = s.eventKind
  finish(s)
  if (kind === KIND_TEST) show(s, MOOD_TEST_FAILED)
  if (kind === KIND_ASK) doubt(s)
}

/** A beacon while there is an event and no alarm. */
export const hearOfEvent = (s: State, beacon: Beacon): void => {
  const isTest = s.eventKind === KIND_TEST && beacon.told === TOLD_TEST_PASSED
  const isAsk = s.eventKind === KIND_ASK && (beacon.told === TOLD_ARMED || beacon.told === TOLD_NOT_ARMED)
  if (!(isTest || isAsk) || !isBelieved(s, beacon)) return
  s.beaconCounter = beacon.counter
  finish(s)
  if (beacon.told === TOLD_NOT_ARMED) doubt(s)
  else trust(s, isTest ? MOOD_TEST_PASSED : MOOD_AGAIN)
}

/**
 * A beacon while there is an alarm, after the alarm has heard it: in a duress it answers what is not asked, as one would be
 * heard where a real ask is answered. Also one that is believed already, because receivers repeat what they tell for as
 * long as it lasts: who was heard once and is carried out of reach looks as lonely as any other.
 */
export const hearInDuress = (s: State, beacon: Beacon): void => {
  if (
    s.eventKind !== KIND_ASK ||
    s.atMs < s.eventAtMs + ASK_SEND_MS ||
    beacon.counter !== s.beaconCounter ||
    beacon.number !== s.number
  )
    return
  finish(s)
  trust(s, MOOD_AGAIN)
}
