// Rooms are learnt from walk tests apart from everything else: it takes seconds, and an alarm must not wait for it.
// In: the walks that stand. Out: the model of the building; physics alone where none stands.
import { Worker } from 'node:worker_threads'
import { modelFor } from './core/locating/calibrate.ts'
import type { Model } from './core/locating/model.ts'
import type { Plan } from './core/plan.ts'
import { type StoredWalk, standingWalks } from './core/stored-walk.ts'
import type { Log } from './log.ts'
import type { Submit } from './ports.ts'

export type Learn = (plan: Plan, walks: readonly StoredWalk[]) => Promise<Model>

/** In this thread: for tests, and for whoever has nothing else to do. */
export const learnHere: Learn = async (plan, walks) => modelFor(plan, standingWalks(walks))

/** In a thread of its own. Rejects with the thread's error. */
export const learnApart: Learn = (plan, walks) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./learn-worker.mjs', import.meta.url), {
      execArgv: [],
      workerData: { site: plan.site, walks },
    })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', code => reject(new Error(`the thread that learns rooms ended with ${code}`)))
    // A gateway that stops does not wait for what it will not use.
    worker.unref()
  })

/** Learns anew whenever it is told, one at a time; only what was learnt from the newest walks is handed on. */
export function createLearner(options: {
  learn: Learn
  plan: () => Plan
  walks: () => readonly StoredWalk[]
  onModel(model: Model): void
  onFailure(error: unknown): void
}): { relearn(): void; close(): void } {
  const { learn, plan, walks, onModel, onFailure } = options
  let isLearning = false
  let isStale = false
  let isClosed = false
  const relearn = (): void => {
    isStale = true
    if (isLearning || isClosed) return
    isLearning = true
    isStale = false
    learn(plan(), walks())
      .then(
        model => isStale || isClosed || onModel(model),
        error => isClosed || onFailure(error),
      )
      .finally(() => {
        isLearning = false
        if (isStale) relearn()
      })
  }
  return {
    relearn,
    close: () => {
      isClosed = true
    },
  }
}

const MODEL_KEY = 'model'

/** What was learnt is an event like any other. */
export function tellLearnt(submit: Submit, log: Log, model: Model): void {
  log.info(
    { rooms: model.rooms.length, isCalibrated: model.isCalibrated },
    'rooms learnt from the walk tests',
  )
  void submit({ kind: 'model', model })
  submit({ kind: 'fault', key: MODEL_KEY, text: null }).catch(() => undefined)
}

/** Rooms stay as they were, and the desk shows why. */
export function tellNotLearnt(submit: Submit, log: Log, error: unknown): void {
  log.error({ err: error }, 'the walk tests could not be learnt from')
  const text = `The walk tests could not be learnt from (${error instanceof Error ? error.message : String(error)}): rooms are named as before`
  submit({ kind: 'fault', key: MODEL_KEY, text }).catch(() => undefined)
}
