// In: rooms of one storey, where their receivers hang, and which are next to which. Out: where each room may lie, as
// spots. Rooms fill their building: one without a receiver lies where nobody else's receivers are, often in a corner.
// It is a guess at a ground plan, made the same way every time; a room whose box is known needs none.
import { type Layout, neighboursOf } from './layout.ts'

export type Flat = readonly [x: number, y: number]
type Territory = { at: Flat[]; owner: Int32Array; rows: number }
/** How often each patch was a room's, round by round. */
type Memory = readonly Float64Array[]
/** What is known of the rooms, by their place among those asked for. */
type Known = { receivers: readonly (readonly Flat[])[]; neighbours: readonly (readonly number[])[] }
type Site = { x: number; y: number; weight: number }

/** Fewer receivers than these leave the storey's size open. */
export const RECEIVERS_MIN = 3
/** Where fewer rooms than half have one, most of the storey would be a guess upon a guess: along a corridor it is wrong. */
export const ROOMS_HEARD_MIN = 0.5
/** The storey is looked at in so many patches a room: each is less than a metre wide. */
const PATCHES_PER_ROOM = 24
/** Small flats have rooms of about ten square metres; a storey is no smaller than its rooms together. */
const ROOM_MIN_M2 = 10
const ROUNDS = 40
/** How far a room gives way in a round: to the middle of its own, to its receiver, to a neighbour it does not touch. */
const SETTLE = 0.5
const TO_RECEIVER = 0.3
const TO_NEIGHBOUR = 0.3
/** How quickly rooms of a storey come to be of like size. */
const EVEN = 0.1
/** A second receiver is hung in a room that is larger by about half. */
const LARGER = 0.5
const SPOTS_MAX = 6
const SPOT_ROUNDS = 10

/** Spots for each of `rooms`, in order; `start` is a first guess at their middles, by the number of the room. */
export function territoriesOf(layout: Layout, rooms: readonly number[], start: readonly Flat[]): Flat[][] {
  const index = new Map(rooms.map((room, i) => [room, i]))
  const all = neighboursOf(layout)
  const known: Known = {
    receivers: rooms.map(room => hungIn(layout, room)),
    neighbours: rooms.map(room =>
      (all[room] ?? []).flatMap(other => (index.has(other) ? [index.get(other) as number] : [])),
    ),
  }
  const sites = rooms.map((room): Site => {
    const [x, y] = start[room] as Flat
    return { x, y, weight: 0 }
  })
  const { at, memory } = settled(known, sites)
  return sites.map(({ x, y }, i) => {
    const spots = spotsAmong(at, memory[i] as Float64Array)
    return spots.length === 0 ? [[x, y]] : spots
  })
}

export const hungIn = ({ rooms, receivers }: Layout, room: number): Flat[] =>
  receivers.flatMap(receiver =>
    receiver.room === rooms[room] && receiver.at !== null ? [[receiver.at[0], receiver.at[1]] as const] : [],
  )

/**
 * Rooms share out the storey, each patch to the nearest, and give way to each other round by round (Lloyd). They seldom
 * come to rest; what they hold in the later half of the rounds is what they may hold.
 */
function settled(known: Known, sites: Site[]): { at: readonly Flat[]; memory: Memory } {
  const { territory, areaM2 } = ground(known)
  const held = heldBy(known, territory)
  const worth = known.receivers.map(own => 1 + LARGER * Math.max(0, own.length - 1))
  const total = worth.reduce((a, b) => a + b, 0)
  const memory = sites.map(() => new Float64Array(territory.at.length))
  for (let round = 0; round < ROUNDS; round++) {
    share(territory, sites, held)
    if (2 * round >= ROUNDS) remember(memory, territory)
    const touching = touchingIn(territory, sites.length)
    const middles = middlesIn(territory, sites.length)
    sites.forEach((site, i) => {
      const { middle, count } = middles[i] as { middle: Flat; count: number }
      if (count > 0) approach(site, middle, SETTLE)
      for (const receiver of known.receivers[i] ?? []) {
        if (nearestTo(receiver, sites) !== i) approach(site, receiver, TO_RECEIVER)
      }
      for (const other of known.neighbours[i] ?? []) {
        const { x, y } = sites[other] as Site
        if (!touching.has(i * sites.length + other)) approach(site, [x, y], TO_NEIGHBOUR)
      }
      const lacking = (worth[i] as number) / total - count / territory.at.length
      const most = areaM2 / sites.length / 2
      site.weight = Math.max(-most, Math.min(most, site.weight + EVEN * areaM2 * lacking))
    })
  }
  return { at: territory.at, memory }
}

function remember(memory: Memory, { owner }: Territory): void {
  owner.forEach((room, patch) => {
    const own = memory[room] as Float64Array
    own[patch] = (own[patch] as number) + 1
  })
}

function approach(site: Site, [x, y]: Flat, by: number): void {
  site.x += by * (x - site.x)
  site.y += by * (y - site.y)
}

