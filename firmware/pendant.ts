// The pendant as a pure machine: a state, one input, the time; out come the next state and what is to be done about it.
// Promises: a parted cord or a held button is an alarm at once; no alarm begins by itself; advertising never stops.
import {
  KIND_ASSIST,
  KIND_BUTTON,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_OKAY,
  KIND_TEST,
} from '../schemas/frame.ts'
import { begin, end, hearOfAlarm, scan } from './alarm.ts'
import { daysLeft } from './battery.ts'
import type { Beacon } from './beacon.ts'
import { expire, hearOfTest, send } from './event.ts'
import {
  alone,
  GESTURE_ASSIST,
  GESTURE_CANCEL,
  GESTURE_DURESS,
  GESTURE_HOLD,
  GESTURE_OKAY,
  GESTURE_TEST,
  hold,
  press,
  release,
} from './gesture.ts'
import { MOOD_DARK } from './lights.ts'
import { sealFrame } from './sending.ts'
import type { Settings } from './settings.ts'
import {
  type Boot,
  type Effect,
  type Input,
  JUMP_MS,
  MEASURE_MS,
  NEVER,
  type State,
  shift,
  type Turn,
} from './state.ts'
import { light, refresh } from './telling.ts'

const boot = (s: State, settings: Settings, input: Boot, nowMs: number): void => {
  s.bootAtMs = nowMs
  s.counter = Math.max(input.counter, settings.counter)
  s.mark = s.counter
  s.number = input.number
  s.battery = input.battery
  s.isMarkLost = input.isMarkLost
  if (s.isMarkLost) s.hasKey = false
  s.isCordParted = input.isCordParted
  s.isCordFaulty = input.isCordParted
  s.isButtonDown = input.isButtonDown
  s.isButtonFaulty = input.isButtonDown
  s.sealAtMs = nowMs
  s.measureAtMs = nowMs + MEASURE_MS
}

/** What a gesture does. A cancel and a duress differ in nothing that can be seen. */
const act = (s: State, settings: Settings, gesture: number, nowMs: number, effects: Effect[]): void => {
  switch (gesture) {
    case GESTURE_HOLD:
      begin(s, KIND_BUTTON, nowMs, effects)
      break
    case GESTURE_ASSIST:
      begin(s, KIND_ASSIST, nowMs, effects)
      break
    case GESTURE_DURESS:
      begin(s, KIND_DURESS, nowMs, effects)
      break
    case GESTURE_CANCEL:
      end(s, settings, MOOD_DARK, nowMs, effects)
      send(s, settings, KIND_CANCEL, nowMs, effects)
      break
    case GESTURE_TEST:
      send(s, settings, KIND_TEST, nowMs, effects)
      break
    case GESTURE_OKAY:
      send(s, settings, KIND_OKAY, nowMs, effects)
      break
  }
}

const arm = (s: State, nowMs: number): void => {
  s.armAtMs = NEVER
  s.isCordFaulty = false
  s.sealAtMs = nowMs
}

/** A cord that was never in since power-on, or that hangs by a thread, makes no alarm, or no second one. */
const isLoose = (s: State, settings: Settings, nowMs: number): boolean =>
  s.isCordFaulty ||
  (s.alarm !== null && s.alarm.kind === KIND_CORD && nowMs - s.closedAtMs < settings.cordSettleMs)

const cord = (s: State, settings: Settings, isParted: boolean, nowMs: number, effects: Effect[]): void => {
  if (nowMs >= s.armAtMs) arm(s, nowMs)
  if (s.isCordParted === isParted) return
  s.isCordParted = isParted
  s.sealAtMs = nowMs
  s.armAtMs = NEVER
  if (isParted) {
    if (!isLoose(s, settings, nowMs)) begin(s, KIND_CORD, nowMs, effects)
  } else {
    s.closedAtMs = nowMs
    // A plug that slides in touches and lets go: it is armed once it has stayed.
    if (s.isCordFaulty) s.armAtMs = nowMs + settings.cordArmMs
  }
}

