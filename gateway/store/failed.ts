// The one error of the store: the journal can't be opened, trusted or written to.
import { AssertionError } from 'node:assert'

/** Says what was being done to which journal and what was wrong; `cause` is the database's own error, if it had one. */
export class JournalFailed extends Error {
  override readonly name = 'JournalFailed'

  /** The database's own code (SQLITE_FULL, SQLITE_BUSY, …), or null where the failure is ours to name. */
  get code(): string | null {
    const { cause } = this
    return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null
  }
}

/** Runs `work`; whatever the database throws comes out as JournalFailed: "could not <what>: <why>". Our own bugs pass as they are. */
export function orJournalFailed<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof JournalFailed || cause instanceof AssertionError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new JournalFailed(`could not ${what}: ${why}`, { cause })
  }
}
