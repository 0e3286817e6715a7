// What is sent for some seconds and is no alarm: an okay, a test, a cancel. It ends by itself, and any alarm ends it.
import { KIND_CANCEL, KIND_OKAY, KIND_TEST, TOLD_TEST_PASSED } from '../schemas/frame.ts'
import { deafen, isBelieved, listen } from './alarm.ts'
import type { Beacon } from './beacon.ts'
import type { State } from './fields.ts'
import { MOOD_TAKEN, MOOD_TEST_FAILED, MOOD_TEST_PASSED } from './lights.ts'
import { NEVER, NONE } from './state.ts'
import { show } from './telling.ts'

const durationOf = (s: State, kind: number): number =>
  kind === KIND_TEST ? s.testMs : kind === KIND_CANCEL ? s.cancelMs : s.okayMs

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
  }
  if (kind === KIND_OKAY) show(s, MOOD_TAKEN)
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

/** Its time is over; a test that nobody has answered by now has failed. */
export const expire = (s: State): void => {
  if (s.eventKind === KIND_TEST) show(s, MOOD_TEST_FAILED)
  finish(s)
}

/** A beacon while there is an event and no alarm. */
export const hearOfTest = (s: State, beacon: Beacon): void => {
  if (s.eventKind !== KIND_TEST || beacon.told !== TOLD_TEST_PASSED || !isBelieved(s, beacon)) return
  s.beaconCounter = beacon.counter
  finish(s)
  show(s, MOOD_TEST_PASSED)
}
