// In: runs and their score. Out: one SVG picture: truth and decision over time, the confusion matrix, and whether the
// stated confidence is honest. Small code of our own: a picture needs no library.
import { entryTimes, NO_ROOM, type Run, type Score } from '../../core/locating/evaluating/score.ts'

const WIDTH = 980
const LEFT = 110
const STRIP = 46
const CELL = 34
const PLOT = 220
const COLOURS = [
  '#4269d0',
  '#efb118',
  '#ff725c',
  '#6cc5b0',
  '#3ca951',
  '#ff8ab7',
  '#a463f2',
  '#97bbf5',
  '#9c6b4e',
]
const NOWHERE = '#9498a0'

/** Draws the picture. */
export function pictureOf(runs: readonly Run[], score: Score): string {
  const rooms = score.confusion.decided.filter(room => room !== NO_ROOM)
  const colour = (room: string | null): string => {
    const i = room === null ? -1 : rooms.indexOf(room)
    return i < 0 ? NOWHERE : (COLOURS[i % COLOURS.length] as string)
  }
  const parts: string[] = []
  let y = 30
  parts.push(text(10, y, headline(score), 'font-weight="bold"'))
  y += 20
  rooms.forEach((room, i) => {
    parts.push(rect(10 + i * 105, y, 12, 12, colour(room)), text(26 + i * 105, y + 11, room))
  })
  y += 34
  for (const run of runs) {
    parts.push(strip(run, y, colour))
    y += STRIP + 14
  }
  y += 20
  parts.push(confusion(score, y), reliability(score, y))
  const height = y + Math.max(PLOT, (score.confusion.rooms.length + 2) * CELL) + 50
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${parts.join('\n')}
</svg>
`
}

const percent = (part: number | null): string => (part === null ? '–' : `${(100 * part).toFixed(1)} %`)

const headline = ({ seconds, accuracy, macroF1, calibration }: Score): string =>
  `${seconds} s: ${percent(accuracy)} right, macro F1 ${macroF1.toFixed(3)}, calibration error ${percent(calibration.error)}`

function strip(run: Run, y: number, colour: (room: string | null) => string): string {
  const from = run.decided[0]?.atS ?? 0
  const to = (run.decided.at(-1)?.atS ?? 0) + 1
  const x = (s: number): number => LEFT + ((s - from) / (to - from)) * (WIDTH - LEFT - 20)
  const truth = run.stays.map(({ room, fromMs, toMs }) =>
    rect(x(fromMs / 1000), y, x(toMs / 1000) - x(fromMs / 1000), 18, colour(room)),
  )
  const decided = run.decided.map(({ atS, room, confidence }) =>
    rect(x(atS), y + 20, x(atS + 1) - x(atS) + 0.3, 18, colour(room), 0.35 + 0.65 * confidence),
  )
  const late = entryTimes(run).flatMap(({ fromS, rightAfterS }) =>
    rightAfterS === null ? [text(x(fromS), y + STRIP + 4, '×', 'fill="#c00"')] : [],
  )
  return [
    text(10, y + 13, run.name),
    text(LEFT - 8, y + 13, 'truth', 'text-anchor="end" fill="#777"'),
    text(LEFT - 8, y + 33, 'decided', 'text-anchor="end" fill="#777"'),
    ...truth,
    ...decided,
    ...late,
  ].join('\n')
}

function confusion({ confusion: { rooms, decided, seconds } }: Score, y: number): string {
  const at = (i: number): number => LEFT + i * CELL
  const parts = [
    text(10, y, 'Seconds: rows are where the wearer was, columns what was decided', 'font-weight="bold"'),
  ]
  decided.forEach((room, j) => {
    const name = room === NO_ROOM ? 'none' : room
    parts.push(text(at(j) + CELL / 2, y + 22, name.slice(0, 5), 'text-anchor="middle" font-size="10"'))
  })
  rooms.forEach((room, i) => {
    const row = seconds[i] ?? []
    const total = Math.max(
      1,
      row.reduce((sum, n) => sum + n, 0),
    )
    const top = y + 28 + i * CELL
    parts.push(text(LEFT - 8, top + CELL / 2 + 4, room, 'text-anchor="end"'))
    row.forEach((n, j) => {
      const colour = rooms[i] === decided[j] ? '#3ca951' : '#ff725c'
      parts.push(rect(at(j), top, CELL - 1, CELL - 1, colour, n === 0 ? 0.04 : 0.15 + (0.85 * n) / total))
      if (n > 0)
        parts.push(
          text(at(j) + CELL / 2, top + CELL / 2 + 4, String(n), 'text-anchor="middle" font-size="11"'),
        )
    })
  })
  return parts.join('\n')
}

function reliability({ calibration }: Score, y: number): string {
  const left = WIDTH - PLOT - 60
  const top = y + 22
  const px = (x: number): number => left + x * PLOT
  const py = (v: number): number => top + (1 - v) * PLOT
  const seconds = calibration.bins.reduce((sum, bin) => sum + bin.seconds, 0)
  const bars = calibration.bins.flatMap(bin => {
    if (bin.seconds === 0) return []
    const share = bin.seconds / Math.max(1, seconds)
    return [
      rect(px(bin.from), py(share), PLOT / 10 - 1, share * PLOT, '#97bbf5', 0.5),
      `<circle cx="${px(bin.meanConfidence).toFixed(1)}" cy="${py(bin.shareRight).toFixed(1)}" r="4" fill="#4269d0"/>`,
    ]
  })
  return [
    text(left, y, `Said and true (error ${percent(calibration.error)})`, 'font-weight="bold"'),
    `<rect x="${left}" y="${top}" width="${PLOT}" height="${PLOT}" fill="none" stroke="#bbb"/>`,
    `<line x1="${px(0)}" y1="${py(0)}" x2="${px(1)}" y2="${py(1)}" stroke="#bbb" stroke-dasharray="4"/>`,
    ...bars,
    text(
      left,
      top + PLOT + 16,
      'stated confidence; dots: share right; bars: share of seconds',
      'font-size="10" fill="#777"',
    ),
  ].join('\n')
}

const rect = (x: number, y: number, width: number, height: number, fill: string, opacity = 1): string =>
  `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0, width).toFixed(1)}" height="${height.toFixed(1)}" fill="${fill}"${opacity === 1 ? '' : ` fill-opacity="${opacity.toFixed(2)}"`}/>`

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(words)}</text>`

const escaped = (words: string): string =>
  words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
