// In: walk tests of one building, and how to learn from some of them. Out: how much of its confidence a model learnt from
// all may show: cross-validated, each walk judged by what the others taught.
import type { Walk, WalkStay } from '../../../../schemas/walk.ts'
import { hear, newBelief } from '../belief/belief.ts'
import { candourAt, chancesAt, placesOf } from '../belief/whereabouts.ts'
import type { Model } from '../building/model.ts'
import { downIn, type OnStep, UNWATCHED } from './samples.ts'

/** Rooms that the others hardly came to say nothing of how well they agree. */
const KNOWN_MIN_MS = 20_000
/** Each learns once more: beyond so many, walks are left out several together. */
const FOLDS_MAX = 6
const LEAST = 0.4
const STEP = 0.05
/** A chance counts no worse than this: one wrong map of a walk must not decide alone. */
const CHANCE_MIN = 1e-3

/** One second of a walk: the chances of the rooms as the others' model has them, of how many packets, and which room it was. */
type Second = { chances: readonly number[]; sent: number; room: number }

/**
 * The exponent, of `most` and less, under which the chances of the rooms would have been the best forecast (the mean
 * logarithm of the true room's) of each walk from the others. `most` where one walk alone stands.
 */
export function candourOf(
  walks: readonly Walk[],
  learn: (walks: readonly Walk[]) => Model,
  most: number,
  onStep: OnStep = UNWATCHED,
): number {
  if (walks.length < 2) return most
  const folds = Math.min(FOLDS_MAX, walks.length)
  const seconds = Array.from({ length: folds }, (_, fold) => {
    const others = walks.filter((_, i) => i % folds !== fold)
    const model = learn(others)
    const own = walks.filter((_, i) => i % folds === fold)
    return own.flatMap(walk => secondsOf(model, walk, knownIn(others), onStep))
  }).flat()
  let best = most
  let worth = forecast(seconds, most)
  for (let candour = most - STEP; candour >= LEAST; candour -= STEP) {
    onStep()
    const now = forecast(seconds, candour)
    if (now <= worth) continue
    best = candour
    worth = now
  }
  return best
}

/** How long the walks were in which rooms, in ms. */
function knownIn(walks: readonly Walk[]): ReadonlyMap<string, number> {
  const known = new Map<string, number>()
  const note = ({ room, fromMs, toMs }: WalkStay): void => {
    if (room !== null) known.set(room, (known.get(room) ?? 0) + toMs - fromMs)
  }
  for (const { stays } of walks) stays.forEach(note)
  return known
}

function secondsOf(model: Model, walk: Walk, known: ReadonlyMap<string, number>, onStep: OnStep): Second[] {
  const belief = newBelief({ ...model, tempo: { ...model.tempo, candour: 1 } })
  const down = downIn(model, walk)
  const places = placesOf(model, down)
  let next = 0
  return walk.stays.flatMap(({ room, fromMs, toMs }) => {
    onStep()
    const seconds: Second[] = []
    const isKnown = room !== null && (known.get(room) ?? 0) >= KNOWN_MIN_MS
    for (let atMs = 1000 * Math.ceil(fromMs / 1000); atMs < toMs; atMs += 1000) {
      for (; next < walk.readings.length; next++) {
        const [tMs, receiver, rssiDbm] = walk.readings[next] as Walk['readings'][number]
        if (tMs > atMs) break
        hear(belief, receiver, rssiDbm, tMs, places)
      }
      if (!isKnown) continue
      const chances = [...chancesAt(belief, atMs, down)]
      seconds.push({ chances, sent: belief.sent, room: model.rooms.indexOf(room) })
    }
    return seconds
  })
}

/** The mean logarithm of the true room's chance, were this the model's candour. */
function forecast(seconds: readonly Second[], candour: number): number {
  let sum = 0
  for (const { chances, sent, room } of seconds) {
    const power = candourAt(candour, sent)
    const total = chances.reduce((all, chance) => all + chance ** power, 0)
    sum += Math.log(Math.max(CHANCE_MIN, (chances[room] ?? 0) ** power / total))
  }
  return sum / Math.max(1, seconds.length)
}
