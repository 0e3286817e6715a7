// In: the levels of the last seconds, the rooms of the receivers, and the room believed so far.
// Out: room, confidence, runner-up, age and why. Windowed strongest receiver, with hysteresis; never blocks and never throws.
import type { Whereabouts } from '../../schemas/api.ts'
import { LEVEL_WINDOW_MS, type Level } from './sighting.ts'

/** Spread of one receiver's windowed level about its mean indoors, in dB: how sharply a stronger one is believed. */
const SPREAD_DB = 4
/** A challenger must be so much stronger before the room changes: half the spread of two such means. */
const HYSTERESIS_DB = 3
/** The newest levels of each receiver that count: at 5 a second, the last 3 s. */
const SAMPLES_MAX = 15
/** Age at which a level counts half. */
const HALF_LIFE_MS = 2_000
const BECAUSE_MAX = 6

export const NOWHERE: Whereabouts = {
  room: null,
  confidence: 0,
  runnerUp: null,
  heardAtMs: null,
  because: [],
}

/** Decides the room from the levels heard up to `nowMs`. `roomOf` gives a receiver's room, or undefined if it is gone. */
export function locate(
  levels: readonly Level[],
  roomOf: (receiver: string) => string | undefined,
  before: string | null,
  nowMs: number,
): Whereabouts {
  const because = windowed(levels, nowMs)
  const rooms = strongestPerRoom(because, roomOf)
  const [first, second] = rooms
  if (first === undefined) return NOWHERE
  const kept = rooms.find(each => each.room === before)
  const winner = kept !== undefined && first.rssiDbm - kept.rssiDbm < HYSTERESIS_DB ? kept : first
  const runnerUp = winner === first ? second : first
  return {
    room: winner.room,
    confidence: share(winner.rssiDbm, rooms),
    runnerUp: runnerUp?.room ?? null,
    heardAtMs: newestOf(levels),
    because: because.slice(0, BECAUSE_MAX),
  }
}

/** Each receiver's level as an age-weighted mean over its newest samples, strongest first. */
function windowed(levels: readonly Level[], nowMs: number): { receiver: string; rssiDbm: number }[] {
  const sums = new Map<string, { weight: number; sum: number; samples: number }>()
  for (let i = levels.length - 1; i >= 0; i--) {
    const level = levels[i] as Level
    const ageMs = Math.max(0, nowMs - level.heardAtMs)
    if (ageMs > LEVEL_WINDOW_MS) continue
    const so = sums.get(level.receiver) ?? { weight: 0, sum: 0, samples: 0 }
    if (so.samples >= SAMPLES_MAX) continue
    const weight = 0.5 ** (ageMs / HALF_LIFE_MS)
    sums.set(level.receiver, {
      weight: so.weight + weight,
      sum: so.sum + weight * level.rssiDbm,
      samples: so.samples + 1,
    })
  }
  return [...sums]
    .map(([receiver, { weight, sum }]) => ({ receiver, rssiDbm: Math.round((10 * sum) / weight) / 10 }))
    .sort((a, b) => b.rssiDbm - a.rssiDbm || (a.receiver < b.receiver ? -1 : 1))
}

function strongestPerRoom(
  because: readonly { receiver: string; rssiDbm: number }[],
  roomOf: (receiver: string) => string | undefined,
): { room: string; rssiDbm: number }[] {
  const rooms = new Map<string, number>()
  for (const { receiver, rssiDbm } of because) {
    const room = roomOf(receiver)
    if (room !== undefined && !rooms.has(room)) rooms.set(room, rssiDbm)
  }
  return [...rooms].map(([room, rssiDbm]) => ({ room, rssiDbm }))
}

/** The winner's share of belief: each room weighs exp(level / spread). One lone room is never certain. */
function share(rssiDbm: number, rooms: readonly { rssiDbm: number }[]): number {
  const total = rooms.reduce((sum, each) => sum + Math.exp((each.rssiDbm - rssiDbm) / SPREAD_DB), 0)
  const ceiling = rooms.length === 1 ? 0.5 : 0.95
  return Math.round(100 * Math.min(ceiling, 1 / total)) / 100
}

const newestOf = (levels: readonly Level[]): number | null =>
  levels.reduce<number | null>((newest, each) => Math.max(newest ?? each.heardAtMs, each.heardAtMs), null)
