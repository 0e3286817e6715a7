// In: the state, and why an alarm begins, ends or is told of. Out: the state with it. An alarm ends by a believed
// 'resolved', by its long silence, or by the wearer's cancel; nothing else forgets it.
import { KIND_DURESS, TOLD_NOTHING, TOLD_RESOLVED, TOLD_TEST_PASSED } from '../schemas/frame.ts'
import type { Beacon } from './beacon.ts'
import { spoil } from './gesture.ts'
import { MOOD_BEGUN, MOOD_DARK, MOOD_RESOLVED } from './lights.ts'
import { reserve } from './sending.ts'
import type { Settings } from './settings.ts'
import { type Alarm, type Effect, MEASURE_MS, NEVER, type State } from './state.ts'
import { show } from './telling.ts'

export const scan = (s: State, isOn: boolean, effects: Effect[]): void => {
  if (s.isScanning === isOn) return
  s.isScanning = isOn
  effects.push({ kind: 'scan', isOn: isOn })
}

/** Opens the next ear window at once, unless one is open. */
export const listen = (s: State, nowMs: number): void => {
  if (!s.isScanning) s.scanAtMs = nowMs
}

export const begin = (s: State, kind: number, nowMs: number, effects: Effect[]): void => {
  // 0 means that there never was an alarm, so the number goes round from 255 to 1.
  s.number = s.number >= 255 ? 1 : s.number + 1
  s.packetId = (s.packetId + 1) & 0xff
  s.event = null
  s.alarm = {
    kind: kind,
    number: s.number,
    beganAtMs: nowMs,
    firstCounter: -1,
    newestCounter: -1,
    told: TOLD_NOTHING,
    lastSignAtMs: nowMs,
    isHidden: kind === KIND_DURESS,
  }
  // Written before it is first on the air, so that no battery change makes a new alarm look like an old one.
  reserve(s, effects)
  s.sealAtMs = nowMs
  s.measureAtMs = NEVER
  s.isMeasuring = false
  // The presses that began it are not the first of those that end it.
  spoil(s)
  listen(s, nowMs)
  show(s, kind === KIND_DURESS ? MOOD_DARK : MOOD_BEGUN, nowMs)
}

export const end = (s: State, settings: Settings, mood: number, nowMs: number, effects: Effect[]): void => {
  const wasHidden = s.alarm?.isHidden === true
  s.alarm = null
  if (s.event === null) {
    s.scanAtMs = NEVER
    scan(s, false, effects)
  }
  s.sealAtMs = nowMs
  s.measureAtMs = nowMs + MEASURE_MS
  // A hold that might have been the end of a cancel is an alarm like any other, now that there is nothing to cancel.
  if (s.holdAtMs !== NEVER) s.holdAtMs = s.pressedAtMs + settings.holdMs
  if (!wasHidden) show(s, mood, nowMs)
}

/** The rule of schemas/frame.ts: newer than the last, about this very alarm or test, naming a frame of it. */
export const isBelieved = (
  s: State,
  about: { firstCounter: number; newestCounter: number },
  beacon: Beacon,
): boolean =>
  beacon.counter > s.beaconCounter &&
  beacon.number === s.number &&
  about.firstCounter >= 0 &&
  beacon.frameCounter >= about.firstCounter &&
  beacon.frameCounter <= about.newestCounter

export const hearOfAlarm = (
  s: State,
  settings: Settings,
  alarm: Alarm,
  beacon: Beacon,
  nowMs: number,
  effects: Effect[],
): void => {
  if (beacon.told >= TOLD_TEST_PASSED || !isBelieved(s, alarm, beacon)) return
  s.beaconCounter = beacon.counter
  alarm.lastSignAtMs = nowMs
  if (beacon.told === TOLD_RESOLVED) {
    end(s, settings, MOOD_RESOLVED, nowMs, effects)
  } else if (beacon.told > alarm.told) {
    alarm.told = beacon.told
    s.sealAtMs = nowMs
  }
}
