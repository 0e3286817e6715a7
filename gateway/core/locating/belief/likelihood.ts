// In: what was heard of one pendant, and the chances of the cells before it. Out: the chances after it.
// Each cell is asked how likely it makes what was heard and what was not, whatever the pendant's own strength is.
import { type Heard, look, type Model, offsetIndex, SILENCES_MAX } from '../building/model.ts'
import { see } from './filter.ts'

/** Degrees of freedom of Student's t: a person in the way is a 10 dB error that a Gaussian would call impossible. */
const TAIL = 8
/** Log of Student's t at its middle, for a unit scale and four degrees of freedom: 3/8. */
const TAIL_LOG = -0.97
/** Heard where it never was: it happens, and it says little more than that. */
const UNEXPECTED_LOG = Math.log(0.01) - 3
/** A residual counts no further than this for the offset. */
const RESIDUAL_MAX_DB = 15

/** How much stronger or weaker than the model's a pendant is heard by all receivers alike, and how sure that is. */
export type Offset = { db: number; variance: number }

/**
 * Weighs the chances in the model's scratch by what was heard, to the power `weight`. `offset` is what the pendant is
 * believed to be off by in all receivers alike. Answers what the rooms, each by its chance, make of it, and the chance
 * of being in any of them.
 */
export function weigh(
  model: Model,
  heard: Heard,
  weight: number,
  offset: Offset,
  down: ReadonlySet<number> | undefined,
): Offset & { inside: number } {
  gather(model, heard, offset)
  judge(model, heard, offset, down)
  const { scratch, cellPrior, cellRoom, rooms } = model
  const { cells, chance, log } = scratch
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i < scratch.count; i++) most = Math.max(most, log[cells[i] as number] as number)
  let sum = 0
  let inside = 0
  let db = 0
  let variance = 0
  for (let i = 0; i < scratch.count; i++) {
    const cell = cells[i] as number
    const fit = Math.exp(weight * ((log[cell] as number) - most))
    const now = ((chance[cell] as number) + scratch.rest * (cellPrior[cell] as number)) * fit
    chance[cell] = now
    sum += now
    // Outside, levels are weak for another reason than the pendant's own.
    if (cellRoom[cell] === rooms.length) continue
    inside += now
    db += now * (scratch.pull[cell] as number)
    variance += now / (scratch.weight[cell] as number)
  }
  // Heard by receivers that point nowhere, and nothing was believed before: nothing is learnt.
  if (!(sum > 0)) {
    scratch.rest = 1
    return { db: 0, variance: offset.variance, inside: 0 }
  }
  // Of the cells that no receiver points to, nothing is left but a doubt.
  for (let i = 0; i < scratch.count; i++) {
    const cell = cells[i] as number
    chance[cell] = ((1 - DOUBT) * (chance[cell] as number)) / sum
  }
  scratch.rest = DOUBT
  const share = Math.max(Number.MIN_VALUE, inside)
  return { db: db / share, variance: variance / share, inside: inside / sum }
}
/** No place is ever quite ruled out, so that the truth can come back within seconds. */
const DOUBT = 1e-5

const silencesOf = (heard: Heard): number =>
  Math.max(1, Math.min(SILENCES_MAX, Math.round(Math.sqrt(heard.sent))))

/**
 * Besides the cells that the wearer may have walked to, those in which the loudest receivers are loudest: whoever was
 * lost is found again by them. Their number is bounded, whatever the building.
 */
function propose({ rowStart, rowCell, scratch }: Model, heard: Heard): void {
  let above = Number.POSITIVE_INFINITY
  for (let n = 0; n < Math.min(LOUDEST, heard.count); n++) {
    let loudest = -1
    for (let i = 0; i < heard.count; i++) {
      const level = heard.level[i] as number
      if (level < above && (loudest < 0 || level > (heard.level[loudest] as number))) loudest = i
    }
    if (loudest < 0) return
    above = heard.level[loudest] as number
    const receiver = heard.receiver[loudest] as number
    const from = rowStart[receiver] as number
    const to = Math.min(rowStart[receiver + 1] as number, from + PROPOSED)
    for (let at = from; at < to; at++) see(scratch, rowCell[at] as number)
  }
}
const LOUDEST = 3
const PROPOSED = 48

