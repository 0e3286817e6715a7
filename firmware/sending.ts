// In: the state. Out: the next frame on the air, its counter reserved in flash before, and how often it is repeated.
import {
  BUTTON_DOUBLE,
  BUTTON_LONG,
  BUTTON_NONE,
  BUTTON_PRESS,
  DAYS_LEFT_SHIFT,
  FLAG_BATTERY_LOW,
  FLAG_CORD_PARTED,
  FLAG_FAULT,
  FLAG_TOLD,
  KIND_ASSIST,
  KIND_IDLE,
  KIND_OKAY,
  TOLD_ACKNOWLEDGED,
} from '../schemas/frame.ts'
import type { Frame } from './frame.ts'
import type { Settings } from './settings.ts'
import { BLOCK, BURST_INTERVAL_MS, COUNTER_MAX, type Effect, isFaulty, type State } from './state.ts'

const flagsOf = (s: State, settings: Settings): number =>
  (s.isCordParted ? FLAG_CORD_PARTED : 0) |
  (s.battery <= settings.batteryLowPercent ? FLAG_BATTERY_LOW : 0) |
  (isFaulty(s) ? FLAG_FAULT : 0) |
  (s.alarm !== null && s.alarm.told >= TOLD_ACKNOWLEDGED ? FLAG_TOLD : 0) |
  (s.daysLeft << DAYS_LEFT_SHIFT)

const kindOf = (s: State): number => {
  if (s.alarm !== null) return s.alarm.kind
  return s.event === null ? KIND_IDLE : s.event.kind
}

/** The same for BTHome readers, as near as they have it; what is no press to them (a test, a cancel) is none. */
const buttonOf = (s: State): number => {
  if (s.alarm !== null) return s.alarm.kind === KIND_ASSIST ? BUTTON_DOUBLE : BUTTON_LONG
  return s.event !== null && s.event.kind === KIND_OKAY ? BUTTON_PRESS : BUTTON_NONE
}

const frameOf = (s: State, settings: Settings): Frame => ({
  packetId: s.packetId,
  battery: s.battery,
  button: buttonOf(s),
  kind: kindOf(s),
  number: s.number,
  flags: flagsOf(s, settings),
})

const intervalOf = (s: State, settings: Settings, nowMs: number): number => {
  const sent = s.alarm === null ? s.event : s.alarm
  if (sent === null) return s.isMeasuring ? BURST_INTERVAL_MS : settings.idleMs
  if (nowMs - sent.beganAtMs < settings.burstMs) return BURST_INTERVAL_MS
  return s.alarm !== null && s.alarm.told >= TOLD_ACKNOWLEDGED ? settings.toldMs : settings.slowMs
}

/** Asks for what is reserved to be written down. */
export const reserve = (s: State, effects: Effect[]): void => {
  // A mark written now would look whole at the next power-on, and its counters were used before.
  if (s.isMarkLost) return
  effects.push({ kind: 'reserve', counter: s.mark, number: s.number })
}

/** One new frame: the counter moves, the chip repeats it by itself until the next. */
export const sealFrame = (s: State, settings: Settings, nowMs: number, effects: Effect[]): void => {
  if (s.counter >= s.mark) {
    s.mark = Math.min(s.counter + BLOCK, COUNTER_MAX)
    reserve(s, effects)
  }
  // No counter may come twice under one key; a spent pendant is heard plain, with its fault shown.
  if (s.counter >= COUNTER_MAX) s.hasKey = false
  const sent = s.alarm === null ? s.event : s.alarm
  // BTHome readers drop a packet id seen before: it stays through one alarm or event, so that they tell of it once.
  if (sent === null) s.packetId = (s.packetId + 1) & 0xff
  effects.push({
    kind: 'advertise',
    counter: s.counter,
    frame: frameOf(s, settings),
    intervalMs: intervalOf(s, settings, nowMs),
  })
  if (s.isMeasuring) effects.push({ kind: 'measure' })
  s.isMeasuring = false
  if (sent !== null) {
    if (sent.firstCounter < 0) sent.firstCounter = s.counter
    sent.newestCounter = s.counter
  }
  if (s.hasKey) s.counter++
  s.sealAtMs = nowMs + (sent === null ? settings.heartbeatMs : settings.resealMs)
}
