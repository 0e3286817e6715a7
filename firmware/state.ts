// What a pendant knows between two turns, what can happen to it, and what it can ask for. Types, and the state it has
// before it wakes.
import { DAYS_LEFT_UNKNOWN } from '../schemas/frame.ts'
import type { Beacon } from './beacon.ts'
import type { Frame } from './frame.ts'
import { MOOD_DARK } from './lights.ts'
import type { Settings } from './settings.ts'

/** Counters reserved in flash at a time; firmware/README.md has the arithmetic of the wear. */
export const BLOCK = 4096
/** The radio may not repeat a non-connectable advertisement faster than this [Core 5.2 Vol 6 Part B 4.4.2.2]. */
export const BURST_INTERVAL_MS = 100
export const COUNTER_MAX = 0xffffffff
/** The battery is measured, and the flash tidied, this often; never in an alarm, when lights and ear pull it down. */
export const MEASURE_MS = 600000
/** main never sleeps longer than 10 s and the watchdog bites at 15: a greater step, or one back, is the clock's own. */
export const JUMP_MS = 30000
/** The instant of what is not to come. */
export const NEVER = Infinity
/** The instant of what never was. */
export const LONG_AGO = -Infinity

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
  /** A duress: nothing on the pendant may tell it from one that was cancelled. */
  isHidden: boolean
}

/** A cancel, a test or an okay, which ends by itself. Counters as in an alarm. */
export type Event = {
  kind: number
  beganAtMs: number
  untilMs: number
  firstCounter: number
  newestCounter: number
}

export type State = {
  /** The time of the last turn. */
  atMs: number
  bootAtMs: number
  alarm: Alarm | null
  /** Never together with an alarm. */
  event: Event | null
  counter: number
  /** Counters below this are reserved in flash. */
  mark: number
  /** The newest alarm number that was ever on the air; 0 before the first. */
  number: number
  packetId: number
  battery: number
  /** DAYS_LEFT_ code. */
  daysLeft: number
  /** This frame is repeated fast, so that the battery is measured with the radio at work. */
  isMeasuring: boolean
  isCordParted: boolean
  closedAtMs: number
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
  /** The press that is on, and the group of presses it belongs to; firmware/gesture has their meaning. */
  isButtonDown: boolean
  pressedAtMs: number
  releasedAtMs: number
  presses: number
  isSpoiled: boolean
  isQuiet: boolean
  slowPresses: number
  slowAtMs: number
  armAtMs: number
  holdAtMs: number
  groupAtMs: number
  stuckAtMs: number
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
  | { kind: 'tidy' }

export type Turn = { state: State; effects: Effect[] }

/** A pendant before its boot input. */
export const asleep = (settings: Settings): State => ({
  atMs: LONG_AGO,
  bootAtMs: 0,
  alarm: null,
  event: null,
  counter: 0,
  mark: 0,
  number: 0,
  packetId: 0,
  battery: 100,
  daysLeft: DAYS_LEFT_UNKNOWN,
  isMeasuring: false,
  isCordParted: false,
  closedAtMs: LONG_AGO,
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
  isButtonDown: false,
  pressedAtMs: LONG_AGO,
  releasedAtMs: LONG_AGO,
  presses: 0,
  isSpoiled: false,
  isQuiet: true,
  slowPresses: 0,
  slowAtMs: LONG_AGO,
  armAtMs: NEVER,
  holdAtMs: NEVER,
  groupAtMs: NEVER,
  stuckAtMs: NEVER,
  sealAtMs: NEVER,
  scanAtMs: NEVER,
  lightAtMs: NEVER,
  measureAtMs: NEVER,
})

/** When the next 'timer' input is due, at the latest. */
export const wakeAtMs = (s: State): number =>
  Math.min(
    s.armAtMs,
    s.holdAtMs,
    s.groupAtMs,
    s.stuckAtMs,
    s.sealAtMs,
    s.scanAtMs,
    s.lightAtMs,
    s.measureAtMs,
    s.event === null ? NEVER : s.event.untilMs,
  )

/** Something is wrong that the wearer and the desk have to see. */
export const isFaulty = (s: State): boolean =>
  s.isUnset || !s.hasKey || s.isCordFaulty || s.isButtonFaulty || s.isStorageFaulty || s.hasErred

/** An alarm that the pendant shows: in a hidden one every gesture means what it means when there is none. */
export const isOpenly = (s: State): boolean => s.alarm !== null && !s.alarm.isHidden

/** The clock was set, or slipped: all instants move with it, so that no alarm times out and no frame waits for it. */
export const shift = (s: State, byMs: number): void => {
  s.bootAtMs += byMs
  s.closedAtMs += byMs
  s.pressedAtMs += byMs
  s.releasedAtMs += byMs
  s.slowAtMs += byMs
  s.armAtMs += byMs
  s.holdAtMs += byMs
  s.groupAtMs += byMs
  s.stuckAtMs += byMs
  s.sealAtMs += byMs
  s.scanAtMs += byMs
  s.lightAtMs += byMs
  s.measureAtMs += byMs
  if (s.alarm !== null) {
    s.alarm.beganAtMs += byMs
    s.alarm.lastSignAtMs += byMs
  }
  if (s.event !== null) {
    s.event.beganAtMs += byMs
    s.event.untilMs += byMs
  }
}
