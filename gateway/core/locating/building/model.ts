// What locating knows of a building: cells of rooms with the levels expected there, and how people move among them.
// Made once from dense cells; kept sparse, so that a receiver costs only the cells in which it can be heard.
import type { Cell } from './cell.ts'
import { edgesOf, type Move } from './moves.ts'
import { type Hearing, heardAt, USUAL_HEARING } from './radio.ts'

/** How time is treated. All have a physical meaning; those that a walk test can teach are learnt from it. */
export type Tempo = {
  /** How fast the mean level of a receiver changes while people walk about, in dB squared per second. */
  driftPerS: number
  /** Confidence as reported: the odds to this power. */
  candour: number
}

export type Model = {
  readonly rooms: readonly string[]
  readonly receivers: readonly string[]
  readonly receiverIndex: ReadonlyMap<string, number>
  readonly isCalibrated: boolean
  readonly tempo: Tempo
  /** How far a pendant's output, and the body it hangs on, may be from those of the model. */
  readonly offsetSdDb: number
  readonly fadingSdDb: number
  readonly cellRoom: Int32Array
  /** The chance of a cell before anything was heard. */
  readonly cellPrior: Float64Array
  /**
   * Log of the chance that no receiver hears so many packets in a row, per cell: by `look(run, offset)`, since a pendant
   * that is weaker everywhere is also missed more.
   */
  readonly cellSilence: readonly Float32Array[]
  /** The cells of a receiver, loudest first: from rowStart[receiver] to rowStart[receiver + 1]. */
  readonly rowStart: Int32Array
  readonly rowCell: Int32Array
  readonly rowLevel: Float64Array
  readonly rowVariance: Float64Array
  /** Log of the chance to be heard, by offset; and to be missed, by `look(run, offset)`. */
  readonly rowHeard: readonly Float32Array[]
  readonly rowSilence: readonly Float32Array[]
  /** Cells that a wearer may be in a second later: from moveStart[cell] to moveStart[cell + 1], itself left out. */
  readonly moveStart: Int32Array
  readonly moveTo: Int32Array
  readonly moveShare: Float64Array
  /** The rate at which a cell is left, per second. */
  readonly cellLeaving: Float64Array
  /** Lent to whoever computes: nothing in it outlives a call. */
  readonly scratch: Scratch
}

/** A sparse set of cells with a chance each, and what else there is, spread over all cells as before anything was heard. */
export type Scratch = {
  /** The cells that are told apart, and how many. */
  readonly cells: Int32Array
  count: number
  /** By cell; 0 in all cells that are not told apart. */
  readonly chance: Float64Array
  rest: number
  readonly moved: Float64Array
  readonly log: Float64Array
  readonly pull: Float64Array
  readonly weight: Float64Array
  /** What is unlikely about the levels there, all receivers' together. */
  readonly tail: Float64Array
  readonly isSeen: Uint8Array
  /** By cell: which of OFFSETS_DB is meant there. */
  readonly place: Uint8Array
  readonly room: Float64Array
  readonly heard: Heard
}

/** What was heard of one pendant: which receivers, their levels, and how uncertain each is. */
export type Heard = {
  count: number
  readonly receiver: Int32Array
  readonly level: Float64Array
  readonly variance: Float64Array
  /** Which share of the packets of late it heard. */
  readonly share: Float64Array
  /** How many packets were sent of late, as far as anybody heard. */
  sent: number
}

/** Receivers that are remembered of one pendant. More hear it at once only in a hall; the stalest makes room. */
export const SLOTS = 16

export type ModelParts = {
  rooms: readonly string[]
  receivers: readonly string[]
  cells: readonly Cell[]
  hearing: readonly Hearing[]
  moves: readonly (readonly Move[])[]
  tempo: Tempo
  isCalibrated: boolean
  offsetSdDb: number
  fadingSdDb: number
}

/** Of those who begin to be heard, so many are outside the known rooms. */
const OUTSIDE_AT_FIRST = 0.02
/** So many packets in a row may be missed; the likelihood counts no more as independent. */
export const SILENCES_MAX = 3
const SILENT_ANYWAY = 0.05
/** A receiver is left out of a cell in which fewer than one packet in fifty is heard. */
const HEARD_ROW_MIN = 0.02
/** The offsets, in dB, for which the chances of being heard are kept: a pendant on the floor, under a body, in the open. */
export const OFFSETS_DB = [-24, -18, -12, -6, 0, 6, 12] as const
const OFFSET_STEP_DB = 6

/** Which of OFFSETS_DB is nearest. */
export const offsetIndex = (db: number): number =>
  Math.max(0, Math.min(OFFSETS_DB.length - 1, Math.round((db - OFFSETS_DB[0]) / OFFSET_STEP_DB)))
