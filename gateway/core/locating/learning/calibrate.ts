// In: a layout and walk tests. Out: a model of what was heard where, drawn towards physics where little was.
import type { Walk } from '../../../../schemas/walk.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Cell } from '../building/cell.ts'
import { type Layout, layoutOf, neighboursOf } from '../building/layout.ts'
import { type Model, modelFrom } from '../building/model.ts'
import { movesOf } from '../building/moves.ts'
import { FADING_SD_DB } from '../building/radio.ts'
import {
  meanLevels,
  modelOf,
  OFFSET_SD_CALIBRATED_DB,
  PHYSICAL_TEMPO,
  physicalCells,
  withOutside,
} from '../building/uncalibrated.ts'
import { candourOf } from './confidence.ts'
import { cellsOf, type Expected, membersOf } from './mixture.ts'
import { fadingOf, type OnStep, SAMPLE_S, type Sample, samplesOf, UNWATCHED } from './samples.ts'
import { heardIn } from './sensitivity.ts'

/** Whoever wears it later stands and turns otherwise than whoever walked: a confidence is meant that much less, or more so. */
const ANOTHER_BODY = 0.73
/** Of one walk alone nobody knows by how much: what made-up buildings ask for, where another body walks. */
const ONE_WALK = 0.63
/** How many seconds in a room the physics of its levels is worth. */
const PHYSICS_WORTH = 1
const GHOST_WORTH = 0.01

/**
 * Learns a model. Rooms that no walk came to are left to physics, set right by what the other rooms taught of it. How sure
 * it may be is cross-validated among the walks, where there are several.
 */
export function calibrate(layout: Layout, walks: readonly Walk[], onStep: OnStep = UNWATCHED): Model {
  const candour =
    walks.length === 1
      ? ONE_WALK
      : candourOf(walks, some => learnt(layout, some, ANOTHER_BODY, onStep), ANOTHER_BODY, onStep)
  return learnt(layout, walks, candour, onStep)
}

function learnt(layout: Layout, walks: readonly Walk[], candour: number, onStep: OnStep): Model {
  const { driftPerS } = PHYSICAL_TEMPO
  const fadingSdDb = fadingOf(walks, driftPerS, FADING_SD_DB)
  const samples = samplesOf(layout, walks, { fadingSdDb, driftPerS }, onStep)
  const physical = taught(layout, physicalCells(layout), samples)
  const rooms = layout.rooms.flatMap((_, room) => roomCells(room, samples, physical, onStep))
  const { cells: inside, hearing } = heardIn(rooms, samples, layout.receivers.length, onStep)
  const cells = withOutside(layout, inside)
  return modelFrom({
    rooms: layout.rooms,
    receivers: layout.receivers.map(({ id }) => id),
    cells,
    hearing,
    moves: movesOf(cells, neighboursOf(layout), { seen: seenMoves(cells, samples, onStep) }),
    tempo: { ...PHYSICAL_TEMPO, candour },
    isCalibrated: true,
    offsetSdDb: OFFSET_SD_CALIBRATED_DB,
    fadingSdDb,
  })
}

function roomCells(
  room: number,
  samples: readonly Sample[],
  physical: readonly Cell[],
  onStep: OnStep,
): Cell[] {
  const here = samples.filter(sample => sample.room === room)
  const ghosts = physical.filter(cell => cell.room === room)
  if (here.length === 0) return ghosts
  const taughtCells = cellsOf(room, here, expectedOf(ghosts), onStep)
  const seconds = SAMPLE_S * here.length
  const trust = seconds / (seconds + GHOST_WORTH)
  return [
    ...taughtCells.map(cell => ({ ...cell, share: cell.share * trust })),
    ...ghosts.map(cell => ({ ...cell, share: cell.share * (1 - trust) })),
  ]
}