/** First pass: which cells can be meant at all, and the common error that each would have. */
function gather(model: Model, heard: Heard, offset: Offset): void {
  const { rowStart, rowCell, rowLevel, rowVariance, scratch } = model
  const { cells, isSeen, pull, weight } = scratch
  propose(model, heard)
  for (let i = 0; i < scratch.count; i++) {
    const cell = cells[i] as number
    pull[cell] = 0
    weight[cell] = 1 / offset.variance
  }
  for (let i = 0; i < heard.count; i++) {
    const receiver = heard.receiver[i] as number
    const level = (heard.level[i] as number) - offset.db
    const fading = heard.variance[i] as number
    const to = rowStart[receiver + 1] as number
    for (let at = rowStart[receiver] as number; at < to; at++) {
      const cell = rowCell[at] as number
      if (isSeen[cell] === 0) continue
      const residual = level - (rowLevel[at] as number)
      const clipped = Math.max(-RESIDUAL_MAX_DB, Math.min(RESIDUAL_MAX_DB, residual))
      const precision = 1 / ((rowVariance[at] as number) + fading)
      pull[cell] = (pull[cell] as number) + clipped * precision
      weight[cell] = (weight[cell] as number) + precision
    }
  }
}

/** Second pass: the log-likelihood of each cell, its own best common error allowed for and charged. */
function judge(model: Model, heard: Heard, offset: Offset, down: ReadonlySet<number> | undefined): void {
  const { rowStart, rowCell, rowLevel, rowVariance, rowHeard, rowSilence, scratch } = model
  const { cells, isSeen, log, pull, weight, tail, place } = scratch
  const silences = silencesOf(heard)
  const unexpected = heard.count * UNEXPECTED_LOG
  // By physics all cells of a receiver have one variance: its logarithm is worked out once.
  let lastVariance = Number.NaN
  let spread = 0
  for (let i = 0; i < scratch.count; i++) {
    const cell = cells[i] as number
    const error = (pull[cell] as number) / (weight[cell] as number)
    pull[cell] = error
    const at = offsetIndex(offset.db + error)
    place[cell] = at
    const silence = model.cellSilence[look(silences, at)] as Float32Array
    // What is left of the prior's width after the levels spoke is the evidence for the offset (Laplace).
    const charge = (error * error) / offset.variance + Math.log((weight[cell] as number) * offset.variance)
    log[cell] = (silence[cell] as number) + unexpected - 0.5 * charge
    tail[cell] = 1
  }
  for (let i = 0; i < heard.count; i++) {
    const receiver = heard.receiver[i] as number
    const level = (heard.level[i] as number) - offset.db
    const share = heard.share[i] as number
    const fading = heard.variance[i] as number
    const to = rowStart[receiver + 1] as number
    for (let at = rowStart[receiver] as number; at < to; at++) {
      const cell = rowCell[at] as number
      if (isSeen[cell] === 0) continue
      const variance = (rowVariance[at] as number) + fading
      if (variance !== lastVariance) {
        lastVariance = variance
        spread = 0.5 * Math.log(variance)
      }
      const residual = level - (rowLevel[at] as number) - (pull[cell] as number)
      // Its logarithm is taken once a cell: the product of all receivers' stays far from what a number holds.
      tail[cell] = (tail[cell] as number) * (1 + (residual * residual) / (TAIL * variance))
      const offsetAt = place[cell] as number
      const silent = (rowSilence[look(silences, offsetAt)] as Float32Array)[at] as number
      const chance = share * (silences * ((rowHeard[offsetAt] as Float32Array)[at] as number) - silent)
      log[cell] = (log[cell] as number) + TAIL_LOG - spread + chance - UNEXPECTED_LOG
    }
  }
  for (let i = 0; i < scratch.count; i++) {
    const cell = cells[i] as number
    log[cell] = (log[cell] as number) - 0.5 * (TAIL + 1) * Math.log(tail[cell] as number)
  }
  if (down !== undefined) for (const receiver of down) leaveOut(model, heard, receiver, silences)
}

/** A receiver that is known to be down is not silent: it is not there. One that speaks after all is. */
function leaveOut(
  { rowStart, rowCell, rowSilence, scratch }: Model,
  heard: Heard,
  receiver: number,
  run: number,
): void {
  for (let i = 0; i < heard.count; i++) if (heard.receiver[i] === receiver) return
  const to = rowStart[receiver + 1] as number
  for (let at = rowStart[receiver] as number; at < to; at++) {
    const cell = rowCell[at] as number
    // Of the others nothing is asked, and what stands there is of somebody else.
    if (scratch.isSeen[cell] === 0) continue
    const silent = (rowSilence[look(run, scratch.place[cell] as number)] as Float32Array)[at] as number
    scratch.log[cell] = (scratch.log[cell] as number) - silent
  }
}
