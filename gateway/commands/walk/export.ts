// A stored walk as files: sightings.csv, truth.csv and layout.json, in the form that `tocsin walk evaluate` reads.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WalkLayout } from '../../../schemas/api/walk.ts'
import type { Walk } from '../../../schemas/walk.ts'

/** What truth.csv calls a place that is on no plan. */
const OUTSIDE = 'outside'

/** Writes the three files into `dir`, made where it is not there. Throws the file system's own error. */
export async function exportWalk(walk: Walk, layout: WalkLayout, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  const seconds = (ms: number): string => (ms / 1000).toFixed(3)
  const sightings = walk.readings.map(([tMs, receiver, rssiDbm]) => `${seconds(tMs)},${receiver},${rssiDbm}`)
  const truth = walk.stays.map(
    ({ room, fromMs, toMs }) => `${seconds(fromMs)},${seconds(toMs)},${room ?? OUTSIDE}`,
  )
  await writeFile(join(dir, 'sightings.csv'), lines('t_seconds,receiver_id,rssi_dbm', sightings))
  await writeFile(join(dir, 'truth.csv'), lines('t_start,t_end,room', truth))
  // Only what worked all the while: a receiver that was down says nothing by its silence.
  const worked = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([id]) => walk.receivers.includes(id)))
  const kept = { ...layout, receivers: worked(layout.receivers), receiver_xyz: worked(layout.receiver_xyz) }
  await writeFile(join(dir, 'layout.json'), `${JSON.stringify(kept, null, 1)}\n`)
}

const lines = (header: string, rows: readonly string[]): string => `${[header, ...rows].join('\n')}\n`
