// In: what the accelerometer says, in thousandths of g. Out: whether the wearer is down: still for a while, and tilted out
// of the upright that the pendant hangs at. First a pre-alarm, which any movement or press stops, and then the alarm.
import { KIND_MAN_DOWN } from '../../schemas/frame.ts'
import { MOTION_WORN } from '../board.ts'
import type { State } from '../fields.ts'
import { isOpenly, JUMP_MS } from '../state.ts'
import { begin } from './alarm.ts'

/** Moving samples until upright is known, 40 s of walking; and those that it is the mean of, 160 s of it. */
export const LEARNT_MIN = 64
const LEARNT_MAX = 256
/** Moving samples that it must be seen upright for, 10 s, before it watches: at first, and after each alarm or press. */
export const WORN_MIN = 16
/** The square of 0.8 g: a shorter mean of gravity has hung this way and that, and tells no upright. */
const STEADY = 640000
/** A sensor that was asked to tell and tells nothing for so long is at fault. */
export const MOTION_SILENT_MS = 60000

/** 1 where gravity now is upright, -1 where it is not, 0 where upright is not known. A watch has none: always both. */
const uprightness = (s: State): number => {
  const up = s.upX * s.upX + s.upY * s.upY + s.upZ * s.upZ
  if (up < STEADY || s.learnt < LEARNT_MIN) return 0
  const length = Math.sqrt(up * (s.nowX * s.nowX + s.nowY * s.nowY + s.nowZ * s.nowZ))
  const along = s.nowX * s.upX + s.nowY * s.upY + s.nowZ * s.upZ
  return along < length * Math.cos((s.tiltDeg * Math.PI) / 180) ? -1 : 1
}

/** Of somebody who moves about: a pendant hangs by its cord, so that the mean of its gravity is what it is upright. */
const learn = (s: State): void => {
  if (s.learnt < LEARNT_MAX) s.learnt++
  s.upX += (s.nowX - s.upX) / s.learnt
  s.upY += (s.nowY - s.upY) / s.learnt
  s.upZ += (s.nowZ - s.upZ) / s.learnt
}

/**
 * A sample, in mg, between two turns; true where it asks for a turn. Nearly all ask for none, because a turn each sample
 * would cost as much as the sensor.
 */
export const sampled = (s: State, nowMs: number, x: number, y: number, z: number): boolean => {
  if (s.manDown === 0) return false
  const passedMs = nowMs - s.atMs
  // The clock was set: the turn moves the instants with it, and the next sample counts again.
  if (passedMs < 0 || passedMs > JUMP_MS) return true
  const dx = x - s.nowX
  const dy = y - s.nowY
  const dz = z - s.nowZ
  const hasMoved = dx * dx + dy * dy + dz * dz >= s.moveMg * s.moveMg
  let isTurn = false
  s.nowX = x
  s.nowY = y
  s.nowZ = z
  s.sampledAtMs = nowMs
  if (hasMoved) s.stillAtMs = nowMs
  // Who writhes in an alarm teaches it no upright; in a duress it must look as if there were none.
  if (!isOpenly(s)) {
    if (hasMoved) learn(s)
    if (
      hasMoved
        ? s.worn < WORN_MIN
        : s.isPreAlarm === 0 && s.worn === WORN_MIN && nowMs - s.stillAtMs >= s.stillMs
    ) {
      const upright =
        s.motionKind !== MOTION_WORN ? uprightness(s) : s.learnt < LEARNT_MIN ? 0 : hasMoved ? 1 : -1
      if (hasMoved && upright > 0) s.worn++
      if (!hasMoved && upright < 0) {
        s.isPreAlarm = 1
        s.fallAtMs = nowMs + s.preAlarmMs
        isTurn = true
      }
    }
    if (hasMoved && s.isPreAlarm) {
      s.isPreAlarm = 0
      isTurn = true
    }
  }
  if (isTurn) s.repeatsLeft = 0
  return isTurn
}

/** The wearer says "I am well": a pendant that was taken off says nothing more until it is worn again. */
export const answer = (s: State): void => {
  s.isPreAlarm = 0
  s.stillAtMs = s.atMs
  s.worn = 0
}

/** The pre-alarm is over and nobody moved; or it is time to see whether the sensor tells anything. */
export const dueFall = (s: State): void => {
  if (s.isPreAlarm) begin(s, KIND_MAN_DOWN)
  const isSilent = s.atMs - s.sampledAtMs >= MOTION_SILENT_MS ? 1 : 0
  if (s.isMotionFaulty !== isSilent) s.sealAtMs = s.atMs
  s.isMotionFaulty = isSilent
  s.fallAtMs = s.atMs + MOTION_SILENT_MS
}
