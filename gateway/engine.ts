// The engine: one event at a time, decide → commit → dispatch. It owns the state; nobody else writes it.
// An effect leaves only after the rows that ask for it are on disk; where the disk fails, people are still called.

import type { Change } from './core/change.ts'
import { decide } from './core/decide.ts'
import type { CoreEvent, Decision } from './core/decision.ts'
import type { Model } from './core/locating/model.ts'
import type { Plan } from './core/plan.ts'
import { apply, keepCounter, newState, observe, rebuild, type State } from './core/state.ts'
import { createDesk, type LiveDesk } from './desk.ts'
import { createLearner, type Learn, learnHere } from './learn.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type {
  Clock,
  Decided,
  Desk,
  EngineEvent,
  Journal,
  JournalBatch,
  JournalEntry,
  PageOrder,
  Submit,
  ToldOrder,
} from './ports.ts'

/** Where effects go. None of these throws; what becomes of a page comes back through `submit`. */
export type Effects = {
  place(order: PageOrder): void
  withdraw(page: string): void
  tell(orders: readonly ToldOrder[]): void
}

export type Engine = { submit: Submit; desk: Desk; close(): Promise<void> }

type Parts = {
  plan: Plan
  journal: Journal
  clock: Clock
  effects: Effects
  metrics: Metrics
  log: Log
  /** How rooms are told apart; by physics where it is left out. */
  model?: Model
  /** How rooms are learnt from walk tests; in this thread where it is left out. */
  learn?: Learn
}

/** How often the engine looks at the time: retries and silences are kept to within this. */
const TICK_MS = 250

/**
 * Rebuilds the state from the journal, takes up unfinished pages and starts the clock.
 * Throws what `journal.load` throws: a gateway that cannot trust its journal does not start.
 */
export async function startEngine(parts: Parts): Promise<Engine> {
  const { plan, journal, clock, log } = parts
  const state = newState(plan, clock.nowMs(), parts.model)
  const { entries, counters } = await journal.load()
  rebuild(state, entries, counters)
  log.info({ rows: entries.length, incidents: state.incidents.size }, 'journal replayed')
  const desk = createDesk(state, clock)
  const writer = createWriter(parts, desk)
  const queue = createQueue(async event => {
    const { walks } = state
    try {
      return await carryOut(parts, state, desk, writer, event)
    } finally {
      if (state.walks !== walks) learner.relearn()
    }
  })
  const submit: Submit = event => queue.add(event)
  const learner = createLearner({
    learn: parts.learn ?? learnHere,
    plan,
    walks: () => state.walks,
    onModel: model => tellLearnt(submit, log, model),
    onFailure: error => tellNotLearnt(submit, log, error),
  })
  if (state.walks.length > 0) learner.relearn()
  const stopTicking = tick(clock, submit)
  await submit({ kind: 'start' })
  return {
    submit,
    desk: desk.port(submit),
    close: async () => {
      stopTicking()
      learner.close()
      await queue.settled()
      await journal.close()
    },
  }
}

const MODEL_KEY = 'model'

function tellLearnt(submit: Submit, log: Log, model: Model): void {
  log.info(
    { rooms: model.rooms.length, isCalibrated: model.isCalibrated },
    'rooms learnt from the walk tests',
  )
  void submit({ kind: 'model', model })
  submit({ kind: 'fault', key: MODEL_KEY, text: null }).catch(() => undefined)
}

function tellNotLearnt(submit: Submit, log: Log, error: unknown): void {
  log.error({ err: error }, 'the walk tests could not be learnt from')
  const text = `The walk tests could not be learnt from (${reasonOf(error)}): rooms are named as before`
  submit({ kind: 'fault', key: MODEL_KEY, text }).catch(() => undefined)
}

/** Decides one event, commits its changes in one transaction, and only then dispatches. */
async function carryOut(
  parts: Parts,
  state: State,
  desk: LiveDesk,
  writer: Writer,
  event: EngineEvent,
): Promise<Decided> {
  const { clock, metrics, log } = parts
  const nowMs = clock.nowMs()
  const decisions: Decision[] = []
  const entries: JournalEntry[] = []
  const counters = new Map<string, number>()
  for (const each of apart(event)) {
    const decision = decide(state, each, nowMs)
    decisions.push(decision)
    for (const seen of decision.observations) observe(state, seen)
    for (const change of decision.changes) {
      const entry = { seq: state.seq + 1, atMs: nowMs, actor: decision.by, change }
      apply(state, entry)
      entries.push(entry)
    }
    for (const [pendant, counter] of decision.counters) {
      counters.set(pendant, counter)
      keepCounter(state, pendant, counter)
    }
    if (decision.counted !== null) metrics.countRefused(decision.counted)
    if (decision.heard !== null) metrics.countEvent(decision.heard)
  }
  if (event.kind === 'reports') metrics.countReports(event.receiver, event.reports.length)
  const isKept = await writer.write({ entries, counters }, pendantsIn(decisions))
  for (const decision of decisions) dispatch(parts.effects, decision)
  count(metrics, state, entries)
  for (const { seq, actor, change } of entries) log.info({ seq, by: actor, ...briefly(change) }, change.is)
  desk.publish(entries, event.kind === 'receiver-status')
  desk.publishWalks(event.kind.startsWith('walk-'))
  metrics.observeEvent(clock.nowMs() - nowMs)
  if (!isKept) throw new NotKept('carried out, but not yet on disk: the journal cannot be written')
  return decisions.at(-1)?.answer ?? { refused: null }
}

