// In: the pendant. Out: what its next frame says, its counter reserved in flash before, and how often it is repeated.
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
  KIND_ASK,
  KIND_ASSIST,
  KIND_DURESS,
  KIND_DURESS_ASKING,
  KIND_DURESS_TESTING,
  KIND_IDLE,
  KIND_OKAY,
  KIND_TEST,
  TOLD_ACKNOWLEDGED,
} from '../../schemas/frame.ts'
import type { State } from '../fields.ts'
import {
  ASK_SEND_MS,
  BLOCK,
  BURST_INTERVAL_MS,
  COUNTER_MAX,
  isFaulty,
  JUMP_MS,
  MEASURE_BURST_MS,
  NONE,
} from '../state.ts'

const isTold = (s: State): boolean => s.alarmKind !== NONE && s.told >= TOLD_ACKNOWLEDGED

export const flagsOf = (s: State): number =>
  (s.isCordParted ? FLAG_CORD_PARTED : 0) |
  (s.battery <= s.batteryLowPercent ? FLAG_BATTERY_LOW : 0) |
  (isFaulty(s) ? FLAG_FAULT : 0) |
  (isTold(s) ? FLAG_TOLD : 0) |
  (s.daysLeft << DAYS_LEFT_SHIFT)

/** What is sent: the alarm, or else the event, or else that it is there. */
export const kindOf = (s: State): number => s.alarmKind || s.eventKind || KIND_IDLE

/** As the frame has it: of a duress also what it seems to send. */
export const airedKindOf = (s: State): number =>
  s.alarmKind !== KIND_DURESS || s.eventKind === NONE
    ? kindOf(s)
    : s.eventTurn + (s.eventKind === KIND_TEST ? KIND_DURESS_TESTING : KIND_DURESS_ASKING)

/** The same for BTHome readers, as near as they have it; what is no press to them (a test, a cancel) is none. */
export const buttonOf = (s: State): number =>
  s.alarmKind === KIND_ASSIST
    ? BUTTON_DOUBLE
    : s.alarmKind !== NONE
      ? BUTTON_LONG
      : s.eventKind === KIND_OKAY
        ? BUTTON_PRESS
        : BUTTON_NONE

/** An ask, also one in a duress, and what else asks there, are as quick as each other: who is in reach of one is of all. */
const isBurst = (s: State): boolean =>
  (s.alarmKind !== NONE && s.atMs - s.alarmAtMs < s.burstMs) ||
  (s.eventKind !== NONE && s.atMs - s.eventAtMs < (s.eventKind === KIND_ASK ? ASK_SEND_MS : s.burstMs))

const intervalOf = (s: State): number => {
  if (kindOf(s) === KIND_IDLE) return s.isMeasuring ? BURST_INTERVAL_MS : s.idleMs
  if (isBurst(s)) return BURST_INTERVAL_MS
  // What a duress seems to send is as often on the air as if there were none.
  return isTold(s) && s.eventKind === NONE ? s.toldMs : s.slowMs
}

const idleRestMs = (s: State): number =>
  s.isMeasureDue && s.heartbeatMs > MEASURE_BURST_MS ? MEASURE_BURST_MS : s.heartbeatMs

/** One new frame: the counter moves, the chip repeats it by itself until the next. */
export const sealFrame = (s: State): void => {
  if (s.counter >= s.mark) {
    s.mark = Math.min(s.counter + BLOCK, COUNTER_MAX)
    s.isMarkDue = 1
  }
  // No counter may come twice under one key; a spent pendant is heard plain, with its fault shown.
  if (s.counter >= COUNTER_MAX) s.hasKey = 0
  const isIdle = kindOf(s) === KIND_IDLE
  // BTHome readers drop a packet id seen before: it stays through one alarm or event, so that they tell of it once.
  if (isIdle) s.packetId = (s.packetId + 1) & 0xff
  s.frameCounter = s.counter
  s.intervalMs = intervalOf(s)
  s.isFrameDue = 1
  const isRepeatable = isIdle && s.hasKey > s.isMeasuring
  s.isMeasureDue = s.isMeasuring
  s.isMeasuring = 0
  if (s.hasKey) s.counter++
  // Up to the mark, or to where more of the counter changes than its lowest byte.
  s.repeatsLeft = isRepeatable ? Math.min(s.mark - s.counter, -s.counter & 255) : 0
  s.sealAtMs = s.atMs + (isIdle ? idleRestMs(s) : s.resealMs)
}

/**
 * The turn that a pendant takes nearly always: nothing has happened, the next idle frame is due and nothing else, and it
 * differs from the last in its packet id and the lowest byte of its counter. `othersAtMs`: when anything else is due.
 */
export const canRepeat = (s: State, nowMs: number, othersAtMs: number): boolean =>
  s.repeatsLeft > 0 && nowMs >= s.sealAtMs && nowMs < othersAtMs && nowMs - s.sealAtMs <= JUMP_MS

/** That turn: a heartbeat on. */
export const repeat = (s: State, nowMs: number): void => {
  s.repeatsLeft--
  s.atMs = nowMs
  s.sealAtMs = nowMs + s.heartbeatMs
  s.packetId = (s.packetId + 1) & 0xff
  s.frameCounter = s.counter++
}

/** Neither is the next frame due nor anything else, and the clock stands where it is to be expected. */
export const isIdling = (s: State, nowMs: number, othersAtMs: number): boolean =>
  nowMs < s.sealAtMs && nowMs < othersAtMs && nowMs >= s.atMs && nowMs - s.atMs <= JUMP_MS
