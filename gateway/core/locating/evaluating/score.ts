// In: what was decided at each second of a walk, and where the walker was. Out: the figures of an evaluation.
// Every figure is defined in gateway/core/locating/README.md; nothing here knows how the decisions came about.
import type { WalkStay } from '../../../../schemas/walk.ts'

/** What was decided at a whole second: the room (null: none, or outside), how sure, and the second guess. */
export type Decided = { atS: number; room: string | null; confidence: number; runnerUp: string | null }
/** A run: its decisions in order, and its stays. */
export type Run = { name: string; decided: readonly Decided[]; stays: readonly WalkStay[] }

export type Bin = { from: number; to: number; seconds: number; meanConfidence: number; shareRight: number }
export type Entry = { run: string; room: string; fromS: number; seconds: number; rightAfterS: number | null }

export type Score = {
  seconds: number
  accuracy: number
  macroF1: number
  /** Right in the room or the runner-up. */
  withinTwo: number
  /** From ten seconds after the entry on; null where no stay is that long. */
  settledAccuracy: number | null
  entries: { count: number; p50S: number | null; p90S: number | null; never: number; tooShort: number }
  calibration: { error: number; bins: Bin[]; sureSeconds: number; sureRight: number | null }
  rooms: { room: string; seconds: number; precision: number; recall: number; f1: number }[]
  /** confusion[truth][decided]: seconds. Decided '' is no room. */
  confusion: { rooms: string[]; decided: string[]; seconds: number[][] }
}

/** So many right decisions in a row count as having found the room. */
export const ROW = 5
export const SETTLED_S = 10
const SURE = 0.9
const BINS = 10
export const NO_ROOM = ''

type Second = { truth: string; decided: Decided; sinceEntryS: number }

/** Scores runs, all seconds pooled. Seconds in no stay, or in one of no room of the plan, are not scored. */
export function score(runs: readonly Run[]): Score {
  const seconds = runs.flatMap(secondsOf)
  const right = (all: readonly Second[]): number =>
    all.filter(({ truth, decided }) => truth === decided.room).length
  const settled = seconds.filter(({ sinceEntryS }) => sinceEntryS >= SETTLED_S)
  const within = seconds.filter(({ truth, decided }) => truth === decided.room || truth === decided.runnerUp)
  const confusion = confusionOf(seconds)
  const rooms = perRoom(confusion)
  return {
    seconds: seconds.length,
    accuracy: share(right(seconds), seconds.length),
    macroF1: rooms.length === 0 ? 0 : rooms.reduce((sum, { f1 }) => sum + f1, 0) / rooms.length,
    withinTwo: share(within.length, seconds.length),
    settledAccuracy: settled.length === 0 ? null : right(settled) / settled.length,
    entries: entriesOf(runs),
    calibration: calibrationOf(seconds),
    rooms,
    confusion,
  }
}

function secondsOf({ decided, stays }: Run): Second[] {
  return decided.flatMap(each => {
    const stay = stays.find(({ fromMs, toMs }) => fromMs <= each.atS * 1000 && each.atS * 1000 < toMs)
    if (stay === undefined || stay.room === null) return []
    return [{ truth: stay.room, decided: each, sinceEntryS: each.atS - stay.fromMs / 1000 }]
  })
}

/**
 * For each entry, the time from entering to the first of five right decisions in a row within that stay. An entry is
 * a change of room: a stay that begins a run, or follows a stay in the same room, is none.
 */
export function entryTimes({ name, decided, stays }: Run): Entry[] {
  return stays.flatMap(({ room, fromMs, toMs }, i) => {
    if (room === null || i === 0 || stays[i - 1]?.room === room) return []
    const inside = decided.filter(({ atS }) => fromMs <= atS * 1000 && atS * 1000 < toMs)
    let row = 0
    let rightAfterS: number | null = null
    for (const each of inside) {
      row = each.room === room ? row + 1 : 0
      if (row < ROW) continue
      rightAfterS = each.atS - (ROW - 1) - fromMs / 1000
      break
    }
    return [{ run: name, room, fromS: fromMs / 1000, seconds: inside.length, rightAfterS }]
  })
}

function entriesOf(runs: readonly Run[]): Score['entries'] {
  const all = runs.flatMap(entryTimes)
  const long = all.filter(({ seconds }) => seconds >= ROW)
  const reached = long.flatMap(({ rightAfterS }) => (rightAfterS === null ? [] : [rightAfterS]))
  reached.sort((a, b) => a - b)
  return {
    count: long.length,
    p50S: percentile(reached, 0.5),
    p90S: percentile(reached, 0.9),
    never: long.length - reached.length,
    tooShort: all.length - long.length,
  }
}

/** Nearest rank: the smallest value that at least this share does not exceed. */
export function percentile(sorted: readonly number[], p: number): number | null {
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null
}

function calibrationOf(seconds: readonly Second[]): Score['calibration'] {
  const bins = Array.from({ length: BINS }, (_, i) => {
    const inside = seconds.filter(({ decided }) => binOf(decided.confidence) === i)
    const rightOnes = inside.filter(({ truth, decided }) => truth === decided.room).length
    const sum = inside.reduce((total, { decided }) => total + decided.confidence, 0)
    return {
      from: i / BINS,
      to: (i + 1) / BINS,
      seconds: inside.length,
      meanConfidence: share(sum, inside.length),
      shareRight: share(rightOnes, inside.length),
    }
  })
  const error = bins.reduce(
    (sum, bin) => sum + bin.seconds * Math.abs(bin.meanConfidence - bin.shareRight),
    0,
  )
  const sure = seconds.filter(({ decided }) => decided.confidence >= SURE)
  const sureRight = sure.filter(({ truth, decided }) => truth === decided.room).length
  return {
    error: share(error, seconds.length),
    bins,
    sureSeconds: sure.length,
    sureRight: sure.length === 0 ? null : sureRight / sure.length,
  }
}

/** Bins are closed below: 0.9 is in the last. */
const binOf = (confidence: number): number => Math.min(BINS - 1, Math.floor(confidence * BINS + 1e-9))

function confusionOf(seconds: readonly Second[]): Score['confusion'] {
  const rooms = [...new Set(seconds.map(({ truth }) => truth))].sort()
  const said = [...new Set(seconds.map(({ decided }) => decided.room ?? NO_ROOM))].sort()
  const decided = [...rooms, ...said.filter(room => !rooms.includes(room))]
  const table = rooms.map(() => decided.map(() => 0))
  for (const second of seconds) {
    const row = table[rooms.indexOf(second.truth)] as number[]
    const column = decided.indexOf(second.decided.room ?? NO_ROOM)
    row[column] = (row[column] as number) + 1
  }
  return { rooms, decided, seconds: table }
}

function perRoom({ rooms, decided, seconds }: Score['confusion']): Score['rooms'] {
  return rooms.map((room, i) => {
    const column = decided.indexOf(room)
    const hits = seconds[i]?.[column] ?? 0
    const truth = (seconds[i] ?? []).reduce((sum, n) => sum + n, 0)
    const called = seconds.reduce((sum, row) => sum + (row[column] ?? 0), 0)
    const f1 = (2 * hits) / (truth + called)
    return { room, seconds: truth, precision: share(hits, called), recall: share(hits, truth), f1 }
  })
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