/** The event was carried out but its rows are not on disk yet. A receiver is not told it was kept, and sends it again. */
export class NotKept extends Error {
  override readonly name = 'NotKept'
}

/** A walk's readings are a megabyte, and where people were is for the journal alone. */
function briefly(change: Change): object {
  if (change.is !== 'walk-stored') return change
  const { is, walk, pendant, count, lengthMs } = change
  return { is, walk, pendant, count, lengthMs }
}

const apart = (event: EngineEvent): CoreEvent[] => {
  if (event.kind !== 'reports') return [event]
  const { receiver, wasRedelivered } = event
  return event.reports.map(report => ({ kind: 'report', receiver, wasRedelivered, report }))
}

function dispatch(effects: Effects, decision: Decision): void {
  for (const order of decision.pages) effects.place(order)
  for (const page of decision.withdrawn) effects.withdraw(page)
  if (decision.told.length > 0) effects.tell(decision.told)
}

function count(metrics: Metrics, state: State, entries: readonly JournalEntry[]): void {
  for (const { change } of entries) {
    if (change.is === 'raised') metrics.countIncident(change.alarm)
    if (change.is === 'page-ended') metrics.countPage(change.outcome)
  }
  if (entries.length === 0) return
  metrics.setOpenIncidents([...state.incidents.values()].filter(each => each.state !== 'resolved').length)
  metrics.setTechnicalAlarms(state.technical.size)
}

const pendantsIn = (decisions: readonly Decision[]): string[] =>
  decisions.flatMap(({ observations }) =>
    observations.flatMap(seen => (seen.is === 'sighting' ? [seen.sighting.pendant] : [])),
  )

type Writer = { write(batch: JournalBatch, pendants: readonly string[]): Promise<boolean> }

/**
 * Commits in order. A batch that the disk refuses waits, and is tried again before whatever comes next and at every
 * tick; until then the desk shows why. Answers whether what this event tells is on disk: its own rows, and the alarms
 * of the pendants it is about, which a receiver may be sending again because they were not.
 */
function createWriter({ journal, log }: Parts, desk: LiveDesk): Writer {
  const waiting: JournalBatch[] = []
  const flush = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      await journal.commit(next)
      waiting.shift()
    }
  }
  return {
    write: async (batch, pendants) => {
      const hasRows = batch.entries.length > 0 || batch.counters.size > 0
      if (hasRows) waiting.push(batch)
      else if (waiting.length === 0) return true
      try {
        await flush()
      } catch (error) {
        log.error({ err: error, waiting: waiting.length }, 'journal cannot be written')
        desk.setFault({
          key: 'journal',
          text: `The journal cannot be written (${reasonOf(error)}): free the disk`,
        })
        return (
          !hasRows &&
          !waiting.some(({ entries }) => entries.some(({ change }) => isAlarmOf(change, pendants)))
        )
      }
      desk.setFault(null)
      return true
    },
  }
}

const isAlarmOf = (change: Change, pendants: readonly string[]): boolean =>
  change.is === 'raised' && pendants.includes(change.pendant)

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Events one after the other, in the order they came. A bug in carrying one out ends the process; the journal replays. */
function createQueue(work: (event: EngineEvent) => Promise<Decided>) {
  let last: Promise<unknown> = Promise.resolve()
  return {
    add(event: EngineEvent): Promise<Decided> {
      const result = last.then(() => work(event))
      last = result.catch(error => {
        if (!(error instanceof NotKept)) crash(error)
      })
      return result
    },
    settled: () => last,
  }
}

function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

function tick(clock: Clock, submit: Submit): () => void {
  let cancel = clock.after(TICK_MS, run)
  function run(): void {
    submit({ kind: 'tick' })
      .catch(() => undefined)
      .finally(() => {
        cancel = clock.after(TICK_MS, run)
      })
  }
  return () => cancel()
}
