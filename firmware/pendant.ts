// The pendant as a pure machine: a state, one input, the time; out come the next state and what is to be done about it.
// Promises: a parted cord or a held button is an alarm at once; no alarm begins by itself; advertising never stops.
import { KIND_BUTTON, KIND_CORD, TOLD_NOTHING, TOLD_RESOLVED } from '../schemas/frame.ts'
import type { Beacon } from './beacon.ts'
import { MOOD_BEGUN, MOOD_DARK, MOOD_RESOLVED } from './lights.ts'
import { reserve, sealFrame } from './sending.ts'
import type { Settings } from './settings.ts'
import {
  type Alarm,
  type Boot,
  type Effect,
  type Input,
  MEASURE_MS,
  NEVER,
  type State,
  type Turn,
} from './state.ts'
import { light, refresh, show } from './telling.ts'

const scan = (s: State, isOn: boolean, effects: Effect[]): void => {
  if (s.isScanning === isOn) return
  s.isScanning = isOn
  effects.push({ kind: 'scan', isOn: isOn })
}

const begin = (s: State, kind: number, nowMs: number, effects: Effect[]): void => {
  // 0 means that there never was an alarm, so the number goes round from 255 to 1.
  s.number = s.number >= 255 ? 1 : s.number + 1
  s.packetId = (s.packetId + 1) & 0xff
  s.alarm = {
    kind: kind,
    number: s.number,
    beganAtMs: nowMs,
    firstCounter: -1,
    newestCounter: -1,
    told: TOLD_NOTHING,
    lastSignAtMs: nowMs,
  }
  // Written before it is first on the air, so that no battery change makes a new alarm look like an old one.
  reserve(s, effects)
  s.sealAtMs = nowMs
  s.scanAtMs = nowMs
  s.measureAtMs = NEVER
  show(s, MOOD_BEGUN, nowMs)
}

const end = (s: State, mood: number, nowMs: number, effects: Effect[]): void => {
  s.alarm = null
  s.scanAtMs = NEVER
  scan(s, false, effects)
  s.sealAtMs = nowMs
  s.measureAtMs = nowMs + MEASURE_MS
  show(s, mood, nowMs)
}

/** The rule of schemas/frame.ts: newer than the last, about this very alarm, naming a frame of it. */
const isBelieved = (s: State, alarm: Alarm, beacon: Beacon): boolean =>
  beacon.counter > s.beaconCounter &&
  beacon.number === alarm.number &&
  alarm.firstCounter >= 0 &&
  beacon.frameCounter >= alarm.firstCounter &&
  beacon.frameCounter <= alarm.newestCounter

const hear = (s: State, beacon: Beacon, nowMs: number, effects: Effect[]): void => {
  const alarm = s.alarm
  if (alarm === null || !isBelieved(s, alarm, beacon)) return
  s.beaconCounter = beacon.counter
  alarm.lastSignAtMs = nowMs
  if (beacon.told === TOLD_RESOLVED) {
    end(s, MOOD_RESOLVED, nowMs, effects)
  } else if (beacon.told > alarm.told && beacon.told < TOLD_RESOLVED) {
    alarm.told = beacon.told
    s.sealAtMs = nowMs
  }
}

const boot = (s: State, settings: Settings, input: Boot, nowMs: number): void => {
  s.counter = Math.max(input.counter, settings.counter)
  s.mark = s.counter
  s.number = input.number
  s.battery = input.battery
  s.isMarkLost = input.isMarkLost
  if (s.isMarkLost) s.hasKey = false
  s.isCordParted = input.isCordParted
  s.isCordFaulty = input.isCordParted
  s.isButtonFaulty = input.isButtonDown
  s.sealAtMs = nowMs
  s.measureAtMs = nowMs + MEASURE_MS
}

const cord = (s: State, isParted: boolean, nowMs: number, effects: Effect[]): void => {
  if (s.isCordParted === isParted) return
  s.isCordParted = isParted
  s.isCordFaulty = false
  s.sealAtMs = nowMs
  if (isParted) begin(s, KIND_CORD, nowMs, effects)
}

const button = (s: State, settings: Settings, isDown: boolean, nowMs: number): void => {
  if (!isDown) s.isButtonFaulty = false
  s.holdAtMs = isDown && !s.isButtonFaulty ? nowMs + settings.holdMs : NEVER
}

const storage = (s: State, isWell: boolean): void => {
  s.isStorageFaulty = !isWell
  // What could not be reserved is asked for again with the next frame: beyond the mark the pendant goes on, with its
  // fault shown, because mute is worse than a nonce that a second failure might repeat.
  if (!isWell) s.mark = s.counter
}

/** Everything whose time has come, so that a late timer delays and never loses anything. */
const due = (s: State, settings: Settings, nowMs: number, effects: Effect[]): void => {
  if (nowMs >= s.holdAtMs) {
    s.holdAtMs = NEVER
    begin(s, KIND_BUTTON, nowMs, effects)
  }
  if (s.alarm !== null && nowMs >= s.alarm.lastSignAtMs + settings.timeoutMs)
    end(s, MOOD_DARK, nowMs, effects)
  if (nowMs >= s.measureAtMs) {
    s.measureAtMs = nowMs + MEASURE_MS
    effects.push({ kind: 'measure' }, { kind: 'tidy' })
  }
  if (nowMs >= s.sealAtMs) sealFrame(s, settings, nowMs, effects)
  if (nowMs >= s.scanAtMs) {
    const restMs = Math.max(0, settings.scanEveryMs - settings.scanMs)
    // A window as long as its period means listening all the time.
    scan(s, !s.isScanning || restMs === 0, effects)
    s.scanAtMs = nowMs + (s.isScanning ? settings.scanMs : restMs)
  }
  refresh(s, nowMs)
  if (nowMs >= s.lightAtMs) light(s, nowMs, effects)
}

/** One step. Pure: the state before is left as it was. */
export const step = (settings: Settings, before: State, input: Input, nowMs: number): Turn => {
  const s: State = Object.assign({}, before)
  if (before.alarm !== null) s.alarm = Object.assign({}, before.alarm)
  const effects: Effect[] = []
  switch (input.kind) {
    case 'boot':
      boot(s, settings, input, nowMs)
      break
    case 'cord':
      cord(s, input.isParted, nowMs, effects)
      break
    case 'button':
      // A hold that has come to its end counts, even where the release is heard before the timer.
      if (nowMs >= s.holdAtMs) due(s, settings, nowMs, effects)
      button(s, settings, input.isDown, nowMs)
      break
    case 'beacon':
      hear(s, input.beacon, nowMs, effects)
      break
    case 'battery':
      s.battery = input.percent
      break
    case 'storage':
      storage(s, input.isWell)
      break
    case 'error':
      s.hasErred = true
      break
    case 'timer':
      break
  }
  due(s, settings, nowMs, effects)
  return { state: s, effects: effects }
}
