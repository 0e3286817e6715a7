// The journal in memory, for tests: the same port, and it can be told to fail as a full disk would.
// What it is given passes through JSON, so that a change which the real one can't keep is found here too.
import type { Journal, JournalBatch, JournalEntry } from '../ports.ts'
import { JournalFailed } from './failed.ts'

export type MemoryJournal = Journal & {
  /** Every commit fails with this cause from now on, until told null. */
  failWith(cause: Error | null): void
  /** What was committed so far, newest last. */
  readonly entries: readonly JournalEntry[]
}

/** An empty journal. Closing keeps its rows: loading it again is a restart. */
export function memoryJournal(): MemoryJournal {
  const entries: JournalEntry[] = []
  const counters = new Map<string, number>()
  let cause: Error | null = null
  return {
    entries,
    failWith: next => {
      cause = next
    },
    load: async () => ({ entries: structuredClone(entries), counters: new Map(counters) }),
    commit: async batch => {
      if (cause)
        throw new JournalFailed(`could not write to the journal in memory: ${cause.message}`, { cause })
      const first = entries.length + 1
      entries.push(...numbered(first, batch.entries))
      for (const [pendant, counter] of batch.counters) {
        counters.set(pendant, Math.max(counter, counters.get(pendant) ?? counter))
      }
      return first
    },
    close: async () => {},
  }
}

function numbered(first: number, entries: JournalBatch['entries']): JournalEntry[] {
  const kept: JournalBatch['entries'] = JSON.parse(JSON.stringify(entries))
  return kept.map((entry, i) => ({ seq: first + i, ...entry }))
}
