// `tocsin walk evaluate`: how well rooms are told apart on recorded walks, as a table, as JSON and as a picture.
// Each refusal says what was expected and what came.
import { writeFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Walk } from '../../../schemas/walk.ts'
import type { Layout } from '../../core/locating/building/layout.ts'
import { silenced, thinned } from '../../core/locating/evaluating/degrade.ts'
import { evaluate, evaluateLeavingOneOut } from '../../core/locating/evaluating/evaluate.ts'
import { type Run, type Score, score } from '../../core/locating/evaluating/score.ts'
import { readLayout, readWalk } from './files.ts'
import { pictureOf } from './picture.ts'
import { scoreText } from './text.ts'

/** Adds the commands that deal with walk tests. */
export function addWalkCommands(program: Command): void {
  const walk = program
    .command('walk')
    .description('walk tests: record, take away, undo; and how well rooms are told apart')
  walk
    .command('evaluate')
    .description(
      'replay recorded walks as the gateway would have heard them, and score the rooms it would have said',
    )
    .requiredOption('--layout <file>', 'rooms, receivers and doors (layout.json)')
    .option('--train <dir...>', 'walks to learn from (folders with sightings.csv and truth.csv)')
    .option('--test <dir...>', 'walks to be judged by')
    .option('--leave-one-out', 'judge each walk of --train by what was learnt from the others', false)
    .option('--uncalibrated', 'learn from nothing but the layout', false)
    .addOption(
      new Option('--rate <rate>', 'thin the beacons of the test walks: 0.5hz, or 2s between them').argParser(
        everyMs,
      ),
    )
    .option(
      '--drop <receiver>',
      'a receiver that is silent in the test walks, without anybody having been told',
    )
    .option('--json', 'print JSON', false)
    .option('--svg <file>', 'draw a picture')
    .action((options: Options) => {
      const { runs, figures } = evaluated(options)
      if (options.svg !== undefined) writeFileSync(options.svg, pictureOf(runs, figures))
      const perRun = runs.map(run => ({ run: run.name, ...score([run]) }))
      console.log(
        options.json ? JSON.stringify({ ...figures, runs: perRun }, null, 2) : scoreText(runs, figures),
      )
    })
}

type Options = {
  layout: string
  train?: string[]
  test?: string[]
  leaveOneOut: boolean
  uncalibrated: boolean
  rate?: number
  drop?: string
  json: boolean
  svg?: string
}

/** What is asked for does not fit together, or is not there. */
class EvaluationRefused extends Error {
  override readonly name = 'EvaluationRefused'
}

function evaluated(options: Options): { runs: Run[]; figures: Score } {
  const say = (wrong: string): void => console.error(`${wrong}: left out`)
  const layout = readLayout(options.layout, say)
  const read = (dirs: readonly string[] = []): Walk[] => dirs.map(dir => readWalk(dir, layout, say))
  const train = read(options.train)
  const test = read(options.test)
  const degrade = degrading(options, layout)
  if (options.leaveOneOut) {
    if (options.uncalibrated || test.length > 0 || train.length < 2) {
      const came = `${train.length} --train, ${test.length} --test${options.uncalibrated ? ', --uncalibrated' : ''}`
      throw new EvaluationRefused(
        `expected at least two --train and no --test with --leave-one-out, came ${came}`,
      )
    }
    const runs = evaluateLeavingOneOut(layout, train, [degrade]).flat()
    return { runs, figures: score(runs) }
  }
  if (test.length === 0) throw new EvaluationRefused('expected at least one --test walk, came none')
  if (train.length === 0 && !options.uncalibrated) {
    throw new EvaluationRefused('expected --train walks to learn from, or --uncalibrated, came neither')
  }
  const runs = evaluate(layout, options.uncalibrated ? [] : train, test, degrade)
  return { runs, figures: score(runs) }
}

function degrading({ rate, drop }: Options, layout: Layout): (walk: Walk) => Walk {
  const ids = layout.receivers.map(({ id }) => id)
  if (drop !== undefined && !ids.includes(drop)) {
    throw new EvaluationRefused(
      `--drop: expected a receiver of the layout (${ids.join(', ')}), came "${drop}"`,
    )
  }
  return walk => {
    const fewer = rate === undefined ? walk : thinned(walk, rate)
    return drop === undefined ? fewer : silenced(fewer, drop)
  }
}

/** "0.5hz" or "0.5" (so many a second) or "2s" (between two), as milliseconds between two. */
function everyMs(text: string): number {
  const [, digits = '', unit = 'hz'] = /^(\d+(?:\.\d+)?)(hz|s)?$/i.exec(text.trim()) ?? []
  const value = Number(digits)
  const ms = unit.toLowerCase() === 's' ? 1000 * value : 1000 / value
  if (!(digits !== '' && ms >= 20 && ms <= 600_000)) {
    throw new InvalidArgumentError(
      'expected beacons a second such as 0.5hz, or seconds between two such as 2s',
    )
  }
  return ms
}