const button = (s: State, settings: Settings, isDown: boolean, nowMs: number, effects: Effect[]): void => {
  if (s.isButtonDown === isDown) return
  s.isButtonDown = isDown
  if (isDown) {
    press(s, settings, nowMs)
    return
  }
  if (s.isButtonFaulty) s.sealAtMs = nowMs
  s.isButtonFaulty = false
  act(s, settings, release(s, settings, nowMs), nowMs, effects)
}

const hear = (s: State, settings: Settings, beacon: Beacon, nowMs: number, effects: Effect[]): void => {
  if (s.alarm !== null) hearOfAlarm(s, settings, s.alarm, beacon, nowMs, effects)
  else if (s.event !== null) hearOfTest(s, s.event, beacon, nowMs, effects)
}

const storage = (s: State, isWell: boolean): void => {
  s.isStorageFaulty = !isWell
  // What could not be reserved is asked for again with the next frame: beyond the mark the pendant goes on, with its
  // fault shown, because mute is worse than a nonce that a second failure might repeat.
  if (!isWell) s.mark = s.counter
}

const dueGestures = (s: State, settings: Settings, nowMs: number, effects: Effect[]): void => {
  if (nowMs >= s.armAtMs) arm(s, nowMs)
  if (nowMs >= s.holdAtMs) act(s, settings, hold(s), nowMs, effects)
  if (nowMs >= s.groupAtMs) act(s, settings, alone(s, settings), nowMs, effects)
  if (nowMs >= s.stuckAtMs) {
    s.stuckAtMs = NEVER
    s.isButtonFaulty = true
    s.sealAtMs = nowMs
  }
}

const dueEnds = (s: State, settings: Settings, nowMs: number, effects: Effect[]): void => {
  if (s.alarm !== null && nowMs >= s.alarm.lastSignAtMs + settings.timeoutMs)
    end(s, settings, MOOD_DARK, nowMs, effects)
  if (s.event !== null && nowMs >= s.event.untilMs) expire(s, s.event, nowMs, effects)
}

/** With the radio at work, and not while anything else is sent: lights and ear would pull the battery down. */
const dueMeasure = (s: State, nowMs: number, effects: Effect[]): void => {
  if (s.event !== null) {
    s.measureAtMs = s.event.untilMs
    return
  }
  s.measureAtMs = nowMs + MEASURE_MS
  s.isMeasuring = true
  s.sealAtMs = nowMs
  effects.push({ kind: 'tidy' })
}

/** Everything whose time has come, so that a late timer delays and never loses anything. */
const due = (s: State, settings: Settings, nowMs: number, effects: Effect[]): void => {
  dueGestures(s, settings, nowMs, effects)
  dueEnds(s, settings, nowMs, effects)
  if (nowMs >= s.measureAtMs) dueMeasure(s, nowMs, effects)
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

const take = (s: State, settings: Settings, input: Input, nowMs: number, effects: Effect[]): void => {
  switch (input.kind) {
    case 'boot':
      boot(s, settings, input, nowMs)
      break
    case 'cord':
      cord(s, settings, input.isParted, nowMs, effects)
      break
    case 'button':
      // What has come to its end counts, even where the next edge is heard before the timer.
      if (nowMs >= Math.min(s.holdAtMs, s.groupAtMs)) dueGestures(s, settings, nowMs, effects)
      button(s, settings, input.isDown, nowMs, effects)
      break
    case 'beacon':
      hear(s, settings, input.beacon, nowMs, effects)
      break
    case 'battery':
      s.battery = input.percent
      s.daysLeft = daysLeft(settings, input.percent, nowMs - s.bootAtMs)
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
}

/** One step. Pure: the state before is left as it was. */
export const step = (settings: Settings, before: State, input: Input, nowMs: number): Turn => {
  const s: State = Object.assign({}, before)
  if (before.alarm !== null) s.alarm = Object.assign({}, before.alarm)
  if (before.event !== null) s.event = Object.assign({}, before.event)
  const effects: Effect[] = []
  const passedMs = nowMs - s.atMs
  if (input.kind !== 'boot' && (passedMs < 0 || passedMs > JUMP_MS)) shift(s, passedMs)
  s.atMs = nowMs
  take(s, settings, input, nowMs, effects)
  due(s, settings, nowMs, effects)
  return { state: s, effects: effects }
}
