// In: runs and their score. Out: the same as a table for a terminal.
import { NO_ROOM, type Run, type Score, score } from '../../core/locating/evaluating/score.ts'

/** The figures, then one line a run, the rooms, the confusion matrix and the reliability. */
export function scoreText(runs: readonly Run[], all: Score): string {
  return [
    ...summary(all),
    '',
    ...runs.map(run => `  ${run.name.padEnd(20)} ${brief(score([run]))}`),
    '',
    ...confusionLines(all),
    '',
    ...reliabilityLines(all),
  ].join('\n')
}

const percent = (part: number | null): string => (part === null ? '-' : `${(100 * part).toFixed(1)} %`)
const seconds = (s: number | null): string => (s === null ? '-' : `${s.toFixed(1)} s`)

function summary({ entries, calibration, ...of }: Score): string[] {
  const { count, p50S, p90S, never, tooShort } = entries
  return [
    `right                    ${percent(of.accuracy)} of ${of.seconds} seconds`,
    `macro F1                 ${of.macroF1.toFixed(3)}`,
    `right room after         p50 ${seconds(p50S)}, p90 ${seconds(p90S)}, never in ${never} of ${count} entries (${tooShort} more were too short)`,
    `right from 10 s on       ${percent(of.settledAccuracy)}`,
    `room or runner-up right  ${percent(of.withinTwo)}`,
    `calibration error        ${percent(calibration.error)}`,
    `where it says >= 90 %    right in ${percent(calibration.sureRight)} of ${calibration.sureSeconds} seconds`,
  ]
}

const brief = ({ accuracy, macroF1, seconds: n, entries }: Score): string =>
  `${percent(accuracy).padStart(7)} of ${String(n).padStart(5)} s, macro F1 ${macroF1.toFixed(3)}, p90 ${seconds(entries.p90S)}`

function confusionLines({ confusion, rooms }: Score): string[] {
  const width = Math.max(8, ...confusion.decided.map(room => room.length)) + 1
  const head = confusion.decided.map(room => (room === NO_ROOM ? 'none' : room).padStart(width)).join('')
  return [
    `${'was \\ said'.padEnd(16)}${head}${'F1'.padStart(8)}`,
    ...confusion.rooms.map((room, i) => {
      const row = (confusion.seconds[i] ?? []).map(n => String(n).padStart(width)).join('')
      return `${room.padEnd(16)}${row}${(rooms[i]?.f1 ?? 0).toFixed(3).padStart(8)}`
    }),
  ]
}

const reliabilityLines = ({ calibration }: Score): string[] => [
  'said        seconds  mean said  right',
  ...calibration.bins
    .filter(bin => bin.seconds > 0)
    .map(
      ({ from, to, seconds: n, meanConfidence, shareRight }) =>
        `${from.toFixed(1)}-${to.toFixed(1)}  ${String(n).padStart(9)}  ${percent(meanConfidence).padStart(9)}  ${percent(shareRight)}`,
    ),
]
