// In: walks. Out: samples: at each whole second of each stay the levels as the gateway would have had them by then, so
// that what is learnt and what is decided from are the same; and how far single packets stray.
import type { Walk } from '../../../schemas/walk.ts'
import type { Layout } from './layout.ts'

/** One second in a place. `room` is the room's number, the outside being rooms.length. */
export type Sample = {
  walk: number
  stay: number
  room: number
  /** The instant, in the walk. */
  atS: number
  /** By receiver: the smoothed level, NaN where nothing was heard of late, and how many packets it rests on. */
  levelDbm: Float64Array
  packets: Float64Array
  /** By receiver: packets heard within the last second; and how many were sent then, as far as anybody heard. */
  caught: Float64Array
  sent: number
  /** Whether the receiver worked: else its silence says nothing. */
  works: readonly boolean[]
}

const SECOND_MS = 1_000
/** Reports of one packet by several receivers arrive within so long of each other; the next packet is later. */
export const ONE_PACKET_MS = 50
/** A level that rests on less than a tenth of a packet is gone. */
export const PACKETS_MIN = 0.1

/** Samples of all walks, in order. A second in which nobody heard anything is none: maybe nothing was sent. */
export function samplesOf(layout: Layout, walks: readonly Walk[], smoothingS: number): Sample[] {
  const receiverIndex = new Map(layout.receivers.map(({ id }, i) => [id, i]))
  const roomIndex = new Map(layout.rooms.map((room, i) => [room, i]))
  return walks.flatMap((walk, w) => {
    const works = layout.receivers.map(({ id }) => walk.receivers.includes(id))
    const ears = newEars(works.length, smoothingS)
    let next = 0
    return walk.stays.flatMap((stay, s) => {
      const room = stay.room === null ? layout.rooms.length : roomIndex.get(stay.room)
      const samples: Sample[] = []
      for (let atS = Math.ceil(stay.fromMs / SECOND_MS); atS * SECOND_MS < stay.toMs; atS++) {
        for (; next < walk.readings.length; next++) {
          const [tMs, receiver, rssiDbm] = walk.readings[next] as Walk['readings'][number]
          if (tMs > atS * SECOND_MS) break
          const r = receiverIndex.get(receiver)
          if (r !== undefined) listen(ears, r, rssiDbm, tMs)
        }
        if (room === undefined || ears.sentAtMs.length === 0) continue
        const sample = sampleAt(ears, atS * SECOND_MS)
        if (sample.sent > 0) samples.push({ walk: w, stay: s, room, atS, ...sample, works })
      }
      return samples
    })
  })
}

type Ears = {
  smoothingS: number
  level: Float64Array
  packets: Float64Array
  at: Float64Array
  caughtAtMs: number[][]
  sentAtMs: number[]
}

const newEars = (receivers: number, smoothingS: number): Ears => ({
  smoothingS,
  level: new Float64Array(receivers).fill(Number.NaN),
  packets: new Float64Array(receivers),
  at: new Float64Array(receivers),
  caughtAtMs: Array.from({ length: receivers }, () => []),
  sentAtMs: [],
})

function listen(ears: Ears, r: number, rssiDbm: number, tMs: number): void {
  const before = ears.packets[r] as number
  const kept = before * Math.exp(-(tMs - (ears.at[r] as number)) / SECOND_MS / ears.smoothingS)
  ears.level[r] = before === 0 ? rssiDbm : (kept * (ears.level[r] as number) + rssiDbm) / (kept + 1)
  ears.packets[r] = kept + 1
  ears.at[r] = tMs
  ears.caughtAtMs[r]?.push(tMs)
  if (tMs - (ears.sentAtMs.at(-1) ?? Number.NEGATIVE_INFINITY) > ONE_PACKET_MS) ears.sentAtMs.push(tMs)
}

function sampleAt(ears: Ears, nowMs: number): Pick<Sample, 'levelDbm' | 'packets' | 'caught' | 'sent'> {
  const isRecent = (tMs: number): boolean => tMs > nowMs - SECOND_MS
  ears.sentAtMs = ears.sentAtMs.filter(isRecent)
  ears.caughtAtMs = ears.caughtAtMs.map(all => all.filter(isRecent))
  const packets = ears.packets.map((n, r) => {
    const left = n * Math.exp(-(nowMs - (ears.at[r] as number)) / SECOND_MS / ears.smoothingS)
    return left < PACKETS_MIN ? 0 : left
  })
  const levelDbm = ears.level.map((level, r) => ((packets[r] as number) > 0 ? level : Number.NaN))
  const caught = Float64Array.from(ears.caughtAtMs, all => all.length)
  return { levelDbm, packets, caught, sent: ears.sentAtMs.length }
}

/** The spread of single packets of one receiver within a second: half the mean square of successive differences. */
export function fadingOf(walks: readonly Walk[], otherwise: number): number {
  let sum = 0
  let count = 0
  for (const { readings } of walks) {
    const last = new Map<string, readonly [number, number]>()
    for (const [tMs, receiver, rssiDbm] of readings) {
      const before = last.get(receiver)
      if (before !== undefined && tMs - before[0] < SECOND_MS) {
        sum += (rssiDbm - before[1]) ** 2 / 2
        count += 1
      }
      last.set(receiver, [tMs, rssiDbm])
    }
  }
  return count < COUNT_MIN ? otherwise : Math.sqrt(sum / count)
}
const COUNT_MIN = 50
