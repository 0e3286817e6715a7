// The one error of the store: the journal can't be opened, trusted or written to.
import { AssertionError } from 'node:assert'
import { codeOf, codeWords, faultWords } from '../../schemas/fault-words.ts'

/**
 * `unusable`: not as we wrote it (damaged, altered, another program's, a newer Tocsin's), whatever the disk. `held`: another
 * gateway has it. Otherwise it is the disk that refuses, and may not refuse later.
 */
export type FailureKind = 'unusable' | 'held' | 'disk'

/** Says what was being done to which journal and what was wrong; `cause` is the database's own error, if it had one. */
export class JournalFailed extends Error {
  override readonly name = 'JournalFailed'
  readonly #kind: FailureKind | undefined

  constructor(message: string, options: { cause?: unknown; kind?: FailureKind } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.#kind = options.kind
  }

  /** The database's or the system's own code (SQLITE_FULL, ENOSPC, …), or null where the failure is ours to name. */
  get code(): string | null {
    return codeOf(this.cause)
  }

  get kind(): FailureKind {
    return this.#kind ?? (isDamage(this.code) ? 'unusable' : 'disk')
  }

  /** Why, for whoever is at the desk. */
  get inWords(): string {
    const { code } = this
    return (code === null ? null : codeWords(code)) ?? this.message
  }

  /** What whoever keeps the machine does about it. */
  get mend(): string {
    const { code, kind } = this
    if (kind === 'unusable') return 'see tocsin repair'
    return MENDS.find(([pattern]) => code !== null && pattern.test(code))?.[1] ?? 'look at the disk'
  }
}

/** What SQLite says of a file that isn't as it was written; the rest is about the disk. */
export const isDamage = (code: string | null): boolean =>
  code !== null && /^SQLITE_(CORRUPT|NOTADB|ERROR|MISMATCH|CONSTRAINT|IOERR_(SHORT_)?READ)/.test(code)

const MENDS: readonly [RegExp, string][] = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT|SQLITE_IOERR_SHMSIZE)$/, 'free the disk'],
  [/^(SQLITE_READONLY.*|EROFS)$/, 'make the disk writable'],
  [/^(SQLITE_PERM|SQLITE_AUTH|SQLITE_CANTOPEN.*|EACCES|EPERM)$/, "let the gateway's user write there"],
  [/^(ENOENT|ENOTDIR|EEXIST|EISDIR)$/, 'make its folder'],
]

/** Runs `work`; whatever the database throws comes out as JournalFailed: "could not <what>: <why>". Our own bugs pass as they are. */
export function orJournalFailed<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof JournalFailed || cause instanceof AssertionError) throw cause
    throw new JournalFailed(`could not ${what}: ${faultWords(cause)}`, { cause })
  }
}
