// Receivers remember the end of the journal, off this machine. In: what a receiver remembers. Out: a technical alarm where the
// journal has lost that, and its end where it has not.
import type { JournalEnd } from '../../schemas/report.ts'
import { behindKey, behindWords } from '../core/state/journal.ts'
import type { EngineEvent, FaultEvent } from '../ports.ts'
import type { ThreadJournal } from './thread/thread.ts'

type Ours = Pick<ThreadJournal, 'end' | 'hashAt'>

/** What a receiver's heartbeat says of the journal, as an event; null where it says nothing new. */
export function watchEnds(journal: Ours): (event: EngineEvent) => Promise<FaultEvent | null> {
  const behind = new Set<string>()
  return async event => {
    if (event.kind !== 'receiver-status' || !('journal' in event.status)) return null
    const { receiver, status } = event
    const ours = journal.end()
    if (status.journal === undefined || ours === null) return null
    const missing = await missingFrom(ours, journal.hashAt, status.journal)
    const key = behindKey(receiver)
    if (missing === null) return behind.delete(receiver) ? { kind: 'fault', key, text: null } : null
    behind.add(receiver)
    return { kind: 'fault', key, text: behindWords(receiver, missing, status.journal.seq) }
  }
}

/** How many rows ours lacks; 0 where it is another journal under the same numbers, null where nothing is missing. */
export async function missingFrom(
  ours: JournalEnd,
  hashAt: (seq: number) => Promise<string | null>,
  theirs: JournalEnd,
): Promise<number | null> {
  // It will be told the new edition; what it remembers of the old one a person has accepted.
  if (theirs.edition < ours.edition) return null
  if (theirs.seq > ours.seq) return theirs.seq - ours.seq
  if (theirs.edition !== ours.edition) return 0
  const hash = theirs.seq === ours.seq ? ours.hash : await hashAt(theirs.seq)
  return theirs.seq === 0 || hash === theirs.hash ? null : 0
}
