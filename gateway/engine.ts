// The engine: one event at a time, decide → commit → dispatch. It owns the state; nobody else writes it.
// An effect leaves only after the rows that ask for it are on disk; where the disk fails, people are still called.

import { TOLD_STORED } from '../schemas/frame.ts'
import { apply, keepCounter, rebuild } from './core/apply.ts'
import type { Change } from './core/change.ts'
import type { Told } from './core/consequence.ts'
import { decide } from './core/decide.ts'
import type { CoreEvent, Decision } from './core/decision.ts'
import type { Model } from './core/locating/model.ts'
import { observe } from './core/observation.ts'
import type { Plan } from './core/plan.ts'
import { beaconsOf } from './core/reserve.ts'
import { hasMoved } from './core/site-change.ts'
import { newState, type State } from './core/state.ts'
import { createDesk, type LiveDesk } from './desk.ts'
import { createLearner, type Learn, learnHere, tellLearnt, tellNotLearnt } from './learn.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type {
  Clock,
  Decided,
  Desk,
  EngineEvent,
  Journal,
  JournalEntry,
  PageOrder,
  ReplyOrder,
  Submit,
  ToldOrder,
} from './ports.ts'
import { createWriter, NotKept, type Round, type Writer } from './writer.ts'

/** Where effects go. None of these throws; what becomes of a page comes back through `submit`. */
export type Effects = {
  place(order: PageOrder): void
  withdraw(page: string): void
  /** What the core answers in a call that is under way. */
  reply(order: ReplyOrder): void
  tell(orders: readonly ToldOrder[]): void
}

export type Engine = {
  submit: Submit
  desk: Desk
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
  const writer = createWriter(parts, state, desk)
  const queue = createQueue(async event => {
    const { walks, plan: before } = state
    try {
      return await carryOut(parts, state, desk, writer, event)
    } finally {
      if (state.walks !== walks || hasMoved(before, state.plan)) learner.relearn()
    }
  })
  let isClosing = false
  const submit: Submit = event => (isClosing ? new Promise(() => {}) : queue.add(event))
  const learner = createLearner({
    learn: parts.learn ?? learnHere,
    plan: () => state.plan,
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
      isClosing = true
      stopTicking()
      learner.close()
      await queue.settled()
      await journal.close()
    },
  }
}

/** Decides these events one after the other, each on what the last one left. */
function decideRound({ clock, metrics }: Parts, state: State, events: readonly CoreEvent[]): Round {
  const nowMs = clock.nowMs()
  const round: Round = { decisions: [], entries: [], counters: new Map() }
  for (const each of events) {
    const decision = decide(state, each, nowMs)
    round.decisions.push(decision)
    for (const seen of decision.observations) observe(state, seen)
    for (const change of decision.changes) {
      const entry = { seq: state.seq + 1, atMs: nowMs, actor: decision.by, change }
      apply(state, entry)
      round.entries.push(entry)
    }
    for (const [key, counter] of decision.counters) {
      round.counters.set(key, counter)
      // What is reserved counts once it is on disk.
      if (beaconsOf(key) === null) keepCounter(state, key, counter)
    }
    for (const reason of decision.counted) metrics.countRefused(reason)
    for (const kind of decision.heard) metrics.countEvent(kind)
  }
  return round
}

/** Decides one event, commits its changes in one transaction, and only then dispatches. */
async function carryOut(
  parts: Parts,
  state: State,
  desk: LiveDesk,
  writer: Writer,
  event: EngineEvent,
): Promise<Decided> {
  const { clock, metrics } = parts
  const nowMs = clock.nowMs()
  const round = decideRound(parts, state, apart(event))
  if (event.kind === 'reports') metrics.countReports(event.receiver, event.reports.length)
  if (event.kind === 'hint') metrics.countReports(event.receiver, 1)
  const wasBehind = writer.isBehind()
  const isKept = await writer.write(round, pendantsIn(round.decisions))
  finish(parts, state, desk, writer, round, event.kind === 'receiver-status')
  if (writer.isBehind()) correct(parts, state, desk, writer, round)
  else if (wasBehind) await catchUp(parts, state, desk, writer)
  desk.publishWalks(event.kind.startsWith('walk-'))
  metrics.setArmed(state.armed.isArmed)
  metrics.observeEvent(clock.nowMs() - nowMs)
  if (!isKept) throw new NotKept('carried out, but not yet on disk: the journal cannot be written')
  return round.decisions.at(-1)?.answer ?? { refused: null }
}

function finish(
  { effects, metrics, log, clock }: Parts,
  state: State,
  desk: LiveDesk,
  writer: Writer,
  { decisions, entries }: Round,
  hasReceiverNews = false,
): void {
  for (const { pages, withdrawn, replies, told } of decisions) {
    for (const order of pages) effects.place(order)
    for (const page of withdrawn) effects.withdraw(page)
    for (const reply of replies) effects.reply(reply)
    tell(effects, writer.mayLeave(state, told, clock.nowMs()))
  }
  count(metrics, state, entries)
  for (const { seq, actor, change } of entries) log.info({ seq, by: actor, ...briefly(change) }, change.is)
  desk.publish(entries, hasReceiverNews)
}

/** The disk did not take it: whoever was to be told *stored* is told *heard*. Its rows wait with the others. */
function correct(parts: Parts, state: State, desk: LiveDesk, writer: Writer, { entries }: Round): void {
  const incidents = entries.flatMap(({ change }) =>
    change.is === 'told' && change.told === TOLD_STORED ? [change.incident] : [],
  )
  if (incidents.length === 0) return
  const round = decideRound(parts, state, [{ kind: 'unkept', incidents }])
  writer.wait(round)
  finish(parts, state, desk, writer, round)
}

/** All that waited is on disk: tests that were kept back pass, and who was only *heard* is *stored*. */
async function catchUp(parts: Parts, state: State, desk: LiveDesk, writer: Writer): Promise<void> {
  tell(parts.effects, writer.keptBack(state, parts.clock.nowMs()))
  const round = decideRound(parts, state, [{ kind: 'kept' }])
  await writer.write(round, [])
  finish(parts, state, desk, writer, round)
  if (writer.isBehind()) correct(parts, state, desk, writer, round)
}

const tell = (effects: Effects, told: readonly Told[]): void => {
  if (told.length > 0) effects.tell(told.map(({ beaconCounter: _, vouchesFor: __, ...order }) => order))
}

/** A walk's readings are a megabyte, and where people were, or said they would be, is for the journal alone. */
function briefly(change: Change): object {
  if (change.is === 'session-began') {
    const { room: _, note: __, ...brief } = change
    return brief
  }
  if (change.is !== 'walk-stored') return change
  const { is, walk, pendant, count, lengthMs } = change
  return { is, walk, pendant, count, lengthMs }
}

const apart = (event: EngineEvent): CoreEvent[] => {
  if (event.kind !== 'reports') return [event]
  const { receiver, wasRedelivered } = event
  return event.reports.map(report => ({ kind: 'report', receiver, wasRedelivered, report }))
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
