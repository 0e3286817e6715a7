// The recorded flat (tests/data/flat_kolakowski) as walks in the form of schemas/walk, and as a site of six rooms.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Walk } from '../../schemas/walk.ts'

export const RUNS = ['calib1', 'calib2', 'calib3', 'calib4', 'test_robot'] as const

const rowsOf = (run: string, file: string): string[][] =>
  readFileSync(fileURLToPath(new URL(`flat_kolakowski/${run}/${file}`, import.meta.url)), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map(line => line.split(','))

/** One recorded run as a walk test. */
export function recordedWalk(run: (typeof RUNS)[number]): Walk {
  const readings = rowsOf(run, 'sightings.csv').map(
    ([seconds, receiver, dbm]): [number, string, number] => [1000 * Number(seconds), String(receiver), Number(dbm)],
  )
  const stays = rowsOf(run, 'truth.csv').map(([from, to, room]) => ({
    room: String(room),
    fromMs: 1000 * Number(from),
    toMs: 1000 * Number(to),
  }))
  return { pendant: 'tag', receivers: ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'], readings, stays }
}
