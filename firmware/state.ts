// What a pendant knows between two turns, what can happen to it, and what it can ask for. Types, and the state it has
// before it wakes.
import type { Beacon } from './beacon.ts'
import type { Frame } from './frame.ts'
import { MOOD_DARK } from './lights.ts'
import type { Settings } from './settings.ts'

/** Counters reserved in flash at a time; firmware/README.md has the arithmetic of the wear. */
export const BLOCK = 4096
/** The radio may not repeat a non-connectable advertisement faster than this [Core 5.2 Vol 6 Part B 4.4.2.2]. */
export const BURST_INTERVAL_MS = 100
export const COUNTER_MAX = 0xffffffff
/** The battery is measured, and the flash tidied, this often; never in an alarm, when lights and radio pull it down. */
export const MEASURE_MS = 600000
/** The instant of what is not to come. */
export const NEVER = Infinity

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
  | { kind: 'tidy' }

export type Turn = { state: State; effects: Effect[] }

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

/** Something is wrong that the wearer and the desk have to see. */
export const isFaulty = (s: State): boolean =>
  s.isUnset || !s.hasKey || s.isCordFaulty || s.isButtonFaulty || s.isStorageFaulty || s.hasErred
