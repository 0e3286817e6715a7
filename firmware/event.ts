// What is sent for some seconds and is no alarm: an okay, a test, a cancel. It ends by itself, and any alarm ends it.
import { KIND_CANCEL, KIND_OKAY, KIND_TEST, TOLD_TEST_PASSED } from '../schemas/frame.ts'
import { isBelieved, listen, scan } from './alarm.ts'
import type { Beacon } from './beacon.ts'
import { MOOD_TAKEN, MOOD_TEST_FAILED, MOOD_TEST_PASSED } from './lights.ts'
import type { Settings } from './settings.ts'
import { type Effect, type Event, NEVER, type State } from './state.ts'
import { show } from './telling.ts'

const durationOf = (settings: Settings, kind: number): number => {
  if (kind === KIND_TEST) return settings.testMs
  return kind === KIND_CANCEL ? settings.cancelMs : settings.okayMs
}

/** Over a hidden alarm it is only shown: the frames stay those of the alarm. */
export const send = (s: State, settings: Settings, kind: number, nowMs: number, effects: Effect[]): void => {
  if (s.event !== null && s.event.kind === KIND_TEST && kind !== KIND_TEST) return
  s.event = {
    kind: kind,
    beganAtMs: nowMs,
    untilMs: nowMs + durationOf(settings, kind),
    firstCounter: -1,
    newestCounter: -1,
  }
  if (s.alarm === null) {
    s.packetId = (s.packetId + 1) & 0xff
    s.sealAtMs = nowMs
    s.isMeasuring = kind === KIND_OKAY
    s.scanAtMs = NEVER
    scan(s, false, effects)
  }
  if (kind === KIND_OKAY) show(s, MOOD_TAKEN, nowMs)
  if (kind === KIND_TEST && s.alarm === null) listen(s, nowMs)
}

const finish = (s: State, mood: number | null, nowMs: number, effects: Effect[]): void => {
  s.event = null
  if (s.alarm === null) {
    s.sealAtMs = nowMs
    s.scanAtMs = NEVER
    scan(s, false, effects)
  }
  if (mood !== null) show(s, mood, nowMs)
}

/** Its time is over; a test that nobody has answered by now has failed. */
export const expire = (s: State, event: Event, nowMs: number, effects: Effect[]): void =>
  finish(s, event.kind === KIND_TEST ? MOOD_TEST_FAILED : null, nowMs, effects)

export const hearOfTest = (
  s: State,
  event: Event,
  beacon: Beacon,
  nowMs: number,
  effects: Effect[],
): void => {
  if (event.kind !== KIND_TEST || beacon.told !== TOLD_TEST_PASSED || !isBelieved(s, event, beacon)) return
  s.beaconCounter = beacon.counter
  finish(s, MOOD_TEST_PASSED, nowMs, effects)
}
