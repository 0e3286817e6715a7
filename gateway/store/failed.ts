// The one error of the store: the journal can't be opened, trusted or written to.
import { AssertionError } from 'node:assert'

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
    const { cause } = this
    return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null
  }

  get kind(): FailureKind {
    return this.#kind ?? (isDamage(this.code) ? 'unusable' : 'disk')
  }

  /** Why, for whoever is at the desk. */
  get inWords(): string {
    const { code } = this
    return WORDS.find(([pattern]) => code !== null && pattern.test(code))?.[1] ?? this.message
  }
}

/** What SQLite says of a file that isn't as it was written; the rest is about the disk. */
const isDamage = (code: string | null): boolean =>
  code !== null && /^SQLITE_(CORRUPT|NOTADB|ERROR|MISMATCH|CONSTRAINT|IOERR_(SHORT_)?READ)/.test(code)

const WORDS: readonly [RegExp, string][] = [
  [/^(SQLITE_FULL|ENOSPC|SQLITE_IOERR_SHMSIZE)$/, 'the disk is full'],
  [/^EDQUOT$/, 'the disk quota is used up'],
  [/^(SQLITE_READONLY.*|EROFS)$/, 'the disk is read-only'],
  [/^(SQLITE_PERM|SQLITE_AUTH|SQLITE_CANTOPEN.*|EACCES|EPERM)$/, 'its files may not be opened by this user'],
  [/^(ENOENT|ENOTDIR)$/, 'its folder is not there'],
  [/^SQLITE_(BUSY|LOCKED)/, 'another program holds it'],
  [/^(SQLITE_CORRUPT|SQLITE_NOTADB)/, 'the file is damaged'],
  [/^(SQLITE_IOERR|EIO)/, 'the disk fails or is full'],
]

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
