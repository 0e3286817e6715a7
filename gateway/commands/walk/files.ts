// In: folders of recorded walks (sightings.csv, truth.csv) and a layout.json. Out: walks and a layout, or an error that
// says file, line, what was expected and what came.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import {
  WALK_READINGS_MAX,
  WALK_STAYS_MAX,
  type Walk,
  type WalkReading,
  type WalkStay,
} from '../../../schemas/walk.ts'
import type { Layout } from '../../core/locating/building/layout.ts'
import { mismatches, pathText } from '../../site/expected.ts'
import { linesOf } from '../../site/read.ts'

/** A recording or a layout can't be used. The message says file, line, what was expected and what came. */
export class RecordingRefused extends Error {
  override readonly name = 'RecordingRefused'
}

const Metres = z.number().min(-100_000).max(100_000)
const Room = z.string().min(1)

/** The layout of a recording. Other fields are notes and are passed over. An undefined entry of a list was left out. */
const LayoutFile = z.object({
  rooms: z
    .array(Room.optional())
    .transform(rooms => rooms.filter(room => room !== undefined))
    .refine(rooms => rooms.length > 0, 'expected at least 1 room'),
  /** Receiver to the room it hangs in; null where that is no room of the layout. */
  receivers: z.record(z.string().min(1), Room.nullable()),
  receiver_xyz: z.record(z.string(), z.tuple([Metres, Metres, Metres])).default({}),
  adjacency: z.array(z.tuple([Room, Room]).optional()).default([]),
  /** Room to storey, where there are several. */
  room_floor: z.record(z.string(), z.number().int()).default({}),
  /** Room to its ground plan as a box [x0, y0, x1, y1] in metres, where it is known. */
  room_box: z.record(z.string(), z.tuple([Metres, Metres, Metres, Metres])).default({}),
})

/** What cannot be used is told here, and the rest is gone on with. */
export type Say = (wrong: string) => void
const refuse: Say = wrong => {
  throw new RecordingRefused(wrong)
}

/**
 * Reads a layout file. Throws RecordingRefused where it is none, or has no rooms; what is wrong in it besides is told to
 * `say` with its line and left out: without `say` that too is refused.
 */
export function readLayout(file: string, say: Say = refuse): Layout {
  const text = readText(file)
  const where = whereIn(file, text)
  const { rooms, receivers, receiver_xyz, adjacency, room_floor, room_box } = layoutIn(file, text, where, say)
  const isRoom = new Set(rooms)
  if (isRoom.size < rooms.length)
    say(wrongIn(where, ['rooms'], 'each room once', `a list of ${rooms.length} with ${isRoom.size} rooms`))
  const isListed = (path: Path, room: string): boolean => {
    if (isRoom.has(room)) return true
    say(wrongIn(where, path, `a room of this layout (${[...isRoom].join(', ')})`, `"${room}"`))
    return false
  }
  const placed = <T>(field: string, of: Record<string, T>): Map<string, T> =>
    new Map(Object.entries(of).filter(([room]) => isListed([field, room], room)))
  return {
    rooms: [...isRoom],
    doors: adjacency.flatMap((pair, i) =>
      pair?.every(room => isListed(['adjacency', i], room)) ? [pair] : [],
    ),
    receivers: Object.entries(receivers).map(([id, room]) => ({
      id,
      // In no room of the layout it is still heard.
      room: room !== null && isListed(['receivers', id], room) ? room : '',
      at: receiver_xyz[id] ?? null,
    })),
    storeys: placed('room_floor', room_floor),
    buildings: new Map(),
    boxes: placed('room_box', room_box),
  }
}

type Path = readonly PropertyKey[]

/** The file by its contract. What breaks it is left out, one entry of a field or the field, as long as enough is left. */
function layoutIn(file: string, text: string, where: Where, say: Say): z.infer<typeof LayoutFile> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new RecordingRefused(`${file}: expected JSON, came ${(cause as Error).message}`)
  }
  const whole = LayoutFile.safeParse(value)
  if (whole.success) return whole.data
  const wrong = mismatches(whole.error, value)
  const lines = wrong.map(({ path, expected, came }) => wrongIn(where, path, expected, came))
  for (const { path } of wrong) leaveOut(value, path)
  const rest = LayoutFile.safeParse(value)
  if (!rest.success) throw new RecordingRefused(lines.join('\n'))
  if (say === refuse) refuse(lines.join('\n'))
  lines.forEach(say)
  return rest.data
}

function leaveOut(value: unknown, [field, entry]: Path): void {
  if (typeof value !== 'object' || value === null || field === undefined) return
  const holder = value as Record<PropertyKey, unknown>
  const of = holder[field]
  if (entry === undefined || typeof of !== 'object' || of === null) delete holder[field]
  // Where it hangs is not known, but that it is there.
  else if (field === 'receivers') (of as Record<PropertyKey, unknown>)[entry] = null
  // The entries after it keep their numbers.
  else if (Array.isArray(of)) of[Number(entry)] = undefined
  else delete (of as Record<PropertyKey, unknown>)[entry]
}

type Where = (path: Path) => string

/** File and line of each path; the text is only read for lines where something is wrong. */
function whereIn(file: string, text: string): Where {
  let lineOf: ReturnType<typeof linesOf> | null = null
  return path => {
    lineOf ??= linesOf(text)
    return `${file}:${lineOf(path)}`
  }
}

