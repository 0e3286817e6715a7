// The engine: one event at a time, decide → commit → dispatch. It owns the state; nobody else writes it.
// An effect leaves only after the rows that ask for it are on disk; where the disk fails, people are still called.

import { TOLD_STORED } from '../schemas/frame.ts'
import type { Change } from './core/change.ts'
import type { Told } from './core/consequence.ts'
import { decide } from './core/decide.ts'
import type { CoreEvent, Decision } from './core/decision.ts'
import type { Plan } from './core/plan.ts'
import { beaconsOf } from './core/reserve.ts'
import { apply, keepCounter, newState, observe, rebuild, type State, trackOf } from './core/state.ts'
import { createDesk, type LiveDesk } from './desk.ts'
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

type Parts = { plan: Plan; journal: Journal; clock: Clock; effects: Effects; metrics: Metrics; log: Log }

/** How often the engine looks at the time: retries and silences are kept to within this. */
const TICK_MS = 250

/**
 * Rebuilds the state from the journal, takes up unfinished pages and starts the clock.
 * Throws what `journal.load` throws: a gateway that cannot trust its journal does not start.
 */
export async function startEngine(parts: Parts): Promise<Engine> {
  const { plan, journal, clock, log } = parts
  const state = newState(plan, clock.nowMs())
  const { entries, counters } = await journal.load()
  rebuild(state, entries, counters)
  log.info({ rows: entries.length, incidents: state.incidents.size }, 'journal replayed')
  const desk = createDesk(state, clock)
  const writer = createWriter(parts, state, desk)
  const queue = createQueue(event => carryOut(parts, state, desk, writer, event))
  const submit: Submit = event => queue.add(event)
  const stopTicking = tick(clock, submit)
  await submit({ kind: 'start' })
  return {
    submit,
    desk: desk.port(submit),
    close: async () => {
      stopTicking()
      await queue.settled()
      await journal.close()
    },
  }
}

type Round = { decisions: Decision[]; entries: JournalEntry[]; counters: Map<string, number> }

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
    if (decision.counted !== null) metrics.countRefused(decision.counted)
    if (decision.heard !== null) metrics.countEvent(decision.heard)
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
  for (const { pages, withdrawn, told } of decisions) {
    for (const order of pages) effects.place(order)
    for (const page of withdrawn) effects.withdraw(page)
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

type Writer = {
  write(round: Round, pendants: readonly string[]): Promise<boolean>
  /** Its rows are written after those that wait, when the disk takes them. */
  wait(round: Round): void
  /** Whether anything waits for the disk. */
  isBehind(): boolean
  /** What may be told now: the truth, under counters that are reserved. */
  mayLeave(state: State, told: readonly Told[], nowMs: number): readonly Told[]
  /** What could not be said before and is true now, unless something newer was told since. Asked once. */
  keptBack(state: State, nowMs: number): Told[]
}

/** Tests that passed while the disk refused; what they say is over after a minute. */
const KEPT_BACK_MAX = 256

/**
 * Commits in order. A batch that the disk refuses waits, and is tried again before whatever comes next and at every
 * tick; until then the desk shows why. Answers whether what this event tells is on disk: its own rows, and the alarms
 * of the pendants it is about, which a receiver may be sending again because they were not.
 */
function createWriter({ journal, log }: Parts, state: State, desk: LiveDesk): Writer {
  const waiting: JournalBatch[] = []
  let back: { told: Told; untilMs: number }[] = []
  const flush = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      await journal.commit(next)
      waiting.shift()
      for (const [key, counter] of next.counters) keepCounter(state, key, counter)
    }
  }
  const wait = ({ entries, counters }: Round): boolean => {
    if (entries.length === 0 && counters.size === 0) return false
    waiting.push({ entries, counters })
    return true
  }
  return {
    isBehind: () => waiting.length > 0,
    wait,
    mayLeave(state, told, nowMs) {
      if (waiting.length === 0) return told
      for (const each of told) {
        if (each.vouchesFor === 'test') back.push({ told: each, untilMs: nowMs + each.forMs })
      }
      back = back.slice(-KEPT_BACK_MAX)
      return told.filter(
        ({ vouchesFor, pendant, beaconCounter }) =>
          vouchesFor === null && beaconCounter <= trackOf(state, pendant).beaconKept,
      )
    },
    keptBack(state, nowMs) {
      const due = back.filter(
        ({ told, untilMs }) =>
          untilMs > nowMs && trackOf(state, told.pendant).beaconCounter === told.beaconCounter,
      )
      back = []
      return due.map(({ told, untilMs }) => ({ ...told, forMs: untilMs - nowMs }))
    },
    write: async (round, pendants) => {
      const hasRows = wait(round)
      if (waiting.length === 0) return true
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
