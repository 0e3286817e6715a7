// In: a model and a recorded walk. Out: what would have been decided at each whole second, from what had been heard
// up to it: causal, as the gateway would have been.
import type { Walk } from '../../../../schemas/walk.ts'
import { hear, newBelief } from '../belief/belief.ts'
import { placesOf, whereabouts } from '../belief/whereabouts.ts'
import type { Model } from '../building/model.ts'
import { downIn } from '../learning/samples.ts'
import type { Decided } from './score.ts'

/** Decides at every whole second from the first stay to the end of the last. Readings must be in order. */
export function replay(model: Model, walk: Walk): Decided[] {
  const belief = newBelief(model)
  const fromS = Math.ceil(Math.min(...walk.stays.map(({ fromMs }) => fromMs)) / 1000)
  const toMs = Math.max(...walk.stays.map(({ toMs: end }) => end))
  const down = downIn(model, walk)
  const places = placesOf(model, down)
  const decided: Decided[] = []
  let next = 0
  for (let atS = fromS; atS * 1000 < toMs; atS++) {
    for (; next < walk.readings.length; next++) {
      const [tMs, receiver, rssiDbm] = walk.readings[next] as Walk['readings'][number]
      if (tMs > atS * 1000) break
      hear(belief, receiver, rssiDbm, tMs, places)
    }
    const { room, confidence, runnerUp } = whereabouts(belief, atS * 1000, { down })
    decided.push({ atS, room, confidence, runnerUp })
  }
  return decided
}