const wrongIn = (where: Where, path: Path, expected: string, came: string): string =>
  `${where(path)}: ${pathText(path)}: expected ${expected}, came ${came}`

/**
 * Reads one recorded walk of this layout. Throws RecordingRefused where a file is none, or no row of it can be used; a row
 * that cannot is told to `say` with its line and left out: without `say` that too is refused.
 */
export function readWalk(dir: string, layout: Layout, say: Say = refuse): Walk {
  const receivers = new Set(layout.receivers.map(({ id }) => id))
  const rooms = new Set(layout.rooms)
  const readings = rowsOf(
    join(dir, 'sightings.csv'),
    ['t_seconds', 'receiver_id', 'rssi_dbm'],
    WALK_READINGS_MAX,
    say,
    ({ where, cells: [t = '', receiver = '', rssi = ''] }): WalkReading => {
      if (!receivers.has(receiver))
        throw refused(where, `a receiver of the layout (${[...receivers].join(', ')})`, receiver)
      return [
        1000 * numberIn(where, t, 't_seconds', 0, 1e7),
        receiver,
        numberIn(where, rssi, 'rssi_dbm', -127, 20),
      ]
    },
  )
  const all = rowsOf(
    join(dir, 'truth.csv'),
    ['t_start', 't_end', 'room'],
    WALK_STAYS_MAX,
    say,
    ({ where, cells: [from = '', to = '', room = ''] }): WalkStay => {
      const isNowhere = room === '' || (room === OUTSIDE && !rooms.has(OUTSIDE))
      if (!isNowhere && !rooms.has(room)) {
        throw refused(where, `a room of the layout (${layout.rooms.join(', ')}), or "${OUTSIDE}"`, room)
      }
      const fromMs = 1000 * numberIn(where, from, 't_start', 0, 1e7)
      const toMs = 1000 * numberIn(where, to, 't_end', 0, 1e7)
      if (toMs <= fromMs) throw refused(where, `t_end after t_start ${from}`, to)
      return { room: isNowhere ? null : room, fromMs, toMs }
    },
  )
  readings.sort((a, b) => a[0] - b[0])
  all.sort((a, b) => a.fromMs - b.fromMs)
  const stays = withoutOverlaps(join(dir, 'truth.csv'), all, say)
  // A receiver that heard nothing in a whole recording was not there: its silence is no sign of being far.
  const spoke = new Set(readings.map(([, receiver]) => receiver))
  return { pendant: basename(dir), receivers: [...receivers].filter(id => spoke.has(id)), readings, stays }
}

/** What truth.csv calls a place that is no room of the plan. */
const OUTSIDE = 'outside'

type Row = { where: string; cells: string[] }

/** So many wrong rows of one file are told one by one. */
const SAID_MAX = 20

/** Each row as `read` has it. */
function rowsOf<T>(
  file: string,
  header: readonly string[],
  rowsMax: number,
  say: Say,
  read: (row: Row) => T,
): T[] {
  const lines = readText(file).split(/\r?\n/)
  const came = lines[0] ?? ''
  if (came.trim() !== header.join(',')) throw refused(`${file}:1`, `the header ${header.join(',')}`, came)
  const rows = lines.flatMap((line, i) =>
    i === 0 || line.trim() === '' ? [] : [{ where: `${file}:${i + 1}`, line }],
  )
  if (rows.length === 0) throw refused(`${file}:2`, 'at least one row', '')
  if (rows.length > rowsMax)
    throw refused(`${file}:${rowsMax + 2}`, `at most ${rowsMax} rows`, String(rows.length))
  const wrong: string[] = []
  const good = rows.flatMap(({ where, line }) => {
    try {
      const cells = line.split(',').map(cell => cell.trim())
      if (cells.length !== header.length)
        throw refused(where, `${header.length} values (${header.join(',')})`, line)
      return [read({ where, cells })]
    } catch (error) {
      if (!(error instanceof RecordingRefused)) throw error
      wrong.push(error.message)
      return []
    }
  })
  if (good.length === 0) throw new RecordingRefused(wrong.slice(0, SAID_MAX).join('\n'))
  wrong.slice(0, SAID_MAX).forEach(say)
  if (wrong.length > SAID_MAX) say(`${file}: and ${wrong.length - SAID_MAX} more rows that cannot be used`)
  return good
}

function numberIn(where: string, text: string, name: string, min: number, max: number): number {
  const value = text === '' ? Number.NaN : Number(text)
  if (!(value >= min && value <= max)) throw refused(where, `${name} as a number from ${min} to ${max}`, text)
  return value
}

/** Of two that overlap the later one is left out. */
function withoutOverlaps(file: string, stays: readonly WalkStay[], say: Say): WalkStay[] {
  const kept: WalkStay[] = []
  for (const stay of stays) {
    const before = kept.at(-1)
    if (before === undefined || stay.fromMs >= before.toMs) kept.push(stay)
    else
      say(
        `${file}: expected stays that do not overlap, came one from ${stay.fromMs / 1000} s before another ended at ${before.toMs / 1000} s`,
      )
  }
  return kept
}

function readText(file: string): string {
  try {
    // Some editors begin a text with a mark that says how it is written.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (cause) {
    throw new RecordingRefused(`${file}: expected a file that can be read, came ${(cause as Error).message}`)
  }
}

const CAME_MAX = 60
const refused = (where: string, expected: string, came: string): RecordingRefused =>
  new RecordingRefused(`${where}: expected ${expected}, came "${came.slice(0, CAME_MAX)}"`)
