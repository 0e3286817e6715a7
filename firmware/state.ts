// What a pendant is before it wakes, what can happen to it, and what several of its rules ask of it. Nothing here tells
// the time: `s.atMs` is the instant of the turn that is on.
import { KIND_DURESS } from '../schemas/frame.ts'
import { blank, type State } from './fields.ts'

/** Counters reserved in flash at a time; firmware/README.md has the arithmetic of the wear. */
export const BLOCK = 4096
/** The radio may not repeat a non-connectable advertisement faster than this [Core 5.2 Vol 6 Part B 4.4.2.2]. */
export const BURST_INTERVAL_MS = 100
export const COUNTER_MAX = 0xffffffff
/** The battery is measured, and the flash tidied, this often; never in an alarm, when lights and ear pull it down. */
export const MEASURE_MS = 3600000
/** The burst in which it is measured lasts a heartbeat, and no longer than this where heartbeats are rare. */
export const MEASURE_BURST_MS = 2000
/** An ask is repeated each 100 ms for so long, and then the ear opens. */
export const ASK_SEND_MS = 1000
/** What was known of the desk is asked anew so soon after it was doubted, or may have changed. */
export const ASK_SOON_MS = 5000
/** main never sleeps longer than 10 s and the watchdog bites at 15: a greater step, or one back, is the clock's own. */
export const JUMP_MS = 30000
/** So long after its alarm has gone dark, who cancels it (again, or for the first time) still means that alarm. */
export const HUSHED_MS = 10000
/** The instant of what is not to come. */
export const NEVER = Infinity
/** The instant of what never was. */
export const LONG_AGO = -Infinity
/** No alarm, or no event, in `alarmKind` and `eventKind`. */
export const NONE = 0

/** A pendant before its boot: `readSettings` puts its settings in. */
export const asleep = (): State => {
  const s = blank()
  s.atMs = LONG_AGO
  s.battery = 100
  s.frameCounter = -1
  s.beaconCounter = -1
  s.isQuiet = 1
  s.closedAtMs = LONG_AGO
  s.pressedAtMs = LONG_AGO
  s.releasedAtMs = LONG_AGO
  s.slowAtMs = LONG_AGO
  s.hushedAtMs = LONG_AGO
  s.eventUntilMs = NEVER
  s.armAtMs = NEVER
  s.holdAtMs = NEVER
  s.groupAtMs = NEVER
  s.stuckAtMs = NEVER
  s.sealAtMs = NEVER
  s.scanAtMs = NEVER
  s.lightAtMs = NEVER
  s.measureAtMs = NEVER
  s.askAtMs = NEVER
  s.fallAtMs = NEVER
  return s
}

/** The nearest instant of the hand: button and cord. */
export const handAtMs = (s: State): number => Math.min(s.armAtMs, s.holdAtMs, s.groupAtMs, s.stuckAtMs)

/** When anything but the next frame is due. */
export const othersDueAtMs = (s: State): number =>
  Math.min(handAtMs(s), s.scanAtMs, s.lightAtMs, s.measureAtMs, s.askAtMs, s.eventUntilMs, s.fallAtMs)

/** Something is wrong that the wearer and the desk have to see. */
export const isFaulty = (s: State): boolean =>
  s.isUnset +
    s.isCordFaulty +
    s.isPullFaulty +
    s.isButtonFaulty +
    s.isStorageFaulty +
    s.isMotionFaulty +
    s.hasErred >
    0 || s.hasKey === 0

/** An alarm that the pendant shows: in a duress every gesture means what it means when there is none. */
export const isOpenly = (s: State): boolean => s.alarmKind !== NONE && s.alarmKind !== KIND_DURESS

/** There is an alarm that shows, or one has gone dark just now: presses and a hold may mean its cancel. */
export const isCancellable = (s: State): boolean => isOpenly(s) || s.atMs - s.hushedAtMs < HUSHED_MS

/** The clock was set, or slipped: all instants move with it, so that no alarm times out and no frame waits for it. */
export const shift = (s: State, byMs: number): void => {
  s.bootAtMs += byMs
  s.alarmAtMs += byMs
  s.alarmSignAtMs += byMs
  s.eventAtMs += byMs
  s.eventUntilMs += byMs
  s.closedAtMs += byMs
  s.pressedAtMs += byMs
  s.releasedAtMs += byMs
  s.slowAtMs += byMs
  s.hushedAtMs += byMs
  s.armAtMs += byMs
  s.holdAtMs += byMs
  s.groupAtMs += byMs
  s.stuckAtMs += byMs
  s.sealAtMs += byMs
  s.scanAtMs += byMs
  s.lightAtMs += byMs
  s.measureAtMs += byMs
  s.askAtMs += byMs
  s.stillAtMs += byMs
  s.sampledAtMs += byMs
  s.fallAtMs += byMs
}
