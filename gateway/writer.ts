// The engine's pen: rounds of decisions in, committed rows out, in order. What the disk refuses waits and is tried again;
// meanwhile nothing is told that only a committed row makes true.
import { keepCounter } from './core/apply.ts'
import type { Change } from './core/change.ts'
import type { Told } from './core/consequence.ts'
import type { Decision } from './core/decision.ts'
import { type State, trackOf } from './core/state.ts'
import type { LiveDesk } from './desk.ts'
import type { Log } from './log.ts'
import type { Journal, JournalBatch, JournalEntry } from './ports.ts'

type Parts = { journal: Journal; log: Log }

/** What came of one event: its decisions, and the rows and counters that they ask for. */
export type Round = { decisions: Decision[]; entries: JournalEntry[]; counters: Map<string, number> }

export type Writer = {
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
export function createWriter({ journal, log }: Parts, state: State, desk: LiveDesk): Writer {
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

/** The event was carried out but its rows are not on disk yet. A receiver is not told it was kept, and sends it again. */
export class NotKept extends Error {
  override readonly name = 'NotKept'
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
