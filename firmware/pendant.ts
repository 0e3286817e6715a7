// The pendant as a pure machine: a state, one input, the time; out come the next state and what is to be done about it.
// Promises: a parted cord or a held button is an alarm at once; no alarm begins by itself; advertising never stops.
import {
  BUTTON_LONG,
  BUTTON_NONE,
  FLAG_BATTERY_LOW,
  FLAG_CORD_PARTED,
  FLAG_FAULT,
  FLAG_TOLD,
  KIND_BUTTON,
  KIND_CORD,
  KIND_IDLE,
  TOLD_ACKNOWLEDGED,
  TOLD_COMING,
  TOLD_HEARD,
  TOLD_NOTHING,
  TOLD_RESOLVED,
  TOLD_STORED,
} from '../schemas/frame.ts'
import type { Beacon } from './beacon.ts'
import type { Frame } from './frame.ts'
import {
  MOOD_ACKNOWLEDGED,
  MOOD_BEGUN,
  MOOD_COMING,
  MOOD_DARK,
  MOOD_FAULT,
  MOOD_HEARD,
  MOOD_RESOLVED,
  MOOD_STORED,
  patternOf,
} from './lights.ts'
import type { Settings } from './settings.ts'

/** Counters reserved in flash at a time; firmware/README.md has the arithmetic of the wear. */
export const BLOCK = 8192
/** The radio may not repeat a non-connectable advertisement faster than this [Core 5.2 Vol 6 Part B 4.4.2.2]. */
export const BURST_INTERVAL_MS = 100
export const COUNTER_MAX = 0xffffffff
/** The battery is measured this often, and never during an alarm, when lights and radio pull it down. */
export const MEASURE_MS = 600000
const NEVER = Infinity

export type Alarm = {
  kind: number
  number: number
  beganAtMs: number
  /** Counters of its first and newest frame; a beacon has to name one between them. -1 before the first. */
  firstCounter: number
  newestCounter: number
  told: number
  /** When the wearer or the gateway last gave a sign of life about it; it times out from here. */
  lastSignAtMs: number
}

export type State = {
  alarm: Alarm | null
  counter: number
  /** Counters below this are reserved in flash. */
  mark: number
  /** The newest alarm number that was ever on the air; 0 before the first. */
  number: number
  packetId: number
  battery: number
  isCordParted: boolean
  /** The cord was parted, or the button down, already at power-on: a fault until it is first seen well. */
  isCordFaulty: boolean
  isButtonFaulty: boolean
  isStorageFaulty: boolean
  /** Which counters were used is not known any more: nothing may be sealed until the pendant is enrolled anew. */
  isMarkLost: boolean
  hasErred: boolean
  hasKey: boolean
  /** Settings file missing or broken. */
  isUnset: boolean
  beaconCounter: number
  mood: number
  lightStep: number
  isScanning: boolean
  holdAtMs: number
  sealAtMs: number
  scanAtMs: number
  lightAtMs: number
  measureAtMs: number
}

export type Boot = {
  kind: 'boot'
  isCordParted: boolean
  isButtonDown: boolean
  battery: number
  /** What Storage remembers: counters below may have been used; the newest alarm number. */
  counter: number
  number: number
  /** Storage once knew and does not any more. */
  isMarkLost: boolean
}

export type Input =
  | Boot
  | { kind: 'cord'; isParted: boolean }
  | { kind: 'button'; isDown: boolean }
  | { kind: 'beacon'; beacon: Beacon }
  | { kind: 'battery'; percent: number }
  | { kind: 'storage'; isWell: boolean }
  | { kind: 'error' }
  | { kind: 'timer' }

/** In the order they are to be done: a reservation stands before the advertisement that uses it. */
export type Effect =
  | { kind: 'reserve'; counter: number; number: number }
  | { kind: 'advertise'; counter: number; frame: Frame; intervalMs: number }
  | { kind: 'scan'; isOn: boolean }
  | { kind: 'lights'; colours: number }
  | { kind: 'measure' }

export type Turn = { state: State; effects: Effect[] }

const isFaulty = (s: State): boolean =>
  s.isUnset || !s.hasKey || s.isCordFaulty || s.isButtonFaulty || s.isStorageFaulty || s.hasErred

const flagsOf = (s: State, settings: Settings): number =>
  (s.isCordParted ? FLAG_CORD_PARTED : 0) |
  (s.battery <= settings.batteryLowPercent ? FLAG_BATTERY_LOW : 0) |
  (isFaulty(s) ? FLAG_FAULT : 0) |
  (s.alarm !== null && s.alarm.told >= TOLD_ACKNOWLEDGED ? FLAG_TOLD : 0)

