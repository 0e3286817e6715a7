// A walk's readings as text and back, so that an hour of them is one row of the journal: four to five characters a reading.
// Form "w1": bytes in base64; per reading, in order of time, three LEB128 numbers: milliseconds since the one before,
// the receiver's place in the walk's list, and the level's change since that receiver's last, in 0.1 dBm, zigzag.
import type { WalkReading } from '../../../schemas/walk.ts'

/** Levels are kept to a tenth of a dB: the radio gives whole ones, and averages of two of its channels a half. */
const STEPS_PER_DB = 10
const CONTINUED = 0x80
const PAYLOAD = 0x7f
const PAYLOAD_BITS = 7
/** 2^35 ms is a year; a longer number is no number of ours. */
const BYTES_MAX = 5

/** Packs readings of these receivers; those of any other receiver are an assertion of the caller's, and are left out. */
export function packReadings(readings: readonly WalkReading[], receivers: readonly string[]): string {
  const places = new Map(receivers.map((id, place) => [id, place]))
  const last = receivers.map(() => 0)
  const bytes: number[] = []
  let beforeMs = 0
  for (const [tMs, receiver, rssiDbm] of [...readings].sort((a, b) => a[0] - b[0])) {
    const place = places.get(receiver)
    if (place === undefined) continue
    const atMs = Math.round(tMs)
    const level = Math.round(rssiDbm * STEPS_PER_DB)
    put(bytes, atMs - beforeMs)
    put(bytes, place)
    put(bytes, zigzag(level - (last[place] as number)))
    beforeMs = atMs
    last[place] = level
  }
  return Buffer.from(bytes).toString('base64')
}

/** Reads what packReadings wrote; null where the text is cut short or names a receiver that is not there. */
export function unpackReadings(text: string, receivers: readonly string[]): WalkReading[] | null {
  const bytes = Buffer.from(text, 'base64')
  const last = receivers.map(() => 0)
  const readings: WalkReading[] = []
  const at = { byte: 0 }
  let tMs = 0
  while (at.byte < bytes.length) {
    const [sinceMs, place, change] = [take(bytes, at), take(bytes, at), take(bytes, at)]
    if (sinceMs === null || place === null || change === null) return null
    const receiver = receivers[place]
    if (receiver === undefined) return null
    const level = (last[place] as number) + unzigzag(change)
    tMs += sinceMs
    last[place] = level
    readings.push([tMs, receiver, level / STEPS_PER_DB])
  }
  return readings
}

function put(bytes: number[], value: number): void {
  let left = value
  // Arithmetic rather than shifts: a number of 32 bits and more must not wrap.
  while (left >= CONTINUED) {
    bytes.push((left % CONTINUED) | CONTINUED)
    left = Math.floor(left / CONTINUED)
  }
  bytes.push(left)
}

function take(bytes: Buffer, at: { byte: number }): number | null {
  let value = 0
  for (let i = 0; i < BYTES_MAX; i++) {
    const byte = bytes[at.byte++]
    if (byte === undefined) return null
    value += (byte & PAYLOAD) * 2 ** (PAYLOAD_BITS * i)
    if ((byte & CONTINUED) === 0) return value
  }
  return null
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
