// The pendant as a machine: one input and the time, and its numbers move; what is to be done about it stands in them
// (isFrameDue, isScanning, colours …) for main to do. No clock and no I/O: the same inputs give the same numbers.
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
import type { Beacon } from './air/beacon.ts'
import { sealFrame } from './air/sending.ts'
import { daysLeft } from './cell/battery.ts'
import type { State } from './fields.ts'
import { ASK_SOON_MS, BLOCK, handAtMs, isOpenly, JUMP_MS, MEASURE_MS, NEVER, NONE, shift } from './state.ts'
import { begin, end, hearOfAlarm, resume } from './wearer/alarm.ts'
import { ask, expire, hearOfEvent, send } from './wearer/event.ts'
import { answer, dueFall, MOTION_SILENT_MS } from './wearer/fall.ts'
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
} from './wearer/gesture.ts'
import { MOOD_DARK } from './wearer/lights.ts'
import { light, refresh } from './wearer/telling.ts'

/** The first ask, that soon after power-on. */
export const ASK_FIRST_MS = 10000

/** Power is on, cord and button are as they are found, flash and battery have been asked. The first turn follows. */
export const boot = (s: State, nowMs: number): void => {
  s.atMs = nowMs
  s.bootAtMs = nowMs
  s.mark = s.counter
  // Another one after each power-on: an alarm that goes on under its old number is seen to be of a pendant that forgot.
  s.packetId = (s.counter / BLOCK) & 0xff
  if (s.isMarkLost) s.hasKey = 0
  // Of an alarm of the cord that goes on it is known why the cord is out.
  s.isCordFaulty = s.alarmKind === KIND_CORD ? 0 : s.isCordParted
  s.isButtonFaulty = s.isButtonDown
  s.sealAtMs = nowMs
  s.measureAtMs = nowMs + MEASURE_MS
  if (s.askEveryMs > 0) s.askAtMs = nowMs + ASK_FIRST_MS
  s.stillAtMs = nowMs
  s.sampledAtMs = nowMs
  if (s.motionKind > 0) s.fallAtMs = nowMs + MOTION_SILENT_MS
  resume(s)
}

/** What a cancel and a duress have in common, which is all that can be seen of them. */
const cancel = (s: State): void => {
  s.hushedAtMs = s.atMs
  s.worn = 0
  if (s.askEveryMs > 0) s.askAtMs = s.atMs + ASK_SOON_MS
  send(s, KIND_CANCEL)
}

/** What a gesture does. A cancel and a duress differ in nothing that can be seen. */
const act = (s: State, gesture: number): void => {
  switch (gesture) {
    case GESTURE_HOLD:
      begin(s, KIND_BUTTON)
      break
    case GESTURE_ASSIST:
      begin(s, KIND_ASSIST)
      break
    case GESTURE_DURESS:
      begin(s, KIND_DURESS)
      cancel(s)
      break
    case GESTURE_CANCEL:
      // Where nothing shows there is nothing to end: resolved meanwhile, cancelled before, or under duress.
      if (isOpenly(s)) end(s, MOOD_DARK)
      cancel(s)
      break
    case GESTURE_TEST:
      send(s, KIND_TEST)
      break
    case GESTURE_OKAY:
      send(s, KIND_OKAY)
      break
  }
}

const arm = (s: State): void => {
  s.armAtMs = NEVER
  s.isCordFaulty = 0
  s.sealAtMs = s.atMs
}

/** A cord that was never in since power-on, or that hangs by a thread, makes no alarm, or no second one. */
const isThread = (s: State): boolean =>
  s.isCordFaulty === 1 || (s.alarmKind === KIND_CORD && s.atMs - s.closedAtMs < s.cordSettleMs)

/** The cord parted (1) or was put back (0). */
export const cord = (s: State, isParted: number): void => {
  if (s.atMs >= s.armAtMs) arm(s)
  if (s.isCordParted === isParted) return
  s.isCordParted = isParted
  s.sealAtMs = s.atMs
  s.armAtMs = NEVER
  if (isParted) {
    if (!isThread(s)) begin(s, KIND_CORD)
  } else {
    s.closedAtMs = s.atMs
    // A plug that slides in touches and lets go: it is armed once it has stayed.
    if (s.isCordFaulty) s.armAtMs = s.atMs + s.cordArmMs
  }
}

