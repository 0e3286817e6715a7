// What is believed of one pendant: a chance for each room, and the smoothed level of each receiver that hears it.
// In memory only, of a fixed size, and written in place: it is touched for every report.
import { type Heard, type Model, type Scratch, SLOTS } from '../building/model.ts'
import { move, see } from './filter.ts'
import { followed, independentS, unheard } from './independence.ts'
import { aged, gainOf, ONE_PACKET_MS, VARIANCE_MAX } from './level.ts'
import { type Offset, weigh } from './likelihood.ts'

const EMPTY = -1

/** Cells that are told apart of one pendant; the others share what is left. */
export const CELLS_MAX = 40

export type Belief = {
  readonly model: Model
  /** The likeliest cells, how many, and their chances; `rest` is the chance of all others. */
  readonly cell: Uint16Array
  readonly chance: Float32Array
  count: number
  rest: number
  /** Which receiver a slot is of; its level, and a moment before; how uncertain it is; when it last spoke. */
  readonly receiver: Int16Array
  readonly level: Float32Array
  readonly before: Float32Array
  readonly variance: Float32Array
  readonly at: Float64Array
  /** How many packets it heard within about a second, by when it last spoke. */
  readonly caught: Float32Array
  /** What this pendant is heard stronger or weaker by than the model's, and how sure that is. */
  offsetDb: number
  offsetVariance: number
  /** How many packets it was heard to send within about a second. */
  sent: number
  /** Up to when the chances are told, and the newest packet. NaN before the first. */
  toldAtMs: number
  heardAtMs: number
  /** The first packet that is not told yet; NaN for none. */
  pendingAtMs: number
}

/** The chances move on at most this often: with each batch of a receiver (schemas/report). */
export const STEP_MS = 250
/** Reports of one packet come within so long: receivers send idle ones in batches (schemas/report). */
const GATHER_MS = 250
/** A report that comes later than this after newer ones says nothing about now. */
const LATE_MAX_MS = 3_000
/** A cell less likely than this is not told apart from the rest. */
const CHANCE_MIN = 1e-4
const SENT_S = 1
/** The newest levels are a look of their own, however soon they come after the last. */
const LOOK_S = 0.2
/** How long a pendant stays as strong as it was: a coat is put on, a person lies down or gets up. */
const OFFSET_S = 600
/** Further than so many standard deviations from what could be expected something happened: a fall, a coat. */
const SURPRISE = 3
/** As much as a body that lies on the pendant takes, and the floor. */
const SURPRISED_DB = 12
/** It is never known better than to half a dB: turning about changes all levels. */
const OFFSET_VARIANCE_MIN = 0.25

export function newBelief(model: Model): Belief {
  return {
    model,
    cell: new Uint16Array(CELLS_MAX),
    chance: new Float32Array(CELLS_MAX),
    count: 0,
    rest: 1,
    receiver: new Int16Array(SLOTS).fill(EMPTY),
    level: new Float32Array(SLOTS),
    before: new Float32Array(SLOTS),
    variance: new Float32Array(SLOTS),
    at: new Float64Array(SLOTS),
    caught: new Float32Array(SLOTS),
    offsetDb: 0,
    offsetVariance: model.offsetSdDb ** 2,
    sent: 0,
    toldAtMs: Number.NaN,
    heardAtMs: Number.NaN,
    pendingAtMs: Number.NaN,
  }
}

/** A copy that can hear what the belief itself has not heard yet. */
export const copyOf = (belief: Belief): Belief => ({
  ...belief,
  cell: belief.cell.slice(),
  chance: belief.chance.slice(),
  receiver: belief.receiver.slice(),
  level: belief.level.slice(),
  before: belief.before.slice(),
  variance: belief.variance.slice(),
  at: belief.at.slice(),
  caught: belief.caught.slice(),
})

/**
 * One packet of the pendant was heard by a receiver. Instants are the gateway's; a receiver the model does not know
 * is passed over, as is a packet far older than the newest, and one whose level or instant is no number. `deaf` are receivers known not to hear it, by their place in
 * the model: their silence is left out of what is kept too.
 */
export function hear(
  belief: Belief,
  receiver: string,
  rssiDbm: number,
  atMs: number,
  deaf?: ReadonlySet<number>,
): void {
  const index = belief.model.receiverIndex.get(receiver)
  if (index !== undefined) hearIndex(belief, index, rssiDbm, atMs, deaf)
}

/** As `hear`, by the receiver's place in the model. */
export function hearIndex(
  belief: Belief,
  receiver: number,
  rssiDbm: number,
  atMs: number,
  deaf?: ReadonlySet<number>,
): void {
  if (!Number.isFinite(rssiDbm) || !Number.isFinite(atMs)) return
  if (atMs < belief.heardAtMs - LATE_MAX_MS) return
  if (Number.isNaN(belief.toldAtMs)) belief.toldAtMs = atMs - STEP_MS
  else if (isNext(belief, atMs)) step(belief, deaf)
  smooth(belief, slotOf(belief, receiver), receiver, rssiDbm, atMs)
  if (Number.isNaN(belief.pendingAtMs)) belief.pendingAtMs = atMs
  if (belief.heardAtMs >= atMs) return
  const agoS = (atMs - belief.heardAtMs) / 1000
  if (!(agoS * 1000 <= ONE_PACKET_MS)) {
    belief.sent = belief.sent === 0 ? 1 : belief.sent * Math.exp(-agoS / SENT_S) + 1
  }
  belief.heardAtMs = atMs
}

