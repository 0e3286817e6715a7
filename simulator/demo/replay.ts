// A recorded walk as the radio under a pendant. In: sightings.csv and truth.csv of one run (tests/data); out: at which
// level each receiver heard the tag at a moment of the walk, and which room it was really in.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Air } from '../air/air.ts'
import { type Row, readTable } from './table.ts'

export type Walk = {
  name: string
  lengthSeconds: number
  receivers: readonly string[]
  /**
   * The level in dBm of this receiver's sighting nearest to that moment, or null where none lies within half the
   * recorded packet interval (the median gap between the receiver's sightings).
   */
  heardAt(receiver: string, walkSeconds: number): number | null
  /** The room by the surveyed truth, or null between two rooms or where the truth is silent. */
  truthRoom(walkSeconds: number): string | null
}

type Sighting = { seconds: number; rssiDbm: number }
type Recording = { sightings: readonly Sighting[]; withinSeconds: number }
type Stay = { from: number; to: number; room: string }

/** After the recording's end the wearer stands still: its last seconds are played again and again. */
export const HOLD_SECONDS = 5

/** Reads a walk. Throws with the file and the line where one is missing or not as expected. */
export async function readWalk(directory: string): Promise<Walk> {
  const [sightings, stays] = await Promise.all([
    readRows(directory, 'sightings.csv', ['t_seconds', 'receiver_id', 'rssi_dbm'], toSighting),
    readRows(directory, 'truth.csv', ['t_start', 't_end', 'room'], toStay),
  ])
  const receivers = [...new Set(sightings.map(sighting => sighting.receiver))].sort()
  const recordings = new Map(
    receivers.map(receiver => [receiver, record(sightings.filter(by => by.receiver === receiver))]),
  )
  return {
    name: basename(directory),
    lengthSeconds: sightings.reduce((latest, { seconds }) => Math.max(latest, seconds), 0),
    receivers,
    heardAt: (receiver, walkSeconds) => nearest(recordings.get(receiver), walkSeconds),
    truthRoom: walkSeconds =>
      stays.find(stay => walkSeconds >= stay.from && walkSeconds < stay.to)?.room ?? null,
  }
}

/** The air that the walk's wearer moves through, the same both ways; `walkSeconds` turns the simulator's clock into the walk's. */
export function createRecordedAir(walk: Walk, walkSeconds: (atMs: number) => number): Air {
  const level = (receiver: string, packet: { atMs: number }) =>
    walk.heardAt(receiver, held(walk.lengthSeconds, walkSeconds(packet.atMs)))
  return { up: level, down: level }
}

function held(lengthSeconds: number, walkSeconds: number): number {
  const over = walkSeconds - lengthSeconds
  return over <= 0 ? walkSeconds : lengthSeconds - HOLD_SECONDS + (over % HOLD_SECONDS)
}

function record(sightings: readonly Sighting[]): Recording {
  const sorted = [...sightings].sort((a, b) => a.seconds - b.seconds)
  const gaps = sorted.slice(1).map((sighting, index) => sighting.seconds - (sorted[index]?.seconds ?? 0))
  const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0
  return { sightings: sorted, withinSeconds: median / 2 }
}

function nearest(recording: Recording | undefined, seconds: number): number | null {
  if (recording === undefined) return null
  const { sightings, withinSeconds } = recording
  let [low, high] = [0, sightings.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sightings[middle]?.seconds ?? Infinity) < seconds) low = middle + 1
    else high = middle
  }
  let best: number | null = null
  let bestSeconds = withinSeconds
  for (const sighting of [sightings[low - 1], sightings[low]]) {
    if (sighting === undefined || Math.abs(sighting.seconds - seconds) > bestSeconds) continue
    bestSeconds = Math.abs(sighting.seconds - seconds)
    best = sighting.rssiDbm
  }
  return best
}

async function readRows<T>(
  directory: string,
  file: string,
  columns: readonly string[],
  read: (row: Row) => T,
): Promise<T[]> {
  const path = join(directory, file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`expected a recorded walk with ${file} in ${directory}, but it could not be read`, {
      cause,
    })
  })
  const rows = readTable(path, text, columns).map(read)
  if (rows.length === 0) throw new Error(`${path}, line 2: expected at least one row, came none`)
  return rows
}

function toSighting(row: Row): Sighting & { receiver: string } {
  return {
    seconds: row.number('t_seconds', 0, 1e7),
    receiver: row.word('receiver_id'),
    rssiDbm: row.number('rssi_dbm', -128, 20),
  }
}

function toStay(row: Row): Stay {
  const from = row.number('t_start', 0, 1e7)
  return { from, to: row.number('t_end', from, 1e7), room: row.word('room') }
}