const frameOf = (s: State, settings: Settings): Frame => ({
  packetId: s.packetId,
  battery: s.battery,
  button: s.alarm === null ? BUTTON_NONE : BUTTON_LONG,
  kind: s.alarm === null ? KIND_IDLE : s.alarm.kind,
  number: s.number,
  flags: flagsOf(s, settings),
})

const intervalOf = (s: State, settings: Settings, nowMs: number): number => {
  if (s.alarm === null) return settings.idleMs
  if (nowMs - s.alarm.beganAtMs < settings.burstMs) return BURST_INTERVAL_MS
  return s.alarm.told >= TOLD_ACKNOWLEDGED ? settings.toldMs : settings.slowMs
}

const reserve = (s: State, effects: Effect[]): void => {
  // A mark written now would look whole at the next power-on, and its counters were used before.
  if (s.isMarkLost) return
  effects.push({ kind: 'reserve', counter: s.mark, number: s.number })
}

/** One new frame: the counter moves, the chip repeats it by itself until the next. */
const sealFrame = (s: State, settings: Settings, nowMs: number, effects: Effect[]): void => {
  if (s.counter >= s.mark) {
    s.mark = Math.min(s.counter + BLOCK, COUNTER_MAX)
    reserve(s, effects)
  }
  // No counter may come twice under one key; a spent pendant is heard plain, with its fault shown.
  if (s.counter >= COUNTER_MAX) s.hasKey = false
  // BTHome readers drop a packet id seen before: it stays through one alarm, so that they tell of it once.
  if (s.alarm === null) s.packetId = (s.packetId + 1) & 0xff
  effects.push({
    kind: 'advertise',
    counter: s.counter,
    frame: frameOf(s, settings),
    intervalMs: intervalOf(s, settings, nowMs),
  })
  if (s.alarm !== null) {
    if (s.alarm.firstCounter < 0) s.alarm.firstCounter = s.counter
    s.alarm.newestCounter = s.counter
  }
  if (s.hasKey) s.counter++
  s.sealAtMs = nowMs + (s.alarm === null ? settings.heartbeatMs : settings.resealMs)
}

const moodOf = (s: State): number => {
  if (s.alarm === null) return isFaulty(s) ? MOOD_FAULT : MOOD_DARK
  switch (s.alarm.told) {
    case TOLD_HEARD:
      return MOOD_HEARD
    case TOLD_STORED:
      return MOOD_STORED
    case TOLD_ACKNOWLEDGED:
      return MOOD_ACKNOWLEDGED
    case TOLD_COMING:
      return MOOD_COMING
    default:
      return MOOD_BEGUN
  }
}

const show = (s: State, mood: number, nowMs: number): void => {
  s.mood = mood
  s.lightStep = -1
  s.lightAtMs = nowMs
}

/** Shows what there is to tell now, without starting anew a pattern that is already on, nor cutting 'resolved' short. */
const refresh = (s: State, nowMs: number): void => {
  const mood = moodOf(s)
  if (mood === s.mood || (s.mood === MOOD_RESOLVED && s.alarm === null)) return
  show(s, mood, nowMs)
}

const light = (s: State, nowMs: number, effects: Effect[]): void => {
  const pattern = patternOf(s.mood)
  s.lightStep++
  if (pattern?.isRepeated) s.lightStep %= pattern.steps.length
  const step = pattern === null ? undefined : pattern.steps[s.lightStep]
  if (step !== undefined) {
    effects.push({ kind: 'lights', colours: step.colours })
    s.lightAtMs = nowMs + step.forMs
    return
  }
  // The pattern is played to its end, or there is none.
  const isOver = s.mood !== moodOf(s)
  effects.push({ kind: 'lights', colours: 0 })
  s.mood = moodOf(s)
  s.lightStep = -1
  s.lightAtMs = isOver && s.mood !== MOOD_DARK ? nowMs : NEVER
}

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
    effects.push({ kind: 'measure' })
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

/** A pendant before its boot input. */
export const asleep = (settings: Settings): State => ({
  alarm: null,
  counter: 0,
  mark: 0,
  number: 0,
  packetId: 0,
  battery: 100,
  isCordParted: false,
  isCordFaulty: false,
  isButtonFaulty: false,
  isStorageFaulty: false,
  isMarkLost: false,
  hasErred: false,
  hasKey: settings.key !== null,
  isUnset: settings.fault !== null,
  beaconCounter: -1,
  mood: MOOD_DARK,
  lightStep: 0,
  isScanning: false,
  holdAtMs: NEVER,
  sealAtMs: NEVER,
  scanAtMs: NEVER,
  lightAtMs: NEVER,
  measureAtMs: NEVER,
})

/** When the next 'timer' input is due, at the latest. */
export const wakeAtMs = (s: State): number =>
  Math.min(s.holdAtMs, s.sealAtMs, s.scanAtMs, s.lightAtMs, s.measureAtMs)

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