const dueGestures = (s: State): void => {
  if (s.atMs >= s.armAtMs) arm(s)
  if (s.atMs >= s.holdAtMs) act(s, hold(s))
  if (s.atMs >= s.groupAtMs) act(s, alone(s))
  if (s.atMs >= s.stuckAtMs) {
    s.stuckAtMs = NEVER
    s.isButtonFaulty = 1
    s.sealAtMs = s.atMs
  }
}

/** The button went down (1) or was let go (0). */
export const button = (s: State, isDown: number): void => {
  // What has come to its end counts, even where the next edge is heard before the timer.
  if (s.atMs >= Math.min(s.holdAtMs, s.groupAtMs)) dueGestures(s)
  if (s.isButtonDown === isDown) return
  s.isButtonDown = isDown
  if (isDown) {
    const isAnswer = s.isPreAlarm
    if (isAnswer) answer(s)
    // What was known of the desk may be minutes old, and whoever presses looks at the lights.
    if (s.isDeaf && s.askEveryMs > 0) s.askAtMs = Math.min(s.askAtMs, s.atMs + ASK_SOON_MS)
    act(s, press(s))
    if (isAnswer) s.isHushed = 1
    return
  }
  if (s.isButtonFaulty) s.sealAtMs = s.atMs
  s.isButtonFaulty = 0
  act(s, release(s))
}

/** A beacon that opened. */
export const hear = (s: State, beacon: Beacon): void => {
  if (s.alarmKind !== NONE) hearOfAlarm(s, beacon)
  // Of a duress the gateway tells as of any alarm, and besides what is asked.
  if (!isOpenly(s)) hearOfEvent(s, beacon)
}

/** What could not be written down is asked for again with the next frame. */
export const stored = (s: State, isWell: boolean): void => {
  s.isStorageFaulty = isWell ? 0 : 1
  // Beyond the mark the pendant goes on, with its fault shown, because mute is worse than a nonce that a second failure
  // might repeat.
  if (isWell) return
  s.mark = s.counter
  s.repeatsLeft = 0
}

/** The battery under load. */
export const measured = (s: State, percent: number): void => {
  s.battery = percent
  s.daysLeft = daysLeft(s)
}

/** With the radio at work, and not while anything else is sent: lights and ear would pull the battery down. */
const dueMeasure = (s: State): void => {
  if (s.eventKind !== NONE) {
    s.measureAtMs = s.eventUntilMs
    return
  }
  s.measureAtMs = s.atMs + MEASURE_MS
  s.isMeasuring = 1
  s.isTidyDue = 1
  s.sealAtMs = s.atMs
}

/** A window as long as its period means listening all the time. */
const dueScan = (s: State): void => {
  const restMs = Math.max(0, s.scanEveryMs - s.scanMs)
  s.isScanning = s.isScanning === 0 || restMs === 0 ? 1 : 0
  s.scanAtMs = s.atMs + (s.isScanning ? s.scanMs : restMs)
}

/** Everything whose time has come, up to the next frame, so that a late timer delays and never loses anything. */
const due = (s: State): void => {
  if (s.atMs >= handAtMs(s)) dueGestures(s)
  if (s.atMs >= s.fallAtMs) dueFall(s)
  if (s.alarmKind !== NONE && s.atMs >= s.alarmSignAtMs + s.timeoutMs) end(s, MOOD_DARK)
  if (s.atMs >= s.eventUntilMs) expire(s)
  if (s.atMs >= s.measureAtMs) dueMeasure(s)
  else if (s.atMs >= s.askAtMs) ask(s)
  if (s.atMs >= s.sealAtMs) sealFrame(s)
}

/** Ear and lights, which no frame waits for: the second half of a turn. */
export const follow = (s: State): void => {
  if (s.atMs >= s.scanAtMs) dueScan(s)
  refresh(s)
  if (s.atMs >= s.lightAtMs) light(s)
}

/** The pad of the cord needs the chip's own pull-up to lift it: its resistor is missing. */
export const loose = (s: State): void => {
  s.isPullFaulty = 1
  s.sealAtMs = s.atMs
}

/** The first half of a turn at an instant: what came in, if anything did and it is not only time that has passed, and its value. */
export const take = <Value>(
  s: State,
  nowMs: number,
  input?: ((s: State, value: Value) => void) | null | undefined,
  value?: Value,
): void => {
  const passedMs = nowMs - s.atMs
  if (passedMs < 0 || passedMs > JUMP_MS) shift(s, passedMs)
  s.atMs = nowMs
  s.repeatsLeft = 0
  if (input) input(s, value as Value)
  due(s)
}
