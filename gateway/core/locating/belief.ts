// What is believed of one pendant: a chance for each room, and the smoothed level of each receiver that hears it.
// In memory only, of a fixed size, and written in place: it is touched for every report.
import { move } from './filter.ts'
import { type Offset, weigh } from './likelihood.ts'
import { type Heard, type Model, SLOTS } from './model.ts'

const EMPTY = -1

export type Belief = {
  readonly model: Model
  /** Chance of each room, the outside last. */
  readonly rooms: Float32Array
  /** Which receiver a slot is of; its smoothed level; how many packets that rests on; when it last spoke. */
  readonly receiver: Int16Array
  readonly level: Float32Array
  readonly packets: Float32Array
  readonly at: Float64Array
  /** What this pendant is heard stronger or weaker by than the model's, and how sure that is. */
  offsetDb: number
  offsetVariance: number
  /** Up to when the rooms' chances are told, and the newest packet. NaN before the first. */
  toldAtMs: number
  heardAtMs: number
}

/** The chances move on at most this often: a second is a step or two. */
export const STEP_MS = 1_000
/** A report that comes later than this after newer ones says nothing about now. */
const LATE_MAX_MS = 3_000
const OUTSIDE_AT_FIRST = 0.02
/** A level that rests on less than a tenth of a packet is gone. */
const PACKETS_MIN = 0.1
/** How long a pendant stays as strong as it was: a coat is put on, a person lies down or gets up. */
const OFFSET_S = 60
/** Turning about changes all levels alike by some 3 dB at any time. */
const OFFSET_VARIANCE_MIN = 4

export function newBelief(model: Model): Belief {
  const rooms = new Float32Array(model.rooms.length + 1)
  const belief: Belief = {
    model,
    rooms,
    receiver: new Int16Array(SLOTS).fill(EMPTY),
    level: new Float32Array(SLOTS),
    packets: new Float32Array(SLOTS),
    at: new Float64Array(SLOTS),
    offsetDb: 0,
    offsetVariance: model.offsetSdDb ** 2,
    toldAtMs: Number.NaN,
    heardAtMs: Number.NaN,
  }
  forget(belief)
  return belief
}

/** Back to knowing nothing. */
export function forget(belief: Belief): void {
  const rooms = belief.model.rooms.length
  belief.rooms.fill((1 - OUTSIDE_AT_FIRST) / rooms)
  belief.rooms[rooms] = OUTSIDE_AT_FIRST
  belief.receiver.fill(EMPTY)
  belief.offsetDb = 0
  belief.offsetVariance = belief.model.offsetSdDb ** 2
  belief.toldAtMs = Number.NaN
  belief.heardAtMs = Number.NaN
}

/**
 * One packet of the pendant was heard by a receiver. Instants are the gateway's; a receiver the model does not know
 * is passed over, as is a packet far older than the newest.
 */
export function hear(belief: Belief, receiver: string, rssiDbm: number, atMs: number): void {
  const index = belief.model.receiverIndex.get(receiver)
  if (index !== undefined) hearIndex(belief, index, rssiDbm, atMs)
}

/** As `hear`, by the receiver's place in the model. */
export function hearIndex(belief: Belief, receiver: number, rssiDbm: number, atMs: number): void {
  if (atMs < belief.heardAtMs - LATE_MAX_MS) return
  if (Number.isNaN(belief.toldAtMs)) belief.toldAtMs = atMs - STEP_MS
  else if (atMs - belief.toldAtMs >= STEP_MS && belief.heardAtMs > belief.toldAtMs) step(belief)
  smooth(belief, slotOf(belief, receiver), receiver, rssiDbm, atMs)
  if (!(belief.heardAtMs >= atMs)) belief.heardAtMs = atMs
}

/** Tells the rooms' chances up to the newest packet. */
function step(belief: Belief): void {
  const { scratch } = belief.model
  const { rooms } = belief
  for (let i = 0; i < rooms.length; i++) scratch.belief[i] = rooms[i] as number
  const offset = tell(belief, belief.heardAtMs)
  belief.offsetDb = offset.db
  belief.offsetVariance = offset.variance
  for (let i = 0; i < rooms.length; i++) rooms[i] = scratch.belief[i] as number
  belief.toldAtMs = belief.heardAtMs
}

