// How many reports a second one core locates: 10,000 pendants walk about a building of 500 receivers, a beacon in two
// seconds each, and after each beacon it is asked where the pendant is. Beside it, what opening the frames' seals costs.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type Belief, hearIndex, newBelief } from '../../gateway/core/locating/belief/belief.ts'
import { whereabouts } from '../../gateway/core/locating/belief/whereabouts.ts'
import type { Layout, Point } from '../../gateway/core/locating/building/layout.ts'
import type { Model } from '../../gateway/core/locating/building/model.ts'
import { heardAt, levelAt } from '../../gateway/core/locating/building/radio.ts'
import { modelOf } from '../../gateway/core/locating/building/uncalibrated.ts'

const AIM_PER_S = 50_000
const BEACON_MS = 2_000
const ROOM_M = 4
const PER_STOREY = 50
const ROUNDS = 4
const SEALS = 50_000

type House = { model: Model; places: { at: Point; storey: number }[]; spots: { at: Point; storey: number }[] }

/** Storeys of fifty rooms in two rows along a corridor; receivers in as many rooms as there are, evenly. */
function house(rooms: number, receivers: number): House {
  const spots = Array.from({ length: rooms }, (_, i) => {
    const storey = Math.floor(i / PER_STOREY)
    const here = i % PER_STOREY
    const at: Point = [(here >> 1) * ROOM_M, (here % 2) * 6, 3 * storey + 1.3]
    return { at, storey }
  })
  const ids = spots.map((_, i) => `room-${i}`)
  const doors = ids.flatMap((id, i): [string, string][] => {
    const beside =
      i + 2 < rooms && Math.floor((i + 2) / PER_STOREY) === Math.floor(i / PER_STOREY) ? [i + 2] : []
    const across = i % 2 === 0 && i + 1 < rooms ? [i + 1] : []
    return [...beside, ...across].map(j => [id, ids[j] as string])
  })
  const hung = Array.from({ length: receivers }, (_, i) => {
    const room = Math.floor((i * rooms) / receivers)
    const [x, y, z] = (spots[room] as House['spots'][number]).at
    return {
      id: `r-${i}`,
      room: ids[room] as string,
      at: [x + 1, y + (i % 2), z + 1] as Point,
      storey: spots[room]?.storey ?? 0,
    }
  })
  const storeys = new Map(ids.map((id, i) => [id, spots[i]?.storey ?? 0]))
  const layout: Layout = {
    rooms: ids,
    doors,
    receivers: hung,
    storeys,
    buildings: new Map(),
    boxes: new Map(),
  }
  return { model: modelOf(layout), places: hung.map(({ at, storey }) => ({ at, storey })), spots }
}

type Load = { pendant: Int32Array; receiver: Int32Array; rssiDbm: Float32Array }

/** Who hears whom in one beacon of every pendant: mulberry32 for what is lost and how strong the rest is. */
function beaconsOf({ places, spots }: House, pendants: number, seed: number): Load {
  let a = seed
  const next = (): number => {
    a = (a + 0x6d2b79f5) >>> 0
    const t = Math.imul(a ^ (a >>> 15), a | 1)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const load: [number, number, number][] = []
  for (let p = 0; p < pendants; p++) {
    const spot = spots[(p * 7919 + Math.floor(seed / 3)) % spots.length] as House['spots'][number]
    places.forEach(({ at, storey }, r) => {
      if (Math.abs(storey - spot.storey) > 1) return
      const distance = Math.hypot(at[0] - spot.at[0], at[1] - spot.at[1], at[2] - spot.at[2])
      const level = levelAt(distance, distance / ROOM_M, Math.abs(storey - spot.storey)) + 10 * (next() - 0.5)
      if (next() < heardAt(level) && level > -92) load.push([p, r, level])
    })
  }
  return {
    pendant: Int32Array.from(load, each => each[0]),
    receiver: Int32Array.from(load, each => each[1]),
    rssiDbm: Float32Array.from(load, each => each[2]),
  }
}

type Measured = {
  reports: number
  perS: number
  perBeacon: number
  heapBytes: number
  bytesPerPendant: number
}

function measure(rooms: number, receivers: number, pendants: number): Measured {
  const built = house(rooms, receivers)
  const loads = Array.from({ length: ROUNDS }, (_, i) => beaconsOf(built, pendants, 1 + i))
  const heapBefore = settledHeap()
  const beliefs = Array.from({ length: pendants }, () => newBelief(built.model))
  const bytesPerPendant = (settledHeap() - heapBefore) / pendants
  replayRound(loads[0] as Load, beliefs, 0)
  const heapWarm = settledHeap()
  const startedAt = process.cpuUsage()
  let reports = 0
  loads.slice(1).forEach((load, i) => {
    replayRound(load, beliefs, (i + 1) * BEACON_MS)
    reports += load.pendant.length
  })
  const { user, system } = process.cpuUsage(startedAt)
  const heapBytes = settledHeap() - heapWarm
  return {
    reports,
    perS: reports / ((user + system) / 1e6),
    perBeacon: reports / (pendants * (ROUNDS - 1)),
    heapBytes,
    bytesPerPendant,
  }
}

function replayRound({ pendant, receiver, rssiDbm }: Load, beliefs: readonly Belief[], atMs: number): void {
  for (let i = 0; i < pendant.length; i++) {
    const belief = beliefs[pendant[i] as number] as Belief
    hearIndex(belief, receiver[i] as number, rssiDbm[i] as number, atMs)
    if (pendant[i + 1] !== pendant[i]) whereabouts(belief, atMs)
  }
}

/** Bytes held, typed arrays among them. */
function settledHeap(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Seals opened a second, as each report's is before it is believed. */
function sealsPerS(): number {
  const key = Buffer.alloc(16, 7)
  const nonce = Buffer.alloc(13, 1)
  const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: 4 })
  const sealed = Buffer.concat([cipher.update(Buffer.alloc(11)), cipher.final()])
  const tag = cipher.getAuthTag()
  const startedAt = process.cpuUsage()
  for (let i = 0; i < SEALS; i++) {
    const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: 4 })
    decipher.setAuthTag(tag)
    decipher.update(sealed)
    decipher.final()
  }
  const { user, system } = process.cpuUsage(startedAt)
  return SEALS / ((user + system) / 1e6)
}

const whole = (n: number): string => Math.round(n).toLocaleString('en')
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const seals = sealsPerS()
const main = measure(300, 500, 10_000)
console.log(`opening seals: ${whole(seals)} a second`)
console.log(
  `10,000 pendants, 500 receivers, 300 rooms: ${whole(main.perS)} reports a second located on one core ` +
    `(${(main.perS / seals).toFixed(2)} of the seals opened; at least ${whole(AIM_PER_S)} are expected)`,
)
console.log(
  `memory: ${whole(main.bytesPerPendant)} bytes a pendant; ${mb(main.heapBytes)} more after ${whole(main.reports)} reports`,
)
console.log('rooms  receivers  heard by  reports a second')
for (const [rooms, receivers] of [
  [10, 10],
  [50, 50],
  [50, 100],
  [100, 100],
  [300, 100],
  [300, 300],
  [600, 1_000],
] as const) {
  const { perS, perBeacon } = measure(rooms, receivers, 2_000)
  console.log(
    `${String(rooms).padStart(5)}  ${String(receivers).padStart(9)}  ${perBeacon.toFixed(1).padStart(8)}  ${whole(perS).padStart(16)}`,
  )
}
if (main.perS < AIM_PER_S) process.exitCode = 1
