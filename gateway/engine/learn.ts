// Rooms are learnt from walk tests apart from everything else: it takes seconds, and an alarm must not wait for it.
// In: the walks that stand. Out: the model of the building; physics alone where none stands.
import { Worker } from 'node:worker_threads'
import type { Model } from '../core/locating/building/model.ts'
import { modelFor } from '../core/locating/learning/calibrate.ts'
import type { Plan } from '../core/plan/plan.ts'
import { type StoredWalk, standingWalks } from '../core/walk/stored-walk.ts'
import type { Log } from '../log.ts'
import type { Clock, Submit } from '../ports.ts'

export type Learn = (plan: Plan, walks: readonly StoredWalk[]) => Promise<Model>

/** In this thread: for tests, and for whoever has nothing else to do. */
export const learnHere: Learn = async (plan, walks) => modelFor(plan, standingWalks(walks))

/** What the thread says: that it goes on, and at last what it learnt. */
export type FromLearner = { is: 'step' } | { is: 'learnt'; model: Model }

const LOOK_EACH_MS = 1_000
/** A thread that has begun and has said nothing at so many looks in a row hangs: its steps are far shorter than a second. */
const SILENT_LOOKS = 4
/** Reading its files on a machine that is busy takes longer. */
const BEGIN_LOOKS = 20

export type StartThread = (workerData: { site: Plan['site']; walks: readonly StoredWalk[] }) => Worker

const startThread: StartThread = workerData =>
  new Worker(new URL('./learn-worker.mjs', import.meta.url), { execArgv: [], workerData })

/**
 * In a thread of its own, which is ended where it hangs. Rejects with the thread's error, or with LearningStopped where it
 * hung or was ended.
 */
export const learnInThread: Learn = (plan, walks) => learnIn(startThread, plan, walks)

/** As `learnInThread`, in a thread that a test may start otherwise. */
export const learnIn = (start: StartThread, plan: Plan, walks: readonly StoredWalk[]): Promise<Model> =>
  new Promise((resolve, reject) => {
    const thread = start({ site: plan.site, walks })
    let most = BEGIN_LOOKS
    let silent = 0
    // Looks are counted, and not the time: where this thread stood still, what was said meanwhile is read between two of them.
    const timer = setInterval(() => {
      silent += 1
      if (silent >= most) stopped(`hung: it said nothing for ${most - 1} s`)
    }, LOOK_EACH_MS)
    function stopped(why: string | Error): void {
      clearInterval(timer)
      void thread.terminate()
      reject(why instanceof Error ? why : new LearningStopped(`the thread that learns rooms ${why}`))
    }
    thread.on('message', (message: FromLearner) => {
      silent = 0
      most = SILENT_LOOKS
      if (message.is !== 'learnt') return
      clearInterval(timer)
      resolve(message.model)
    })
    thread.once('error', stopped)
    thread.once('exit', code => stopped(`ended with ${code}`))
    // A gateway that stops does not wait for what it will not use.
    thread.unref()
  })

/** The thread hung or was ended: nothing is wrong with the walks, and it is tried again. */
export class LearningStopped extends Error {
  override readonly name = 'LearningStopped'
}

/** After so long it is tried once more; then not before a walk or the site changes. */
const AGAIN_AFTER_MS: readonly number[] = [1_000, 10_000, 60_000]

/** Learns anew whenever it is told, one at a time; only what was learnt from the newest walks is handed on. */
export function createLearner(options: {
  learn: Learn
  plan: () => Plan
  walks: () => readonly StoredWalk[]
  after: Clock['after']
  onModel(model: Model): void
  onFailure(error: unknown): void
}): { relearn(): void; close(): void } {
  const { learn, plan, walks, after, onModel, onFailure } = options
  let isLearning = false
  let isStale = false
  let isClosed = false
  let failures = 0
  let cancelRetry = (): void => {}
  const failed = (error: unknown): void => {
    if (isClosed) return
    onFailure(error)
    const againMs = error instanceof LearningStopped ? AGAIN_AFTER_MS[failures] : undefined
    failures += 1
    if (againMs !== undefined && !isStale) cancelRetry = after(againMs, begin)
  }
  const begin = (): void => {
    isStale = true
    if (isLearning || isClosed) return
    isLearning = true
    isStale = false
    learn(plan(), walks())
      .then(model => isStale || isClosed || onModel(model), failed)
      .finally(() => {
        isLearning = false
        if (isStale) begin()
      })
  }
  return {
    relearn: () => {
      failures = 0
      cancelRetry()
      begin()
    },
    close: () => {
      isClosed = true
      cancelRetry()
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
