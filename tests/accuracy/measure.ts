// The accuracy table: every condition under which rooms are told apart on the recorded flat, measured.
// `node --import tsx tests/accuracy/measure.ts > tests/accuracy/flat.json` writes it anew.
import { fileURLToPath } from 'node:url'
import { readLayout, readWalk } from '../../gateway/commands/walk/files.ts'
import { silenced, thinned, weakened } from '../../gateway/core/locating/evaluating/degrade.ts'
import {
  type Degrade,
  evaluate,
  evaluateLeavingOneOut,
} from '../../gateway/core/locating/evaluating/evaluate.ts'
import { type Score, score } from '../../gateway/core/locating/evaluating/score.ts'

const FLAT = fileURLToPath(new URL('../data/flat_kolakowski/', import.meta.url))
const RUNS = ['calib1', 'calib2', 'calib3', 'calib4', 'test_robot']
const SPARSE_MS = 2_000
const FALL_MS = 90_000
const FALL_DB = 12

/** Shares as percent with one decimal, times in seconds. */
export type Row = {
  accuracy: number
  macroF1: number
  withinTwo: number
  settled: number
  p50S: number
  p90S: number
  never: number
  calibrationError: number
  rightWhenSure: number
}

const percent = (share: number | null): number => Math.round(1000 * (share ?? 0)) / 10
const seconds = (s: number | null): number => Math.round(10 * (s ?? Number.NaN)) / 10

const rowOf = ({ accuracy, macroF1, withinTwo, settledAccuracy, entries, calibration }: Score): Row => ({
  accuracy: percent(accuracy),
  macroF1: percent(macroF1),
  withinTwo: percent(withinTwo),
  settled: percent(settledAccuracy),
  p50S: seconds(entries.p50S),
  p90S: seconds(entries.p90S),
  never: entries.never,
  calibrationError: percent(calibration.error),
  rightWhenSure: percent(calibration.sureRight),
})

/** Measures all rows: each run decided by what was learnt from the four others, all seconds pooled. */
export function measureFlat(): Record<string, Row> {
  const layout = readLayout(`${FLAT}layout.json`)
  const walks = RUNS.map(run => readWalk(FLAT + run, layout))
  const sparse: Degrade = walk => thinned(walk, SPARSE_MS)
  const conditions: [string, Degrade][] = [
    ['walk test', walk => walk],
    ['walk test, one beacon in 2 s', sparse],
    ['walk test, 12 dB weaker from 90 s on', walk => weakened(walk, FALL_MS, FALL_DB)],
    ...layout.receivers.map(({ id }): [string, Degrade] => [
      `walk test, ${id} silent`,
      walk => silenced(walk, id),
    ]),
  ]
  const leftOut = evaluateLeavingOneOut(
    layout,
    walks,
    conditions.map(([, degrade]) => degrade),
  )
  return {
    ...Object.fromEntries(conditions.map(([name], i) => [name, rowOf(score(leftOut[i] ?? []))])),
    uncalibrated: rowOf(score(evaluate(layout, [], walks))),
    'uncalibrated, one beacon in 2 s': rowOf(score(evaluate(layout, [], walks, sparse))),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(measureFlat(), null, 2))
