// The engine's pen: rounds of decisions in, committed rows out, in order. What the disk refuses, or does not answer in time,
// waits and is tried again; meanwhile nothing is told that only a committed row makes true.

import { keepCounter } from '../core/applying/apply.ts'
import type { Told } from '../core/incident/consequence.ts'
import type { Change } from '../core/plan/change.ts'
import { type State, trackOf } from '../core/state/state.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Clock, Decided, Journal, NotKeptAbout } from '../ports.ts'
import { JournalFailed } from '../store/failed.ts'
import { type Batch, createBacklog } from './backlog.ts'
import type { LiveDesk } from './desk.ts'
import type { Round } from './round.ts'

type Parts = { journal: Journal; log: Log; clock: Clock; metrics: Metrics }

export type Writer = {
  /** Answers within `COMMIT_MS`: whether what this event tells is on disk. `pendants` are those that it is about. */
  write(round: Round, pendants: () => readonly string[]): Promise<boolean>
  /** Its rows are written after those that wait, when the disk takes them. */
  wait(round: Round): void
  /** Whether the last write left anything waiting for the disk. */
  isBehind(): boolean
  /** How many lesser rows were let go for want of room, since this was asked last. */
  letGo(): number
  /** What may be told now: the truth, under counters that are reserved. */
  mayLeave(state: State, told: readonly Told[], nowMs: number): readonly Told[]
  /** What could not be said before and is true now, unless something newer was told since. Asked once. */
  keptBack(state: State, nowMs: number): Told[]
}

/** A disk that takes longer is not waited for: people are called, and only what is known is told. */
export const COMMIT_MS = 1_000
/** A log that fills with one sentence hides the others. */
const REFUSED_SAID_EACH_MS = 60_000
/** Tests that passed while the disk refused; what they say is over after a minute. */
const KEPT_BACK_MAX = 256

/**
 * Commits in order, one batch at a time. A batch that the disk refuses waits, and is tried again before whatever comes next
 * and at every tick; until then the desk shows why. `write` answers whether what an event tells is on disk: its own rows, and
 * the alarms of the pendants it is about, which a receiver may be sending again because they were not.
 */
export function createWriter(parts: Parts, state: State, desk: LiveDesk): Writer {
  const backlog = createBacklog()
  const flush = createFlush(parts, state, backlog)
  const back = createKeptBack()
  let isBehind = false
  const wait = ({ entries, counters, arrivedAtMs }: Round): boolean => {
    if (entries.length === 0 && counters.size === 0) return false
    backlog.add({ entries, counters, arrivedAtMs })
    return true
  }
  return {
    isBehind: () => isBehind,
    wait,
    letGo: backlog.letGo,
    mayLeave(state, told, nowMs) {
      if (!isBehind) return told
      back.keep(told, nowMs)
      return told.filter(
        ({ vouchesFor, pendant, beaconCounter }) =>
          vouchesFor === null && beaconCounter <= trackOf(state, pendant).beaconKept,
      )
    },
    keptBack: back.take,
    write: async (round, pendants) => {
      const hasRows = wait(round)
      if (!hasRows && !isBehind) return true
      const why = await flush()
      parts.metrics.setRowsWaiting(backlog.size())
      isBehind = why !== null
      desk.setFault(why === null ? null : { key: 'journal', text: why })
      if (why === null || hasRows) return why === null
      const about = pendants()
      return !backlog.some(change => isAlarmOf(state, change, about))
    },
  }
}

