// In: walks. Out: samples: at each whole second of each stay the levels as the gateway would have had them by then, so
// that what is learnt and what is decided from are the same; and how far single packets stray.
import type { Walk } from '../../../schemas/walk.ts'
import type { Layout } from './layout.ts'
import { aged, gainOf, VARIANCE_MAX } from './level.ts'

/** One second in a place. `room` is the room's number, the outside being rooms.length. */
export type Sample = {
  walk: number
  stay: number
  room: number
  /** The instant, in the walk. */
  atS: number
  /** By receiver: the level, NaN where nothing was heard of late, and how uncertain it is. */
  levelDbm: Float64Array
  variance: Float64Array
  /** By receiver: packets heard within the last second; and how many were sent then, as far as anybody heard. */
  caught: Float64Array
  sent: number
  /** Whether the receiver worked: else its silence says nothing. */
  works: readonly boolean[]
}

const SECOND_MS = 1_000
/** Reports of one packet by several receivers arrive within so long of each other; the next packet is later. */
export const ONE_PACKET_MS = 90

/** Samples of all walks, in order. A second in which nobody heard anything is none: maybe nothing was sent. */
export function samplesOf(layout: Layout, walks: readonly Walk[], radio: Wander): Sample[] {
  const receiverIndex = new Map(layout.receivers.map(({ id }, i) => [id, i]))
  const roomIndex = new Map(layout.rooms.map((room, i) => [room, i]))
  return walks.flatMap((walk, w) => {
    const works = layout.receivers.map(({ id }) => walk.receivers.includes(id))
    const ears = newEars(works.length, radio)
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

/** How single packets stray, and how fast the mean moves. */
export type Wander = { fadingSdDb: number; driftPerS: number }

type Ears = {
  radio: Wander
  level: Float64Array
  variance: Float64Array
  at: Float64Array
  caughtAtMs: number[][]
  sentAtMs: number[]
}

const newEars = (receivers: number, radio: Wander): Ears => ({
  radio,
  level: new Float64Array(receivers),
  variance: new Float64Array(receivers).fill(Number.POSITIVE_INFINITY),
  at: new Float64Array(receivers),
  caughtAtMs: Array.from({ length: receivers }, () => []),
  sentAtMs: [],
})

function listen({ radio, ...ears }: Ears, r: number, rssiDbm: number, tMs: number): void {
  const fading = radio.fadingSdDb ** 2
  const variance = aged(
    ears.variance[r] as number,
    (tMs - (ears.at[r] as number)) / SECOND_MS,
    radio.driftPerS,
  )
  const gain = variance > VARIANCE_MAX ? 1 : gainOf(variance, fading)
  ears.level[r] = (ears.level[r] as number) + gain * (rssiDbm - (ears.level[r] as number))
  ears.variance[r] = gain === 1 ? fading : variance * (1 - gain)
  ears.at[r] = tMs
  ears.caughtAtMs[r]?.push(tMs)
  if (tMs - (ears.sentAtMs.at(-1) ?? Number.NEGATIVE_INFINITY) > ONE_PACKET_MS) ears.sentAtMs.push(tMs)
}

function sampleAt(ears: Ears, nowMs: number): Pick<Sample, 'levelDbm' | 'variance' | 'caught' | 'sent'> {
  const isRecent = (tMs: number): boolean => tMs > nowMs - SECOND_MS
  const { driftPerS } = ears.radio
  const recent = (all: readonly number[]): number => all.filter(isRecent).length
  const variance = ears.variance.map((now, r) =>
    aged(now, (nowMs - (ears.at[r] as number)) / SECOND_MS, driftPerS),
  )
  const levelDbm = ears.level.map((level, r) => ((variance[r] as number) > VARIANCE_MAX ? Number.NaN : level))
  const caught = Float64Array.from(ears.caughtAtMs, recent)
  const sent = recent(ears.sentAtMs)
  for (const all of [ears.sentAtMs, ...ears.caughtAtMs]) all.splice(0, all.length - KEPT_MAX)
  return { levelDbm, variance, caught, sent }
}
/** More packets than these in one second are not counted. */
const KEPT_MAX = 32

/**
 * How the levels of one receiver stray: half the mean square of differences is the fading of single packets, and grows
 * with the time between them by half the drift (a variogram, fitted by a line up to four seconds).
 */
export function wanderOf(walks: readonly Walk[], usual: Wander): Wander {
  const sums = BOUNDS_S.map(() => ({ count: 0, square: 0, seconds: 0 }))
  for (const { readings } of walks) {
    const past = new Map<string, [number, number][]>()
    for (const [tMs, receiver, rssiDbm] of readings) {
      const own = past.get(receiver) ?? []
      for (const [beforeMs, before] of own) {
        const seconds = (tMs - beforeMs) / SECOND_MS
        const bin = sums[BOUNDS_S.findIndex(bound => seconds < bound)]
        if (bin === undefined) continue
        bin.count += 1
        bin.square += (rssiDbm - before) ** 2 / 2
        bin.seconds += seconds
      }
      own.push([tMs, rssiDbm])
      if (own.length > PAST_MAX) own.shift()
      past.set(receiver, own)
    }
  }
  const points = sums.flatMap(({ count, square, seconds }) =>
    count < COUNT_MIN ? [] : [{ x: seconds / count, y: square / count }],
  )
  if (points.length < 2) return usual
  const x = points.reduce((sum, point) => sum + point.x, 0) / points.length
  const y = points.reduce((sum, point) => sum + point.y, 0) / points.length
  const slope =
    points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) /
    points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
  const driftPerS = Math.min(DRIFT_MAX, Math.max(DRIFT_MIN, 2 * slope))
  return { fadingSdDb: Math.sqrt(Math.max(FADING_MIN ** 2, y - (driftPerS / 2) * x)), driftPerS }
}
const BOUNDS_S = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4] as const
/** Packets before the present one that it is compared with: some seconds of the usual five a second. */
const PAST_MAX = 16
const COUNT_MIN = 50
const DRIFT_MIN = 1
const DRIFT_MAX = 40
const FADING_MIN = 1.5
