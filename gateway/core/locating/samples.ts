// In: walks. Out: samples: for each second of each stay, the mean level of each receiver and how many packets it rests
// on; and how far single packets stray about that mean.
import type { Walk } from '../../../schemas/walk.ts'
import type { Layout } from './layout.ts'

/** One second in a place. `room` is the room's number, the outside being rooms.length. */
export type Sample = {
  walk: number
  stay: number
  room: number
  /** By receiver; NaN where nothing was heard. */
  levelDbm: Float64Array
  packets: Float64Array
  /** Of the receiver that heard most: so many were surely sent. */
  packetsMost: number
  /** Whether the receiver worked: else its silence says nothing. */
  works: readonly boolean[]
}

const SECOND_MS = 1_000

/** A second in which nobody heard anything is no sample: whether the pendant sent then is not known. */
export function samplesOf(layout: Layout, walks: readonly Walk[]): Sample[] {
  const receiverIndex = new Map(layout.receivers.map(({ id }, i) => [id, i]))
  const roomIndex = new Map(layout.rooms.map((room, i) => [room, i]))
  return walks.flatMap((walk, w) => {
    const works = layout.receivers.map(({ id }) => walk.receivers.includes(id))
    return walk.stays.flatMap((stay, s) => {
      const room = stay.room === null ? layout.rooms.length : roomIndex.get(stay.room)
      if (room === undefined) return []
      const seconds = Math.floor((stay.toMs - stay.fromMs) / SECOND_MS)
      const samples = Array.from({ length: seconds }, () => emptySample(w, s, room, works))
      for (const [tMs, receiver, rssiDbm] of readingsWithin(walk, stay.fromMs, stay.toMs)) {
        const sample = samples[Math.floor((tMs - stay.fromMs) / SECOND_MS)]
        const r = receiverIndex.get(receiver)
        if (sample === undefined || r === undefined) continue
        const n = sample.packets[r] as number
        sample.levelDbm[r] = n === 0 ? rssiDbm : ((sample.levelDbm[r] as number) * n + rssiDbm) / (n + 1)
        sample.packets[r] = n + 1
        sample.packetsMost = Math.max(sample.packetsMost, n + 1)
      }
      return samples.filter(({ packetsMost }) => packetsMost > 0)
    })
  })
}

function emptySample(walk: number, stay: number, room: number, works: readonly boolean[]): Sample {
  const levelDbm = new Float64Array(works.length).fill(Number.NaN)
  return { walk, stay, room, levelDbm, packets: new Float64Array(works.length), packetsMost: 0, works }
}

/** Readings are in order: those of a stay lie together. */
function readingsWithin({ readings }: Walk, fromMs: number, toMs: number): Walk['readings'] {
  let from = 0
  let to = readings.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((readings[middle]?.[0] ?? 0) < fromMs) from = middle + 1
    else to = middle
  }
  let end = from
  while (end < readings.length && (readings[end]?.[0] ?? 0) < toMs) end++
  return readings.slice(from, end)
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
