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
} from '../schemas/walk.ts'
import type { Layout } from './core/locating/layout.ts'
import { mismatches, pathText } from './expected.ts'

/** A recording or a layout can't be used. The message says file, line, what was expected and what came. */
export class RecordingRefused extends Error {
  override readonly name = 'RecordingRefused'
}

const Metres = z.number().min(-100_000).max(100_000)
const Room = z.string().min(1)

/** The layout of a recording. Other fields are notes and are passed over. */
const LayoutFile = z.object({
  rooms: z.array(Room).min(1),
  /** Receiver to the room it hangs in; null where that is no room of the layout. */
  receivers: z.record(z.string().min(1), Room.nullable()),
  receiver_xyz: z.record(z.string(), z.tuple([Metres, Metres, Metres])).default({}),
  adjacency: z.array(z.tuple([Room, Room])).default([]),
  /** Room to storey, where there are several. */
  room_floor: z.record(z.string(), z.number().int()).default({}),
  /** Room to its ground plan as a box [x0, y0, x1, y1] in metres, where it is known. */
  room_box: z.record(z.string(), z.tuple([Metres, Metres, Metres, Metres])).default({}),
})

/** Reads a layout file. Throws RecordingRefused. */
export function readLayout(file: string): Layout {
  const text = readText(file)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new RecordingRefused(`${file}: expected JSON, came ${(cause as Error).message}`)
  }
  const parsed = LayoutFile.safeParse(value)
  if (!parsed.success) {
    const lines = mismatches(parsed.error, value)
    throw new RecordingRefused(
      lines
        .map(({ path, expected, came }) => `${file}: ${pathText(path)}: expected ${expected}, came ${came}`)
        .join('\n'),
    )
  }
  const { rooms, receivers, receiver_xyz, adjacency, room_floor, room_box } = parsed.data
  const isRoom = new Set(rooms)
  const named = [
    ...Object.entries(receivers).map(([id, room]) => ({ path: `receivers.${id}`, room })),
    ...adjacency.flatMap((pair, i) => pair.map(room => ({ path: `adjacency[${i}]`, room }))),
    ...Object.keys(room_floor).map(room => ({ path: 'room_floor', room })),
    ...Object.keys(room_box).map(room => ({ path: 'room_box', room })),
  ]
  for (const { path, room } of named) {
    if (room === null || isRoom.has(room)) continue
    throw new RecordingRefused(
      `${file}: ${path}: expected a room of this layout (${rooms.join(', ')}), came "${room}"`,
    )
  }
  return {
    rooms,
    doors: adjacency,
    receivers: Object.entries(receivers).map(([id, room]) => ({
      id,
      room: room ?? '',
      at: receiver_xyz[id] ?? null,
    })),
    storeys: new Map(Object.entries(room_floor)),
    buildings: new Map(),
    boxes: new Map(Object.entries(room_box)),
  }
}

/** Reads one recorded walk of this layout. Throws RecordingRefused. */
export function readWalk(dir: string, layout: Layout): Walk {
  const receivers = new Set(layout.receivers.map(({ id }) => id))
  const rooms = new Set(layout.rooms)
  const readings = rowsOf(
    join(dir, 'sightings.csv'),
    ['t_seconds', 'receiver_id', 'rssi_dbm'],
    WALK_READINGS_MAX,
  ).map(({ where, cells: [t = '', receiver = '', rssi = ''] }): WalkReading => {
    if (!receivers.has(receiver))
      throw refused(where, `a receiver of the layout (${[...receivers].join(', ')})`, receiver)
    return [
      1000 * numberIn(where, t, 't_seconds', 0, 1e7),
      receiver,
      numberIn(where, rssi, 'rssi_dbm', -127, 20),
    ]
  })
  const stays = rowsOf(join(dir, 'truth.csv'), ['t_start', 't_end', 'room'], WALK_STAYS_MAX).map(
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
  stays.sort((a, b) => a.fromMs - b.fromMs)
  refuseOverlaps(join(dir, 'truth.csv'), stays)
  // A receiver that heard nothing in a whole recording was not there: its silence is no sign of being far.
  const spoke = new Set(readings.map(([, receiver]) => receiver))
  return { pendant: basename(dir), receivers: [...receivers].filter(id => spoke.has(id)), readings, stays }
}

/** What truth.csv calls a place that is no room of the plan. */
const OUTSIDE = 'outside'

type Row = { where: string; cells: string[] }

function rowsOf(file: string, header: readonly string[], rowsMax: number): Row[] {
  const lines = readText(file).split(/\r?\n/)
  const came = lines[0] ?? ''
  if (came.trim() !== header.join(',')) throw refused(`${file}:1`, `the header ${header.join(',')}`, came)
  const rows = lines.flatMap((line, i) =>
    i === 0 || line.trim() === '' ? [] : [{ where: `${file}:${i + 1}`, line }],
  )
  if (rows.length === 0) throw refused(`${file}:2`, 'at least one row', '')
  if (rows.length > rowsMax)
    throw refused(`${file}:${rowsMax + 2}`, `at most ${rowsMax} rows`, String(rows.length))
  return rows.map(({ where, line }) => {
    const cells = line.split(',').map(cell => cell.trim())
    if (cells.length !== header.length)
      throw refused(where, `${header.length} values (${header.join(',')})`, line)
    return { where, cells }
  })
}

function numberIn(where: string, text: string, name: string, min: number, max: number): number {
  const value = text === '' ? Number.NaN : Number(text)
  if (!(value >= min && value <= max)) throw refused(where, `${name} as a number from ${min} to ${max}`, text)
  return value
}

function refuseOverlaps(file: string, stays: readonly WalkStay[]): void {
  stays.forEach((stay, i) => {
    const before = stays[i - 1]
    if (before === undefined || stay.fromMs >= before.toMs) return
    throw new RecordingRefused(
      `${file}: expected stays that do not overlap, came one from ${stay.fromMs / 1000} s before another ended at ${before.toMs / 1000} s`,
    )
  })
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new RecordingRefused(`${file}: expected a file that can be read, came ${(cause as Error).message}`)
  }
}

const CAME_MAX = 60
const refused = (where: string, expected: string, came: string): RecordingRefused =>
  new RecordingRefused(`${where}: expected ${expected}, came "${came.slice(0, CAME_MAX)}"`)