/** A box about the receivers, in patches. Receivers hang on walls, but not all on the outermost. */
function ground({ receivers }: Known): { territory: Territory; areaM2: number } {
  const hung = receivers.flat()
  const [west, width] = spanOf(hung.map(([x]) => x))
  const [south, depth] = spanOf(hung.map(([, y]) => y))
  const wanted = receivers.length * ROOM_MIN_M2
  const around = width + depth
  const lacking = Math.max(0, wanted - width * depth)
  const margin = (Math.sqrt(around * around + 4 * lacking) - around) / 4
  const [w, d] = [width + 2 * margin, depth + 2 * margin]
  const pitch = Math.sqrt((w * d) / (PATCHES_PER_ROOM * receivers.length))
  const columns = Math.max(1, Math.round(w / pitch))
  const rows = Math.max(1, Math.round(d / pitch))
  const at = Array.from({ length: columns * rows }, (_, patch): Flat => {
    const column = Math.floor(patch / rows)
    return [
      west - margin + ((column + 0.5) * w) / columns,
      south - margin + (((patch % rows) + 0.5) * d) / rows,
    ]
  })
  return { territory: { at, owner: new Int32Array(at.length), rows }, areaM2: w * d }
}

/** Where it begins and how long it is: of n at random, n + 1 gaps are alike, and those on walls leave half of the outer two. */
function spanOf(values: readonly number[]): readonly [from: number, length: number] {
  const least = Math.min(...values)
  const length = Math.max(...values) - least
  const gap = length / (values.length + 1)
  return [least - gap / 2, length + gap]
}

/** Patch by patch: the room whose receiver hangs there, else -1. */
function heldBy({ receivers }: Known, { at }: Territory): Int32Array {
  const held = new Int32Array(at.length).fill(-1)
  receivers.forEach((own, room) => {
    for (const receiver of own) held[nearestOf(receiver, at)] = room
  })
  return held
}

function share({ at, owner }: Territory, sites: readonly Site[], held: Int32Array): void {
  at.forEach((patch, i) => {
    const holder = held[i] as number
    owner[i] = holder >= 0 ? holder : nearestTo(patch, sites)
  })
}

function nearestTo([x, y]: Flat, sites: readonly Site[]): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  sites.forEach((site, i) => {
    const cost = (x - site.x) ** 2 + (y - site.y) ** 2 - site.weight
    if (cost >= least) return
    least = cost
    best = i
  })
  return best
}

/** Pairs of rooms with a patch beside one of the other's, as `a * rooms + b`. */
function touchingIn({ owner, rows }: Territory, rooms: number): Set<number> {
  const touching = new Set<number>()
  owner.forEach((a, i) => {
    const beside = [...(i % rows === rows - 1 ? [] : [i + 1]), i + rows]
    for (const next of beside) {
      const b = owner[next]
      if (b === undefined || a === b) continue
      touching.add(a * rooms + b)
      touching.add(b * rooms + a)
    }
  })
  return touching
}

function middlesIn({ at, owner }: Territory, rooms: number): { middle: Flat; count: number }[] {
  const sums = Array.from({ length: rooms }, () => ({ x: 0, y: 0, count: 0 }))
  at.forEach(([x, y], i) => {
    const sum = sums[owner[i] as number] as { x: number; y: number; count: number }
    sum.x += x
    sum.y += y
    sum.count += 1
  })
  return sums.map(({ x, y, count }) => ({ middle: [x / count, y / count] as const, count }))
}

/** A few spots that stand for many: each time the furthest from all before, then moved to the middle of what is nearest. */
function spotsAmong(at: readonly Flat[], weights: Float64Array): Flat[] {
  const patches = at.flatMap((place, i) =>
    (weights[i] as number) > 0 ? [{ place, weight: weights[i] as number }] : [],
  )
  if (patches.length === 0) return []
  let spots = [middleOf(patches)]
  while (spots.length < Math.min(SPOTS_MAX, patches.length)) {
    const apart = patches.map(({ place }) => Math.min(...spots.map(spot => square(place, spot))))
    spots.push((patches[apart.indexOf(Math.max(...apart))] as Patch).place)
  }
  for (let round = 0; round < SPOT_ROUNDS; round++) {
    const nearest = patches.map(({ place }) => nearestOf(place, spots))
    spots = spots.map((spot, s) => {
      const own = patches.filter((_, i) => nearest[i] === s)
      return own.length === 0 ? spot : middleOf(own)
    })
  }
  return spots
}

type Patch = { place: Flat; weight: number }

function middleOf(patches: readonly Patch[]): Flat {
  const total = patches.reduce((sum, { weight }) => sum + weight, 0)
  return [
    patches.reduce((sum, { place, weight }) => sum + weight * place[0], 0) / total,
    patches.reduce((sum, { place, weight }) => sum + weight * place[1], 0) / total,
  ]
}

const square = (a: Flat, b: Flat): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2

function nearestOf(place: Flat, all: readonly Flat[]): number {
  let best = 0
  all.forEach((each, i) => {
    if (square(place, each) < square(place, all[best] as Flat)) best = i
  })
  return best
}
