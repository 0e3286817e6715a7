// What locating knows of a building: cells of rooms with the levels expected there, and how people move between rooms.
// Made once from dense cells; kept sparse, so that a receiver costs only the cells in which it can be heard.

/** A part of a room in which the levels are much alike. Arrays by receiver; a level below hearing is NaN. */
export type Cell = {
  room: number
  /** Its share of the room: over one room they sum to 1. */
  share: number
  levelDbm: Float64Array
  /** Of the true level about `levelDbm`, without the fading of single packets. */
  spreadDb: Float64Array
  /** The chance that one packet is heard. */
  heard: Float64Array
}

/** How time is treated. All have a physical meaning; those that a walk test can teach are learnt from it. */
export type Tempo = {
  /** How far back the levels are averaged: about the time to walk as far as shadowing stays alike. */
  smoothingS: number
  /** After how long two levels of one place count as independent. */
  independentS: number
  /** How long people stay in a room before they walk on. */
  dwellS: number
  /** Confidence as reported: the odds to this power. */
  candour: number
}

export type Model = {
  readonly rooms: readonly string[]
  readonly receivers: readonly string[]
  readonly receiverIndex: ReadonlyMap<string, number>
  readonly isCalibrated: boolean
  readonly tempo: Tempo
  /** How far a pendant's output, and the body it hangs on, may be from those of the model; and how it drifts. */
  readonly offsetSdDb: number
  readonly fadingSdDb: number
  readonly cellRoom: Int32Array
  readonly cellLogShare: Float64Array
  /** Log of the chance that no receiver hears one packet, two, three in a row: per cell, and for the whole room. */
  readonly cellSilence: readonly Float64Array[]
  readonly roomSilence: readonly Float64Array[]
  /** The cells of a receiver: from rowStart[receiver] to rowStart[receiver + 1]. */
  readonly rowStart: Int32Array
  readonly rowCell: Int32Array
  readonly rowLevel: Float64Array
  readonly rowVariance: Float64Array
  readonly rowLogHeard: Float64Array
  readonly rowSilence: readonly Float64Array[]
  /** Rooms next to a room: from nextStart[room] to nextStart[room + 1]. The outside is room number rooms.length. */
  readonly nextStart: Int32Array
  readonly nextRoom: Int32Array
  /** Lent to whoever computes: nothing in it outlives a call. */
  readonly scratch: Scratch
}

export type Scratch = {
  readonly cellLog: Float64Array
  readonly cellPull: Float64Array
  readonly cellWeight: Float64Array
  readonly cellSeen: Uint8Array
  readonly cells: Int32Array
  readonly roomLog: Float64Array
  readonly belief: Float64Array
  readonly moved: Float64Array
  readonly heard: Heard
}

/** What was heard of one pendant: which receivers, their levels, and how many packets each rests on. */
export type Heard = {
  count: number
  readonly receiver: Int32Array
  readonly level: Float64Array
  readonly packets: Float64Array
  /** The most packets that any receiver has: so many were surely sent. */
  packetsMost: number
}

/** Receivers that are remembered of one pendant. More hear it at once only in a hall; the stalest makes room. */
export const SLOTS = 16

export type ModelParts = {
  rooms: readonly string[]
  receivers: readonly string[]
  cells: readonly Cell[]
  neighbours: readonly (readonly number[])[]
  tempo: Tempo
  isCalibrated: boolean
  offsetSdDb: number
  fadingSdDb: number
}

/** So many packets in a row may be missed; the likelihood counts no more as independent. */
export const SILENCES_MAX = 3
const SILENT_ANYWAY = 0.05
/** Of a room without cells. */
const NOWHERE_LOG = -60
/** A receiver is left out of a cell in which fewer than one packet in fifty is heard. */
const HEARD_ROW_MIN = 0.02

/** Packs cells into sparse rows. */
export function modelFrom(parts: ModelParts): Model {
  const { rooms, receivers, cells, neighbours } = parts
  const rows = receivers.map((_, r) =>
    cells.flatMap((cell, c) => ((cell.heard[r] as number) >= HEARD_ROW_MIN ? [c] : [])),
  )
  const of = (value: (cell: Cell, receiver: number) => number): Float64Array =>
    Float64Array.from(rows.flatMap((row, r) => row.map(c => value(cells[c] as Cell, r))))
  const runs = Array.from({ length: SILENCES_MAX }, (_, i) => i + 1)
  const rowSilence = runs.map(run => of((cell, r) => silentLog(cell.heard[r] as number, run)))
  const cellSilence = runs.map((_, run) => {
    const sums = new Float64Array(cells.length)
    rows.flat().forEach((c, i) => {
      sums[c] = (sums[c] as number) + ((rowSilence[run] as Float64Array)[i] as number)
    })
    return sums
  })
  return {
    rooms,
    receivers,
    receiverIndex: new Map(receivers.map((id, i) => [id, i])),
    isCalibrated: parts.isCalibrated,
    tempo: parts.tempo,
    offsetSdDb: parts.offsetSdDb,
    fadingSdDb: parts.fadingSdDb,
    cellRoom: Int32Array.from(cells.map(cell => cell.room)),
    cellLogShare: Float64Array.from(cells.map(cell => Math.log(cell.share))),
    cellSilence,
    roomSilence: cellSilence.map(logs => leastSurprised(cells, logs, rooms.length + 1)),
    rowStart: startsOf(rows),
    rowCell: Int32Array.from(rows.flat()),
    rowLevel: of((cell, r) => cell.levelDbm[r] as number),
    rowVariance: of((cell, r) => (cell.spreadDb[r] as number) ** 2),
    rowLogHeard: of((cell, r) => Math.log(cell.heard[r] as number)),
    rowSilence,
    nextStart: startsOf(neighbours),
    nextRoom: Int32Array.from(neighbours.flat()),
    scratch: scratchFor(cells.length, rooms.length + 1),
  }
}

/**
 * The log of the chance that a receiver misses so many packets. It is never taken for impossible: one in twenty
 * receivers that hear nothing have a reason of their own (unplugged, moved, a cupboard in front of it).
 */
const silentLog = (heard: number, packets: number): number =>
  Math.log(SILENT_ANYWAY + (1 - SILENT_ANYWAY) * (1 - heard) ** packets)

/** For rooms none of whose cells can be meant: that of the cell which expects least. */
function leastSurprised(cells: readonly Cell[], logs: Float64Array, rooms: number): Float64Array {
  const least = new Float64Array(rooms).fill(NOWHERE_LOG)
  cells.forEach(({ room }, c) => {
    least[room] = Math.max(least[room] as number, logs[c] as number)
  })
  return least
}

function startsOf(rows: readonly (readonly unknown[])[]): Int32Array {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => {
    starts[i + 1] = (starts[i] as number) + row.length
  })
  return starts
}

const scratchFor = (cells: number, rooms: number): Scratch => ({
  cellLog: new Float64Array(cells),
  cellPull: new Float64Array(cells),
  cellWeight: new Float64Array(cells),
  cellSeen: new Uint8Array(cells),
  cells: new Int32Array(cells),
  roomLog: new Float64Array(rooms),
  belief: new Float64Array(rooms),
  moved: new Float64Array(rooms),
  heard: {
    count: 0,
    receiver: new Int32Array(SLOTS),
    level: new Float64Array(SLOTS),
    packets: new Float64Array(SLOTS),
    packetsMost: 0,
  },
})
