// In: the smoothed levels of one pendant, and the chances of the rooms before them. Out: the chances after them.
// Each cell is asked how likely it makes what was heard and what was not, whatever the pendant's own strength is.
import { type Heard, type Model, SILENCES_MAX } from './model.ts'

/** Degrees of freedom of Student's t: a person in the way is a 10 dB error that a Gaussian would call impossible. */
const TAIL = 4
/** Heard where it never was: it happens, and it says little more than that. */
const UNEXPECTED_LOG = Math.log(0.01) - 3
/** No room is ever quite ruled out, so that the truth can come back within seconds. */
const CHANCE_MIN = 1e-6
/** A residual counts no further than this for the offset. */
const RESIDUAL_MAX_DB = 15
export type Offset = { db: number; variance: number }

/**
 * Weighs the chances in the model's scratch by what was heard, to the power `weight`. `offset` is what the pendant is
 * believed to be off by in all receivers alike. Answers what the most likely place makes of it.
 */
export function weigh(
  model: Model,
  heard: Heard,
  weight: number,
  offset: Offset,
  down: ReadonlySet<number> | undefined,
): Offset {
  const cells = gather(model, heard, offset)
  judge(model, heard, cells, offset, down)
  const best = byRoom(model, heard, cells)
  const { belief, roomLog } = model.scratch
  let most = Number.NEGATIVE_INFINITY
  for (let room = 0; room < roomLog.length; room++) most = Math.max(most, roomLog[room] as number)
  let sum = 0
  for (let room = 0; room < roomLog.length; room++) {
    const chance = (belief[room] as number) * Math.exp(weight * ((roomLog[room] as number) - most))
    belief[room] = chance
    sum += chance
  }
  for (let room = 0; room < roomLog.length; room++) {
    belief[room] = Math.max(CHANCE_MIN, (belief[room] as number) / sum)
  }
  return best
}

const silencesOf = (heard: Heard): number =>
  Math.max(1, Math.min(SILENCES_MAX, Math.round(Math.sqrt(heard.packetsMost))))

/** First pass: which cells can be meant at all, and the common error that each would have. Answers how many. */
function gather(model: Model, heard: Heard, offset: Offset): number {
  const { rowStart, rowCell, rowLevel, rowVariance, fadingSdDb, scratch } = model
  const { cellPull, cellWeight, cellSeen, cells } = scratch
  const prior = 1 / offset.variance
  let count = 0
  for (let i = 0; i < heard.count; i++) {
    const receiver = heard.receiver[i] as number
    const level = (heard.level[i] as number) - offset.db
    const fading = (fadingSdDb * fadingSdDb) / (heard.packets[i] as number)
    const to = rowStart[receiver + 1] as number
    for (let at = rowStart[receiver] as number; at < to; at++) {
      const cell = rowCell[at] as number
      if (cellSeen[cell] === 0) {
        cellSeen[cell] = 1
        cells[count++] = cell
        cellPull[cell] = 0
        cellWeight[cell] = prior
      }
      const residual = level - (rowLevel[at] as number)
      const clipped = Math.max(-RESIDUAL_MAX_DB, Math.min(RESIDUAL_MAX_DB, residual))
      const precision = 1 / ((rowVariance[at] as number) + fading)
      cellPull[cell] = (cellPull[cell] as number) + clipped * precision
      cellWeight[cell] = (cellWeight[cell] as number) + precision
    }
  }
  return count
}

/** Second pass: the log-likelihood of each cell, its own best common error allowed for and charged. */
function judge(
  model: Model,
  heard: Heard,
  count: number,
  offset: Offset,
  down: ReadonlySet<number> | undefined,
): void {
  const { rowStart, rowCell, rowLevel, rowVariance, rowLogHeard, rowSilence, fadingSdDb, scratch } = model
  const { cellLog, cellPull, cellWeight, cellSeen, cells } = scratch
  const silences = silencesOf(heard)
  const silence = model.cellSilence[silences - 1] as Float64Array
  const rowSilent = rowSilence[silences - 1] as Float64Array
  const unexpected = heard.count * UNEXPECTED_LOG
  for (let i = 0; i < count; i++) {
    const cell = cells[i] as number
    const error = (cellPull[cell] as number) / (cellWeight[cell] as number)
    cellPull[cell] = error
    // What is left of the prior's width after the levels spoke is the evidence for the offset (Laplace).
    const charge =
      (error * error) / offset.variance + Math.log((cellWeight[cell] as number) * offset.variance)
    cellLog[cell] = (silence[cell] as number) + unexpected - 0.5 * charge
    cellSeen[cell] = 0
  }
  for (let i = 0; i < heard.count; i++) {
    const receiver = heard.receiver[i] as number
    const level = (heard.level[i] as number) - offset.db
    const fading = (fadingSdDb * fadingSdDb) / (heard.packets[i] as number)
    const to = rowStart[receiver + 1] as number
    for (let at = rowStart[receiver] as number; at < to; at++) {
      const cell = rowCell[at] as number
      const variance = (rowVariance[at] as number) + fading
      const residual = level - (rowLevel[at] as number) - (cellPull[cell] as number)
      const fit =
        -0.5 * Math.log(variance) - 0.5 * (TAIL + 1) * Math.log1p((residual * residual) / (TAIL * variance))
      const chance = (rowLogHeard[at] as number) - (rowSilent[at] as number)
      cellLog[cell] = (cellLog[cell] as number) + fit - 0.98 + chance - UNEXPECTED_LOG
    }
  }
  if (down !== undefined) for (const receiver of down) leaveOut(model, receiver, rowSilent)
}

/** A receiver that is known to be down is not silent: it is not there. */
function leaveOut({ rowStart, rowCell, scratch }: Model, receiver: number, rowSilent: Float64Array): void {
  const to = rowStart[receiver + 1] as number
  for (let at = rowStart[receiver] as number; at < to; at++) {
    const cell = rowCell[at] as number
    scratch.cellLog[cell] = (scratch.cellLog[cell] as number) - (rowSilent[at] as number)
  }
}

/** The log-likelihood of each room from its cells; answers the common error of the most likely cell. */
function byRoom(model: Model, heard: Heard, count: number): Offset {
  const { cellRoom, cellLogShare, scratch } = model
  const { cellLog, cellPull, cellWeight, cells, roomLog, belief } = scratch
  const silent = model.roomSilence[silencesOf(heard) - 1] as Float64Array
  const unexpected = heard.count * UNEXPECTED_LOG
  for (let room = 0; room < roomLog.length; room++) roomLog[room] = (silent[room] as number) + unexpected
  let best = Number.NEGATIVE_INFINITY
  let db = 0
  let variance = 0
  for (let i = 0; i < count; i++) {
    const cell = cells[i] as number
    const room = cellRoom[cell] as number
    const log = (cellLog[cell] as number) + (cellLogShare[cell] as number)
    roomLog[room] = logSum(roomLog[room] as number, log)
    const worth = log + Math.log(belief[room] as number)
    if (worth <= best) continue
    best = worth
    db = cellPull[cell] as number
    variance = 1 / (cellWeight[cell] as number)
  }
  return { db, variance }
}

const logSum = (a: number, b: number): number =>
  a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b))
