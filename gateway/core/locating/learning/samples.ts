// In: walks. Out: samples: four times in each second of each stay the levels as the gateway would have had them by then,
// so that what is learnt and what is decided from are the same; and how far single packets stray.
import type { Walk } from '../../../../schemas/walk.ts'
import { aged, gainOf, ONE_PACKET_MS, VARIANCE_MAX } from '../belief/level.ts'
import type { Layout } from '../building/layout.ts'
import type { Model } from '../building/model.ts'

/** `SAMPLE_S` in a place. `room` is the room's number, the outside being rooms.length. */
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

/** The time a sample stands for: a look at the levels (belief.ts). */
export const SAMPLE_S = 0.25
const SAMPLE_MS = 1_000 * SAMPLE_S
const SECOND_MS = 1_000

/** Called between steps of learning, each far shorter than a second: whoever learns shows that it goes on. */
export type OnStep = () => void
export const UNWATCHED: OnStep = () => {}

/** Samples of all walks, in order. After a second in which nobody heard anything there is none: maybe nothing was sent. */
export function samplesOf(
  layout: Layout,
  walks: readonly Walk[],
  radio: Radio,
  onStep: OnStep = UNWATCHED,
): Sample[] {
  const receiverIndex = new Map(layout.receivers.map(({ id }, i) => [id, i]))
  const roomIndex = new Map(layout.rooms.map((room, i) => [room, i]))
  return walks.flatMap((walk, w) => {
    const works = layout.receivers.map(({ id }) => walk.receivers.includes(id))
    const ears = newEars(works.length, radio)
    let next = 0
    return walk.stays.flatMap((stay, s) => {
      onStep()
      const room = stay.room === null ? layout.rooms.length : roomIndex.get(stay.room)
      const samples: Sample[] = []
      for (let atMs = SAMPLE_MS * Math.ceil(stay.fromMs / SAMPLE_MS); atMs < stay.toMs; atMs += SAMPLE_MS) {
        for (; next < walk.readings.length; next++) {
          const [tMs, receiver, rssiDbm] = walk.readings[next] as Walk['readings'][number]
          if (tMs > atMs) break
          const r = receiverIndex.get(receiver)
          if (r !== undefined) listen(ears, r, rssiDbm, tMs)
        }
        if (room === undefined || ears.sentAtMs.length === 0) continue
        const sample = sampleAt(ears, atMs)
        if (sample.sent > 0) samples.push({ walk: w, stay: s, room, atS: atMs / SECOND_MS, ...sample, works })
      }
      return samples
    })
  })
}

/** How far single packets stray, and how fast the mean moves. */
export type Radio = { fadingSdDb: number; driftPerS: number }

type Ears = {
  radio: Radio
  level: Float64Array
  variance: Float64Array
  at: Float64Array
  caughtAtMs: number[][]
  sentAtMs: number[]
}

const newEars = (receivers: number, radio: Radio): Ears => ({
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
 * How far single packets stray, in dB: half the mean square of the differences between a receiver's packets, one and the
 * next, is their fading, and what the mean moved meanwhile while somebody walked. So the filter expects what the walk saw.
 */
export function fadingOf(walks: readonly Walk[], driftPerS: number, usualDb: number): number {
  let count = 0
  let square = 0
  let seconds = 0
  for (const { readings } of walks) {
    const last = new Map<string, Walk['readings'][number]>()
    for (const reading of readings) {
      const [tMs, receiver, rssiDbm] = reading
      const before = last.get(receiver)
      last.set(receiver, reading)
      if (before === undefined || tMs - before[0] > APART_MAX_MS) continue
      count += 1
      square += (rssiDbm - before[2]) ** 2 / 2
      seconds += (tMs - before[0]) / SECOND_MS
    }
  }
  if (count < COUNT_MIN) return usualDb
  const drifted = WALKED * (driftPerS / 2) * seconds
  return Math.max(FADING_MIN_DB, Math.sqrt(Math.max(FADING_SHARE_MIN * square, square - drifted) / count))
}
/** Packets further apart say little of the fading. */
const APART_MAX_MS = 4_000
const COUNT_MIN = 50
/** In a walk test one stands about as long as one walks, and the mean moves with the walking. */
const WALKED = 0.5
/** Of beacons seconds apart nobody can tell how much was fading: it is never taken for less than this share. */
const FADING_SHARE_MIN = 0.5
const FADING_MIN_DB = 1.5

/** Receivers of the model that the walk says did not work. */
export const downIn = (model: Model, walk: Walk): ReadonlySet<string> =>
  new Set(model.receivers.filter(id => !walk.receivers.includes(id)))