/**
 * Moves the chances in the model's scratch from `toldAtMs` to `nowMs`, and weighs them by what was heard meanwhile.
 * Answers the pendant's offset as it is then believed. `down` are receivers known not to work.
 */
export function tell(belief: Belief, nowMs: number, down?: ReadonlySet<number>): Offset {
  const heardS = Math.max(0, belief.heardAtMs - belief.toldAtMs) / 1000
  const laterS = Math.max(0, nowMs - Math.max(belief.heardAtMs, belief.toldAtMs)) / 1000
  move(belief.model, heardS)
  const offset =
    heardS > 0 ? look(belief, heardS, down) : { db: belief.offsetDb, variance: belief.offsetVariance }
  if (laterS > 0) move(belief.model, laterS)
  return offset
}

/** Weighs the chances by the levels as they stand, and follows the offset: a scalar Kalman filter about zero. */
function look(belief: Belief, seconds: number, down?: ReadonlySet<number>): Offset {
  const { model } = belief
  const weight = 1 - Math.exp(-seconds / model.tempo.independentS)
  const widest = model.offsetSdDb ** 2
  const drift = Math.exp(-seconds / OFFSET_S)
  const before = belief.offsetDb * drift
  const variance = Math.max(OFFSET_VARIANCE_MIN, widest + (belief.offsetVariance - widest) * drift * drift)
  const heard = freshen(belief, down)
  const error = weigh(model, heard, weight, { db: before, variance }, down)
  const gain = weight * (1 - error.variance / variance)
  return { db: before + weight * error.db, variance: variance * (1 - gain) }
}

/** The levels that still say something, in the model's scratch. */
function freshen(belief: Belief, down?: ReadonlySet<number>): Heard {
  const { heard } = belief.model.scratch
  const { smoothingS } = belief.model.tempo
  heard.count = 0
  heard.packetsMost = 0
  for (let slot = 0; slot < SLOTS; slot++) {
    const receiver = belief.receiver[slot] as number
    if (receiver === EMPTY) break
    const agoS = Math.max(0, belief.heardAtMs - (belief.at[slot] as number)) / 1000
    const packets = (belief.packets[slot] as number) * Math.exp(-agoS / smoothingS)
    if (packets < PACKETS_MIN || down?.has(receiver) === true) continue
    heard.receiver[heard.count] = receiver
    heard.level[heard.count] = belief.level[slot] as number
    heard.packets[heard.count] = packets
    heard.packetsMost = Math.max(heard.packetsMost, packets)
    heard.count += 1
  }
  return heard
}

function slotOf(belief: Belief, receiver: number): number {
  let stalest = 0
  for (let slot = 0; slot < SLOTS; slot++) {
    const here = belief.receiver[slot]
    if (here === receiver) return slot
    if (here === EMPTY) return slot
    if ((belief.at[slot] as number) < (belief.at[stalest] as number)) stalest = slot
  }
  return stalest
}

/** A mean that forgets: each packet counts less by the time since it, and all by how many there were. */
function smooth(belief: Belief, slot: number, receiver: number, rssiDbm: number, atMs: number): void {
  const isNew = belief.receiver[slot] !== receiver
  const agoS = isNew ? 0 : Math.max(0, atMs - (belief.at[slot] as number)) / 1000
  const kept = isNew ? 0 : (belief.packets[slot] as number) * Math.exp(-agoS / belief.model.tempo.smoothingS)
  const before = isNew ? rssiDbm : (belief.level[slot] as number)
  belief.receiver[slot] = receiver
  belief.level[slot] = (kept * before + rssiDbm) / (kept + 1)
  belief.packets[slot] = kept + 1
  if (isNew || atMs > (belief.at[slot] as number)) belief.at[slot] = atMs
}