/** Writes what waits. Answers null once all of it is on disk, or after `COMMIT_MS` at most why it is not. */
function createFlush(
  { journal, log, clock, metrics }: Parts,
  state: State,
  backlog: ReturnType<typeof createBacklog>,
): () => Promise<string | null> {
  let running: Promise<string | null> | null = null
  let sinceMs = 0
  const refused = createRefused(log, clock)
  const flushAll = async (): Promise<string | null> => {
    for (let next = backlog.first(); next !== undefined; next = backlog.first()) {
      sinceMs = clock.nowMs()
      try {
        await journal.commit(next)
      } catch (error) {
        refused.say(error, backlog.size())
        return `The journal cannot be written (${faultOf(error)}`
      }
      backlog.shift()
      refused.over()
      for (const [key, counter] of next.counters) keepCounter(state, key, counter)
      if (isAlarm(next)) metrics.observePressToJournal(clock.nowMs() - next.arrivedAtMs)
    }
    return null
  }
  const stuck = (): string =>
    `The disk does not answer (for ${Math.round((clock.nowMs() - sinceMs) / 1_000)} s so far): nothing is being stored`
  return async () => {
    if (backlog.first() === undefined) return null
    // One that has not answered in time is not waited for again: what comes next is carried out at once.
    if (running !== null) return stuck()
    running = flushAll().finally(() => {
      running = null
    })
    const late = deadline(clock)
    const why = await Promise.race([running, late.passed])
    late.cancel()
    if (why !== 'late') return why
    log.error({ waiting: backlog.size() }, 'the journal does not answer')
    return stuck()
  }
}

/** A disk that refuses is tried again at every tick and event: the log hears of it at once, of another reason, and so often. */
function createRefused(log: Log, clock: Clock) {
  let said: { why: string; atMs: number } | null = null
  return {
    say(error: unknown, waiting: number): void {
      const why = error instanceof Error ? error.message : String(error)
      const nowMs = clock.nowMs()
      if (said?.why === why && nowMs - said.atMs < REFUSED_SAID_EACH_MS) return
      said = { why, atMs: nowMs }
      log.error({ err: error, waiting }, 'journal cannot be written')
    },
    over(): void {
      if (said !== null) log.info('the journal can be written again')
      said = null
    },
  }
}

function deadline(clock: Clock): { passed: Promise<'late'>; cancel(): void } {
  let cancel = () => {}
  const passed = new Promise<'late'>(resolve => {
    cancel = clock.after(COMMIT_MS, () => resolve('late'))
  })
  return { passed, cancel: () => cancel() }
}

/** Tests that may be told as passed once they are on disk. */
function createKeptBack() {
  let back: { told: Told; untilMs: number }[] = []
  return {
    keep(told: readonly Told[], nowMs: number): void {
      for (const each of told) {
        if (each.vouchesFor === 'test') back.push({ told: each, untilMs: nowMs + each.forMs })
      }
      back = back.slice(-KEPT_BACK_MAX)
    },
    take(state: State, nowMs: number): Told[] {
      const due = back.filter(
        ({ told, untilMs }) =>
          untilMs > nowMs && trackOf(state, told.pendant).beaconCounter === told.beaconCounter,
      )
      back = []
      return due.map(({ told, untilMs }) => ({ ...told, forMs: untilMs - nowMs }))
    },
  }
}

/** Rows that say that somebody raised an alarm. */
const ALARMS: readonly Change['is'][] = ['raised', 'raised-by', 'raised-again', 'pressed-again']
export const isAlarmRow = ({ is }: Change): boolean => ALARMS.includes(is)
const isAlarm = ({ entries }: Batch): boolean => entries.some(({ change }) => isAlarmRow(change))

function isAlarmOf({ incidents }: State, change: Change, pendants: readonly string[]): boolean {
  if (change.is === 'raised') return pendants.includes(change.pendant)
  if (change.is !== 'pressed-again' && change.is !== 'worsened') return false
  return pendants.includes(incidents.get(change.incident)?.pendant ?? '')
}

/** The event was carried out but its rows are not on disk yet. A receiver is not told it was kept, and sends it again. */
export class NotKept extends Error {
  override readonly name = 'NotKept'
  readonly decided: Decided
  readonly about: NotKeptAbout

  constructor(decided: Decided, about: NotKeptAbout) {
    super('carried out, but not yet on disk: the journal cannot be written')
    this.decided = decided
    this.about = about
  }
}

/** Why, and what is to be done. */
const faultOf = (error: unknown): string => {
  if (error instanceof JournalFailed) return `${error.inWords}): ${error.mend}`
  return `${error instanceof Error ? error.message : String(error)}): look at the disk`
}
