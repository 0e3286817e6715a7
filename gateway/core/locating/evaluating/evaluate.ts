// In: a layout, walks to learn from and walks to be judged by. Out: the runs as they would have been decided.
import type { Walk } from '../../../../schemas/walk.ts'
import type { Layout } from '../building/layout.ts'
import type { Model } from '../building/model.ts'
import { modelOf } from '../building/uncalibrated.ts'
import { calibrate } from '../learning/calibrate.ts'
import { replay } from './replay.ts'
import type { Run } from './score.ts'

/** How a test walk is made worse before it is replayed; training walks stay as they are. */
export type Degrade = (walk: Walk) => Walk

/** Learns from `train` and replays `test`. Without training walks the layout alone has to do. */
export function evaluate(
  layout: Layout,
  train: readonly Walk[],
  test: readonly Walk[],
  degrade?: Degrade,
): Run[] {
  const model = train.length === 0 ? modelOf(layout) : calibrate(layout, train)
  return test.map(walk => judged(model, walk, degrade))
}

/** Each walk is judged by a model that was learnt from all others: once by each way of making it worse. */
export function evaluateLeavingOneOut(
  layout: Layout,
  walks: readonly Walk[],
  degrades: readonly Degrade[] = [walk => walk],
): Run[][] {
  const models = walks.map((_, i) =>
    calibrate(
      layout,
      walks.filter((_, j) => j !== i),
    ),
  )
  return degrades.map(degrade => walks.map((walk, i) => judged(models[i] as Model, walk, degrade)))
}

const judged = (model: Model, walk: Walk, degrade: Degrade = same => same): Run => ({
  name: walk.pendant,
  decided: replay(model, degrade(walk)),
  stays: walk.stays,
})