/** Where the silence of `run` packets in a row (from 1) is kept for an offset. */
export const look = (run: number, offset: number): number => (run - 1) * OFFSETS_DB.length + offset

/** Packs cells into sparse rows. */
export function modelFrom(parts: ModelParts): Model {
  const { rooms, receivers, cells, hearing } = parts
  const heard = (cell: Cell, r: number, db: number): number =>
    heardAt(((cell.hearsDbm ?? cell.levelDbm)[r] as number) + db, hearing[r] ?? USUAL_HEARING)
  const rows = receivers.map((_, r) =>
    cells
      .flatMap((cell, c) => (heard(cell, r, 0) >= HEARD_ROW_MIN && hasLevel(cell, r) ? [c] : []))
      .sort((a, b) => (cells[b]?.levelDbm[r] as number) - (cells[a]?.levelDbm[r] as number) || a - b),
  )
  const values = (value: (cell: Cell, receiver: number) => number): number[] =>
    rows.flatMap((row, r) => row.map(c => value(cells[c] as Cell, r)))
  const of = (value: (cell: Cell, receiver: number) => number): Float64Array =>
    Float64Array.from(values(value))
  const runs = Array.from({ length: SILENCES_MAX }, (_, i) => i + 1)
  const rowSilence = runs.flatMap(run =>
    OFFSETS_DB.map(db => Float32Array.from(values((cell, r) => silentLog(heard(cell, r, db), run)))),
  )
  const rowHeard = OFFSETS_DB.map(db => Float32Array.from(values((cell, r) => Math.log(heard(cell, r, db)))))
  const edges = edgesOf(parts.moves)
  return {
    rooms,
    receivers,
    receiverIndex: new Map(receivers.map((id, i) => [id, i])),
    isCalibrated: parts.isCalibrated,
    tempo: parts.tempo,
    offsetSdDb: parts.offsetSdDb,
    fadingSdDb: parts.fadingSdDb,
    cellRoom: Int32Array.from(cells.map(cell => cell.room)),
    cellPrior: Float64Array.from(cells, ({ room, share }) =>
      room === rooms.length ? share * OUTSIDE_AT_FIRST : (share * (1 - OUTSIDE_AT_FIRST)) / rooms.length,
    ),
    cellSilence: rowSilence.map(logs => summed(cells.length, rows, logs)),
    rowStart: startsOf(rows),
    rowCell: Int32Array.from(rows.flat()),
    rowLevel: of((cell, r) => cell.levelDbm[r] as number),
    rowVariance: of((cell, r) => (cell.spreadDb[r] as number) ** 2),
    rowHeard,
    rowSilence,
    moveStart: startsOf(parts.moves),
    moveTo: edges.to,
    moveShare: edges.share,
    cellLeaving: edges.leaving,
    scratch: scratchFor(cells.length, rooms.length + 1),
  }
}

/** What is compared with a level must have one: a chance of being heard alone makes no likelihood. */
const hasLevel = ({ levelDbm, spreadDb }: Cell, r: number): boolean =>
  Number.isFinite(levelDbm[r]) && Number.isFinite(spreadDb[r])

/**
 * The log of the chance that a receiver misses so many packets. It is never taken for impossible: one in twenty
 * receivers that hear nothing have a reason of their own (unplugged, moved, a cupboard in front of it).
 */
const silentLog = (heard: number, packets: number): number =>
  Math.log(SILENT_ANYWAY + (1 - SILENT_ANYWAY) * (1 - heard) ** packets)

function summed(cells: number, rows: readonly (readonly number[])[], logs: Float32Array): Float32Array {
  const sums = new Float32Array(cells)
  rows.flat().forEach((c, i) => {
    sums[c] = (sums[c] as number) + (logs[i] as number)
  })
  return sums
}

function startsOf(rows: readonly (readonly unknown[])[]): Int32Array {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => {
    starts[i + 1] = (starts[i] as number) + row.length
  })
  return starts
}

const scratchFor = (cells: number, rooms: number): Scratch => ({
  cells: new Int32Array(cells),
  count: 0,
  chance: new Float64Array(cells),
  rest: 0,
  moved: new Float64Array(cells),
  log: new Float64Array(cells),
  pull: new Float64Array(cells),
  weight: new Float64Array(cells),
  tail: new Float64Array(cells),
  isSeen: new Uint8Array(cells),
  place: new Uint8Array(cells),
  room: new Float64Array(rooms),
  heard: {
    count: 0,
    receiver: new Int32Array(SLOTS),
    level: new Float64Array(SLOTS),
    variance: new Float64Array(SLOTS),
    share: new Float64Array(SLOTS),
    sent: 0,
  },
})
