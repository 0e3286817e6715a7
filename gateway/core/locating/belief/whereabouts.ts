// In: a belief and the time. Out: room, confidence, runner-up, age and why, as people are told.
import type { Whereabouts } from '../../../../schemas/api/desk.ts'
import { type Model, SLOTS } from '../building/model.ts'
import { type Belief, tell, tidy } from './belief.ts'

export const NOWHERE: Whereabouts = {
  room: null,
  confidence: 0,
  runnerUp: null,
  heardAtMs: null,
  because: [],
}

const NOBODY: ReadonlySet<string> = new Set()
const NOWHERE_HUNG: ReadonlySet<number> = new Set()

const BECAUSE_MAX = 6
/** A receiver is named as a reason for so long after it last spoke. */
const BECAUSE_MS = 10_000

/** A room's id; `null` for outside the known rooms. */
export type Place = string | null

/** What people were told already, and how much it takes to tell them another room. */
export type Named = {
  place: Place
  /** Another place is named once it is so much likelier. */
  lead: number
  /** Places that people were sent away from a moment ago: named again only where they are so sure. */
  left: ReadonlySet<Place>
  sure: number
}

export type Circumstance = {
  /** Receivers known not to work. */
  down?: ReadonlySet<string>
  named?: Named | undefined
  /** What is known apart from the radio: how many times likelier than another room (a booked room, a door's sighting). */
  prior?: ReadonlyMap<string, number>
}

/**
 * Where the pendant is believed to be. Nothing is changed. `room` is null where nothing was heard, and where it is
 * more likely outside the rooms of the plan than in any of them: `isOutside` says which.
 */
export function whereabouts(
  belief: Belief,
  nowMs: number,
  { down, prior, named }: Circumstance = {},
): Whereabouts {
  if (Number.isNaN(belief.heardAtMs)) return NOWHERE
  const { model } = belief
  const chances = chancesAt(belief, nowMs, down, prior)
  const first = firstOf(model, chances, named)
  let second = -1
  for (let room = 0; room < model.rooms.length; room++) {
    if (room !== first && (second < 0 || (chances[room] as number) > (chances[second] as number)))
      second = room
  }
  const room = model.rooms[first] ?? null
  return {
    room,
    confidence: Math.round(100 * Math.min(0.99, chances[first] as number)) / 100,
    runnerUp: model.rooms[second] ?? null,
    heardAtMs: belief.heardAtMs,
    ...(room === null ? { isOutside: true } : {}),
    because: becauseOf(belief, nowMs),
  }
}

/** The likeliest place, or the one that was named already, while that is nearly as likely. */
function firstOf({ rooms }: Model, chances: Float64Array, named: Named | undefined): number {
  const likeliest = chances.indexOf(Math.max(...chances))
  if (named === undefined) return likeliest
  const kept = named.place === null ? rooms.length : rooms.indexOf(named.place)
  if (kept < 0) return likeliest
  const chance = chances[likeliest] as number
  const isTold = named.left.has(rooms[likeliest] ?? null)
    ? chance >= named.sure
    : chance - (chances[kept] as number) >= named.lead
  return isTold ? likeliest : kept
}

/**
 * Several packets within a second share errors that single beacons seconds apart do not: by so much of its logarithm candour
 * counts less. Not where it is the plan that errs: that stays as it is.
 */
const SINGLE = 0.4

/** The candour of what a walk taught, where so many packets were sent of late. */
export const candourAt = (candour: number, sent: number): number =>
  candour ** (1 - SINGLE / Math.max(1, sent))

/** The chance of each room, the outside last. In the model's scratch: good until the next call. */
export function chancesAt(
  belief: Belief,
  nowMs: number,
  down?: ReadonlySet<string>,
  prior?: ReadonlyMap<string, number>,
): Float64Array {
  const { model } = belief
  const { scratch } = model
  const chances = scratch.room
  chances.fill(0)
  tell(belief, nowMs, placesOf(model, down))
  for (let i = 0; i < scratch.count; i++) {
    const cell = scratch.cells[i] as number
    const room = model.cellRoom[cell] as number
    chances[room] = (chances[room] as number) + (scratch.chance[cell] as number)
  }
  const { rest } = scratch
  tidy(scratch)
  const { tempo, isCalibrated } = model
  const candour = isCalibrated ? candourAt(tempo.candour, belief.sent) : tempo.candour
  let sum = 0
  for (let i = 0; i < chances.length; i++) {
    const odds = prior?.get(model.rooms[i] ?? '') ?? 1
    const chance = (((chances[i] as number) + rest / chances.length) * odds) ** candour
    chances[i] = chance
    sum += chance
  }
  for (let i = 0; i < chances.length; i++) chances[i] = (chances[i] as number) / sum
  return chances
}

/** Receivers by their place in the model. */
export function placesOf(model: Model, receivers: ReadonlySet<string> = NOBODY): ReadonlySet<number> {
  if (receivers.size === 0) return NOWHERE_HUNG
  const found = new Set<number>()
  for (const id of receivers) {
    const index = model.receiverIndex.get(id)
    if (index !== undefined) found.add(index)
  }
  return found
}

function becauseOf(belief: Belief, nowMs: number): Whereabouts['because'] {
  const spoken: Whereabouts['because'] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    const receiver = belief.model.receivers[belief.receiver[slot] as number]
    if (receiver === undefined || nowMs - (belief.at[slot] as number) > BECAUSE_MS) continue
    spoken.push({ receiver, rssiDbm: Math.round(10 * (belief.level[slot] as number)) / 10 })
  }
  return spoken
    .sort((a, b) => b.rssiDbm - a.rssiDbm || (a.receiver < b.receiver ? -1 : 1))
    .slice(0, BECAUSE_MAX)
}
