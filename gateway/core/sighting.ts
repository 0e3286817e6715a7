// What is remembered of one pendant between reports, in memory only: the counters heard and a short window of levels.
// It is bounded, it never reaches the disk, and it is how the room is known before the press.
import type { AlarmObject } from './decode.ts'

/** One receiver heard an authentic frame of this pendant. */
export type Sighting = {
  pendant: string
  receiver: string
  heardAtMs: number
  rssiDbm: number
  /** Null from a pendant without a key, whose frames carry none. */
  counter: number | null
  alarm: AlarmObject
  batteryPercent: number | null
  isVerified: boolean
  isLate: boolean
}

export type Level = { receiver: string; rssiDbm: number; heardAtMs: number }

export type Track = {
  /** Highest counter believed; starts from the journal's mark. */
  counter: number | null
  /** The mark in the journal: at most COUNTER_BLOCK behind. */
  keptCounter: number | null
  /** The newest counters and when each was first heard, oldest first. */
  history: { counter: number; heardAtMs: number }[]
  /** The newest believed advertisement, as hex: the same one heard by the next receiver needs no cipher. */
  newest: { dataHex: string; sighting: Sighting } | null
  /** Levels of the last LEVEL_WINDOW_MS, oldest first. */
  levels: Level[]
  /** The last alarm that made or joined an incident. */
  lastAlarm: { alarmNumber: number; incident: string } | null
  batteryPercent: number | null
  beaconCounter: number
}

/** Idle frames move the kept counter each so many (at a heartbeat of 2 s: a row each 17 minutes). */
export const COUNTER_BLOCK = 512
export const LEVEL_WINDOW_MS = 10_000
/** 10 s of an alarm burst at 10 a second heard by 6 receivers would be 600; the newest say enough. */
export const LEVELS_MAX = 128
export const HISTORY_MAX = 32

export const newTrack = (): Track => ({
  counter: null,
  keptCounter: null,
  history: [],
  newest: null,
  levels: [],
  lastAlarm: null,
  batteryPercent: null,
  beaconCounter: 0,
})

/** Takes a sighting into the track (in place: it is the engine's own memory and is touched for every report). */
export function remember(track: Track, sighting: Sighting, dataHex: string): void {
  const { counter, heardAtMs } = sighting
  if (!sighting.isLate) {
    if (counter !== null && (track.counter === null || counter > track.counter)) {
      track.counter = counter
      track.history.push({ counter, heardAtMs })
      if (track.history.length > HISTORY_MAX) track.history.shift()
    }
    track.newest = { dataHex, sighting }
    track.batteryPercent = sighting.batteryPercent
  }
  addLevel(track.levels, { receiver: sighting.receiver, rssiDbm: sighting.rssiDbm, heardAtMs })
}

function addLevel(levels: Level[], level: Level): void {
  levels.push(level)
  // Drop in blocks, not one by one: shifting an array for every report is what would cost.
  if (levels.length > 2 * LEVELS_MAX) levels.splice(0, levels.length - LEVELS_MAX)
}
