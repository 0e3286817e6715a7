// In: the pendant, and why an alarm begins, ends or is told of. Out: the pendant with it. An alarm ends by a believed
// 'resolved', by its long silence, or by the wearer's cancel; nothing else forgets it.
import { KIND_DURESS, TOLD_NOTHING, TOLD_RESOLVED, TOLD_TEST_PASSED } from '../../schemas/frame.ts'
import type { Beacon } from '../air/beacon.ts'
import type { State } from '../fields.ts'
import { ASK_SOON_MS, isOpenly, LONG_AGO, MEASURE_MS, NEVER, NONE } from '../state.ts'
import { numberAfter } from '../storage/mark.ts'
import { spoil } from './gesture.ts'
import { MOOD_BEGUN, MOOD_DARK, MOOD_RESOLVED } from './lights.ts'
import { show } from './telling.ts'

/** Opens the next ear window at once, unless one is open. */
export const listen = (s: State): void => {
  if (s.isScanning === 0) s.scanAtMs = s.atMs
}

/** Listens no more. */
export const deafen = (s: State): void => {
  s.scanAtMs = NEVER
  s.isScanning = 0
}

/** An alarm, from its first frame: a new one, or after a power-on the one that was on before it. */
const raise = (s: State, kind: number): void => {
  s.packetId = (s.packetId + 1) & 0xff
  s.eventKind = NONE
  s.eventUntilMs = NEVER
  s.alarmKind = kind
  s.isPreAlarm = 0
  s.worn = 0
  s.alarmAtMs = s.atMs
  s.alarmSignAtMs = s.atMs
  s.told = TOLD_NOTHING
  s.firstCounter = s.counter
  s.sealAtMs = s.atMs
  s.measureAtMs = NEVER
  s.isMeasuring = 0
  if (kind !== KIND_DURESS) s.hushedAtMs = LONG_AGO
  // The presses that began it are not the first of those that end it.
  spoil(s)
  // A window that a duress has open already is begun anew, so that the same is heard as without it.
  deafen(s)
  listen(s)
  show(s, kind === KIND_DURESS ? MOOD_DARK : MOOD_BEGUN)
}

export const begin = (s: State, kind: number): void => {
  s.number = numberAfter(s.number)
  // Noted before it is first on the air, so that no reset forgets it, nor makes a new alarm look like an old one.
  s.isNoteDue = 1
  raise(s, kind)
}

/** What flash says of the alarm that was on when the power went: it goes on under its own number. */
export const resume = (s: State): void => {
  if (s.alarmKind !== NONE) raise(s, s.alarmKind)
}

export const end = (s: State, mood: number): void => {
  if (isOpenly(s)) {
    show(s, mood)
    s.hushedAtMs = s.atMs
    // What was known of the desk is as old as the alarm. After a duress nothing may show that it has ended.
    if (s.askEveryMs > 0) s.askAtMs = s.atMs + ASK_SOON_MS
  }
  s.alarmKind = NONE
  s.isNoteDue = 1
  if (s.eventKind === NONE) deafen(s)
  s.sealAtMs = s.atMs
  s.measureAtMs = s.atMs + MEASURE_MS
}

/** The rule of schemas/frame.ts: newer than the last, about this very alarm or event, naming a frame of it. */
export const isBelieved = (s: State, beacon: Beacon, firstCounter: number): boolean =>
  beacon.counter > s.beaconCounter &&
  beacon.number === s.number &&
  beacon.frameCounter >= firstCounter &&
  beacon.frameCounter <= s.frameCounter

/** A beacon while there is an alarm. */
export const hearOfAlarm = (s: State, beacon: Beacon): void => {
  if (beacon.told >= TOLD_TEST_PASSED || !isBelieved(s, beacon, s.firstCounter)) return
  s.beaconCounter = beacon.counter
  s.alarmSignAtMs = s.atMs
  if (beacon.told === TOLD_RESOLVED) {
    end(s, MOOD_RESOLVED)
  } else if (beacon.told !== s.told) {
    s.told = beacon.told
    s.sealAtMs = s.atMs
  }
}
