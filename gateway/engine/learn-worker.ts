// The thread of gateway/learn: a site and its packed walks come in, the model goes out, and the thread ends. Between its
// steps it says that it goes on: one that says nothing for seconds hangs.
import { parentPort, workerData } from 'node:worker_threads'
import { modelFor } from '../core/locating/learning/calibrate.ts'
import { planOf } from '../core/plan/plan.ts'
import { type StoredWalk, standingWalks } from '../core/walk/stored-walk.ts'
import type { FromLearner } from './learn.ts'

const { site, walks } = workerData as { site: Parameters<typeof planOf>[0]; walks: readonly StoredWalk[] }
const tell = (message: FromLearner): void => parentPort?.postMessage(message)
const TOLD_EACH_MS = 250

let toldAtMs = Date.now()
tell({ is: 'step' })
const onStep = (): void => {
  if (Date.now() - toldAtMs < TOLD_EACH_MS) return
  toldAtMs = Date.now()
  tell({ is: 'step' })
}
tell({ is: 'learnt', model: modelFor(planOf(site), standingWalks(walks), onStep) })
