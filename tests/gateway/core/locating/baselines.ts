// What others do, to be beaten: the strongest receiver of the last three seconds, and naive Bayes by the second.
import type { Layout } from '../../../../gateway/core/locating/building/layout.ts'
import type { Decided } from '../../../../gateway/core/locating/evaluating/score.ts'
import type { Walk } from '../../../../schemas/walk.ts'

const WINDOW_MS = 3_000
const SECOND_MS = 1_000
const MISSING_DBM = -100

/** The room of the receiver with the highest mean of the last three seconds. */
export const strongest = (layout: Layout, walk: Walk): Decided[] =>
  everySecond(walk).map(atS => {
    const levels = meansAt(layout, walk, atS, WINDOW_MS)
    const best = levels.indexOf(Math.max(...levels))
    return { atS, room: layout.receivers[best]?.room ?? null, confidence: 1, runnerUp: null }
  })

/** A Gaussian for each room and receiver, learnt by the second; no memory. */
export function naiveBayes(layout: Layout, train: Walk, walk: Walk): Decided[] {
  const learnt = layout.rooms.map(room => {
    const rows = everySecond(train).flatMap(atS =>
      roomAt(train, atS) === room ? [meansAt(layout, train, atS, SECOND_MS)] : [],
    )
    return layout.receivers.map((_, r) => {
      const levels = rows.map(row => row[r] as number)
      const mean = levels.reduce((a, b) => a + b, 0) / Math.max(1, levels.length)
      const variance =
        levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / Math.max(1, levels.length)
      return { mean, variance: variance + 4, isSeen: levels.length > 0 }
    })
  })
  return everySecond(walk).map(atS => {
    const now = meansAt(layout, walk, atS, SECOND_MS)
    const logs = learnt.map(row =>
      row.reduce(
        (sum, { mean, variance, isSeen }, r) =>
          isSeen ? sum - 0.5 * (Math.log(variance) + ((now[r] as number) - mean) ** 2 / variance) : -1e9,
        0,
      ),
    )
    return { atS, room: layout.rooms[logs.indexOf(Math.max(...logs))] ?? null, confidence: 1, runnerUp: null }
  })
}

const everySecond = ({ stays }: Walk): number[] => {
  const end = Math.max(...stays.map(({ toMs }) => toMs))
  return Array.from({ length: Math.floor(end / SECOND_MS) - 1 }, (_, i) => i + 1)
}

const roomAt = ({ stays }: Walk, atS: number): string | null =>
  stays.find(({ fromMs, toMs }) => fromMs <= atS * SECOND_MS && atS * SECOND_MS < toMs)?.room ?? null

function meansAt({ receivers }: Layout, { readings }: Walk, atS: number, windowMs: number): number[] {
  const now = readings.filter(([tMs]) => tMs > atS * SECOND_MS - windowMs && tMs <= atS * SECOND_MS)
  return receivers.map(({ id }) => {
    const own = now.filter(([, receiver]) => receiver === id)
    return own.length === 0 ? MISSING_DBM : own.reduce((sum, [, , level]) => sum + level, 0) / own.length
  })
}
