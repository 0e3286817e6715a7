// The thread of gateway/learn: a site and its packed walks come in, the model goes out, and the thread ends.
import { parentPort, workerData } from 'node:worker_threads'
import { modelFor } from './core/locating/calibrate.ts'
import { planOf } from './core/plan.ts'
import { type StoredWalk, standingWalks } from './core/stored-walk.ts'

const { site, walks } = workerData as { site: Parameters<typeof planOf>[0]; walks: readonly StoredWalk[] }
parentPort?.postMessage(modelFor(planOf(site), standingWalks(walks)))
