// The engine: one event at a time, decide → commit → dispatch. It owns the state; nobody else writes it.
// An effect leaves only after the rows that ask for it are on disk; where the disk fails, people are still called.

import { rebuild } from '../core/applying/apply.ts'
import type { CoreEvent } from '../core/deciding/decision/decision.ts'
import type { Model } from '../core/locating/building/model.ts'
import type { Plan } from '../core/plan/plan.ts'
import { hasMoved } from '../core/plan/site-difference.ts'
import { STEP_MS } from '../core/state/clock.ts'
import { newState, type State } from '../core/state/state.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Clock, Desk, Journal, Submit } from '../ports.ts'
import { type Carrying, carryOut, countOpen, type Effects } from './carry.ts'
import { createDesk, type LiveDesk } from './desk.ts'
import { createLearner, type Learn, learnHere, tellLearnt, tellNotLearnt } from './learn.ts'
import { createLoad } from './load.ts'
import { createQueue, Overrun } from './queue.ts'
import { NotCarriedOut } from './round.ts'
import { createWriter, NotKept } from './writer.ts'

export type { Effects } from './carry.ts'

export type Engine = {
  submit: Submit
  desk: Desk
  /** What other systems are told. */
  out: LiveDesk['out']
  /**
   * Carries out what has come, then lets go of the journal. What comes from now on is dropped and never answered, as if
   * the process had ended already: a receiver gets no PUBACK for it and sends it again to whoever starts next.
   */
  close(): Promise<void>
}

type Parts = {
  plan: Plan
  journal: Journal
  clock: Clock
  effects: Effects
  metrics: Metrics
  log: Log
  /** How rooms are told apart; by physics where it is left out. */
  model?: Model
  /** As `newState` made it of the plan, where somebody had the time for it before the journal was open. */
  state?: State
  /** How rooms are learnt from walk tests; in this thread where it is left out. */
  learn?: Learn
  /** How receivers come in, in words; nothing is shown where it is left out. */
  wayIn?: () => string
}

/** How often the engine looks at the time: retries and silences are kept to within this. */
const TICK_MS = 250

/**
 * Rebuilds the state from the journal, takes up unfinished pages and starts the clock.
 * Throws what `journal.load` throws: a gateway that cannot trust its journal does not start.
 */
export async function startEngine(parts: Parts): Promise<Engine> {
  const { plan, journal, clock, log, metrics } = parts
  const loading = journal.load()
  const state = parts.state ?? newState(plan, clock.nowMs(), parts.model)
  const { entries, counters } = await loading
  rebuild(state, entries, counters)
  countOpen({ metrics, state })
  log.info({ rows: entries.length, incidents: state.incidents.size }, 'journal replayed')
  const desk = createDesk(state, clock, parts.wayIn)
  const writer = createWriter(parts, state, desk)
  const load = createLoad(clock)
  const carrying: Carrying = { ...parts, state, desk, writer }
  const queue = createQueue({
    nowMs: clock.nowMs,
    async work(event, arrivedAtMs) {
      const { walks, plan: before } = state
      const beside = event.kind === 'tick' ? [...clockStep(carrying), ...load.due()] : []
      try {
        return await carryOut(carrying, event, arrivedAtMs, beside)
      } finally {
        metrics.setQueueWaiting(queue.size())
        if (state.walks !== walks || hasMoved(before, state.plan)) learner.relearn()
      }
    },
    onError: error => {
      if (!(error instanceof NotKept || error instanceof NotCarriedOut)) crash(error)
    },
  })
  let isClosing = false
  const submit: Submit = async event => {
    if (isClosing) return new Promise(() => {})
    try {
      const asked = queue.add(event)
      metrics.setQueueWaiting(queue.size())
      return await asked
    } catch (error) {
      if (error instanceof Overrun) {
        metrics.countRefused('overrun')
        load.overran()
      }
      throw error
    }
  }
  const learner = createLearner({
    learn: parts.learn ?? learnHere,
    after: (delayMs, run) => clock.after(delayMs, run),
    plan: () => state.plan,
    walks: () => state.walks,
    onModel: model => tellLearnt(submit, log, model),
    onFailure: error => tellNotLearnt(submit, log, error),
  })
  if (state.walks.length > 0) learner.relearn()
  const stopTicking = tick(clock, submit)
  await begin(submit)
  return {
    submit,
    desk: desk.port(submit),
    out: desk.out,
    close: async () => {
      isClosing = true
      stopTicking()
      learner.close()
      await queue.settled()
      await journal.close()
    },
  }
}

/** A gateway whose first rows the disk does not take starts all the same: the desk says so, and people are called. */
async function begin(submit: Submit): Promise<void> {
  try {
    await submit({ kind: 'start' })
  } catch (error) {
    if (!(error instanceof NotKept || error instanceof NotCarriedOut)) throw error
  }
}

/** Whether the machine's clock was set since it was last looked at: what people are shown follows it, and a row says so. */
function clockStep({ clock, desk, state }: Carrying): CoreEvent[] {
  const offsetMs = Math.round((clock.wallMs?.() ?? clock.nowMs()) - clock.nowMs())
  desk.followClock(offsetMs)
  return Math.abs(offsetMs - state.clock.offsetMs) < STEP_MS ? [] : [{ kind: 'clock', offsetMs }]
}

function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

function tick(clock: Clock, submit: Submit): () => void {
  let isStopped = false
  let cancel = clock.after(TICK_MS, run)
  function run(): void {
    submit({ kind: 'tick' })
      .catch(() => undefined)
      .finally(() => {
        if (!isStopped) cancel = clock.after(TICK_MS, run)
      })
  }
  return () => {
    isStopped = true
    cancel()
  }
}