function expectedOf(cells: readonly Cell[]): Expected {
  const levelDbm = Float64Array.from(meanLevels(cells))
  return { levelDbm, worth: PHYSICS_WORTH }
}

/** For how many seconds the walk went from which cell to which within a second: each sample is of the likeliest of its room. */
function seenMoves(
  cells: readonly Cell[],
  samples: readonly Sample[],
  onStep: OnStep,
): Map<number, Map<number, number>> {
  const cellOf = membersOf(samples, cells, onStep).map(
    ({ of, shares }) => of[shares.indexOf(Math.max(...shares))],
  )
  const seen = new Map<number, Map<number, number>>()
  let earlier = 0
  samples.forEach(({ walk, atS }, i) => {
    while (samples[earlier]?.walk !== walk || (samples[earlier]?.atS ?? 0) <= atS - 1 - SAMPLE_S) earlier++
    const from = cellOf[earlier]
    const to = cellOf[i]
    if (from === undefined || to === undefined || (samples[earlier]?.atS ?? 0) > atS - 1) return
    const row = seen.get(from) ?? new Map<number, number>()
    row.set(to, (row.get(to) ?? 0) + SAMPLE_S)
    seen.set(from, row)
  })
  return seen
}

/** How many rooms' worth of doubt there is about the slope of the physics, and about each receiver's own gain. */
const SLOPE_WORTH = 2
const GAIN_WORTH = 2

/** Physics set right by the walk: one slope and level for the building, and a gain for each receiver. */
function taught(layout: Layout, cells: readonly Cell[], samples: readonly Sample[]): Cell[] {
  const expected = layout.rooms.map(
    (_, room) => expectedOf(cells.filter(cell => cell.room === room)).levelDbm,
  )
  const means = meansOf(layout, samples)
  const pairs = means.flatMap((row, room) =>
    [...row].flatMap((y, r) => {
      const x = (expected[room] as Float64Array)[r] as number
      return Number.isNaN(x) || Number.isNaN(y) ? [] : [{ r, x, y }]
    }),
  )
  if (pairs.length === 0) return [...cells]
  const n = pairs.length
  const mx = pairs.reduce((sum, { x }) => sum + x, 0) / n
  const my = pairs.reduce((sum, { y }) => sum + y, 0) / n
  const sxx = pairs.reduce((sum, { x }) => sum + (x - mx) ** 2, 0)
  const sxy = pairs.reduce((sum, { x, y }) => sum + (x - mx) * (y - my), 0)
  const doubt = SLOPE_WORTH * layout.receivers.length * 25
  const slope = Math.max(0.3, Math.min(1.5, (sxy + doubt) / (sxx + doubt)))
  const gains = layout.receivers.map((_, r) => {
    const own = pairs.filter(pair => pair.r === r)
    const sum = own.reduce((total, { x, y }) => total + (y - my - slope * (x - mx)), 0)
    return sum / (own.length + GAIN_WORTH)
  })
  return cells.map(cell => {
    const levelDbm = cell.levelDbm.map((x, r) => my + slope * (x - mx) + (gains[r] as number))
    return { ...cell, levelDbm }
  })
}

function meansOf(layout: Layout, samples: readonly Sample[]): Float64Array[] {
  return layout.rooms.map((_, room) => {
    const here = samples.filter(sample => sample.room === room)
    return Float64Array.from(layout.receivers, (_, r) => {
      const levels = here.map(({ levelDbm }) => levelDbm[r] as number).filter(level => !Number.isNaN(level))
      return levels.length === 0 ? Number.NaN : levels.reduce((a, b) => a + b, 0) / levels.length
    })
  })
}

/** The model of a site: learnt from its walk tests where there are any, else by physics. */
export function modelFor(plan: Plan, walks: readonly Walk[] = [], onStep: OnStep = UNWATCHED): Model {
  const layout = layoutOf(plan)
  return walks.length === 0 ? modelOf(layout) : calibrate(layout, walks, onStep)
}