/** Whether what is pending is whole, and a step has passed: receivers tell of one packet one after the other. */
const isNext = ({ pendingAtMs, toldAtMs }: Belief, atMs: number): boolean =>
  atMs - toldAtMs >= STEP_MS && atMs - pendingAtMs > GATHER_MS

/** Tells the chances up to the newest packet, and keeps them. */
function step(belief: Belief, deaf?: ReadonlySet<number>): void {
  const { scratch } = belief.model
  const offset = tell(belief, belief.heardAtMs, deaf)
  belief.offsetDb = offset.db
  belief.offsetVariance = offset.variance
  belief.toldAtMs = belief.heardAtMs
  belief.pendingAtMs = Number.NaN
  let least = CHANCE_MIN
  while (countOver(scratch, least) > CELLS_MAX) least *= 4
  let count = 0
  let kept = 0
  for (let i = 0; i < scratch.count; i++) {
    const cell = scratch.cells[i] as number
    const chance = scratch.chance[cell] as number
    if (chance <= least) continue
    belief.cell[count] = cell
    belief.chance[count] = chance
    kept += chance
    count += 1
  }
  belief.count = count
  belief.rest = Math.max(0, 1 - kept)
  tidy(scratch)
}

function countOver({ cells, chance, count }: Scratch, least: number): number {
  let over = 0
  for (let i = 0; i < count; i++) if ((chance[cells[i] as number] as number) > least) over += 1
  return over
}

/** Leaves the scratch as it was found. */
export function tidy(scratch: Scratch): void {
  for (let i = 0; i < scratch.count; i++) {
    const cell = scratch.cells[i] as number
    scratch.chance[cell] = 0
    scratch.isSeen[cell] = 0
  }
  scratch.count = 0
}

/**
 * Puts the chances into the model's scratch, moves them from `toldAtMs` to `nowMs`, and weighs them by what was heard
 * meanwhile. The caller tidies the scratch.
 * Answers the pendant's offset as it is then believed. `down` are receivers known not to work.
 */
export function tell(belief: Belief, nowMs: number, down?: ReadonlySet<number>): Offset {
  const { scratch } = belief.model
  for (let i = 0; i < belief.count; i++) {
    const cell = belief.cell[i] as number
    see(scratch, cell)
    scratch.chance[cell] = belief.chance[i] as number
  }
  scratch.rest = belief.rest
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
  const weight = 1 - Math.exp(-Math.max(LOOK_S, seconds) / independentS(belief, slotsOf(belief)))
  const widest = model.offsetSdDb ** 2
  const drift = Math.exp(-seconds / OFFSET_S)
  const before = belief.offsetDb * drift
  const variance = Math.max(OFFSET_VARIANCE_MIN, widest + (belief.offsetVariance - widest) * drift * drift)
  const heard = freshen(belief)
  const error = weigh(model, heard, weight, { db: before, variance }, down)
  const told = weight * error.inside
  const share = 1 - error.variance / variance
  const db = before + told * error.db
  const isSurprise = error.db * error.db > SURPRISE ** 2 * share * variance
  return { db, variance: isSurprise ? Math.max(widest, SURPRISED_DB ** 2) : variance * (1 - told * share) }
}

/** The levels that still say something, in the model's scratch. */
function freshen(belief: Belief): Heard {
  const { heard } = belief.model.scratch
  const { driftPerS } = belief.model.tempo
  heard.count = 0
  heard.sent = belief.sent
  for (let slot = 0; slot < SLOTS; slot++) {
    const receiver = belief.receiver[slot] as number
    if (receiver === EMPTY) break
    const agoS = Math.max(0, belief.heardAtMs - (belief.at[slot] as number)) / 1000
    const variance = aged(belief.variance[slot] as number, agoS, driftPerS)
    if (variance > VARIANCE_MAX) continue
    heard.receiver[heard.count] = receiver
    heard.level[heard.count] = belief.level[slot] as number
    heard.variance[heard.count] = variance
    const caught = (belief.caught[slot] as number) * Math.exp(-agoS / SENT_S)
    heard.share[heard.count] = Math.min(1, caught / belief.sent)
    heard.count += 1
  }
  return heard
}

const slotsOf = ({ receiver }: Belief): number => {
  const free = receiver.indexOf(EMPTY)
  return free < 0 ? SLOTS : free
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

/** Takes a packet into the level of its receiver. */
function smooth(belief: Belief, slot: number, receiver: number, rssiDbm: number, atMs: number): void {
  const { fadingSdDb, tempo } = belief.model
  const fading = fadingSdDb * fadingSdDb
  const agoS = (atMs - (belief.at[slot] as number)) / 1000
  const variance = aged(belief.variance[slot] as number, agoS, tempo.driftPerS)
  if (belief.receiver[slot] !== receiver || variance > VARIANCE_MAX) {
    belief.receiver[slot] = receiver
    belief.level[slot] = rssiDbm
    belief.before[slot] = unheard(rssiDbm)
    belief.variance[slot] = fading
    belief.at[slot] = atMs
    belief.caught[slot] = 1
    return
  }
  const gain = gainOf(variance, fading)
  belief.before[slot] = followed(belief.before[slot] as number, belief.level[slot] as number, agoS)
  belief.level[slot] = (belief.level[slot] as number) + gain * (rssiDbm - (belief.level[slot] as number))
  belief.variance[slot] = variance * (1 - gain)
  belief.caught[slot] = (belief.caught[slot] as number) * Math.exp(-Math.max(0, agoS) / SENT_S) + 1
  if (agoS > 0) belief.at[slot] = atMs
}
