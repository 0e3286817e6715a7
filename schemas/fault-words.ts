// What an operating system and SQLite call a fault comes in, what a person can act on goes out: one table of codes for every program
// here. Pure. A code that has no words keeps the sentence that it came with.

/** Codes of files, ports and the journal's database, in words that fit after a colon. The first that fits counts. */
const WORDS: readonly [RegExp, string][] = [
  [/^(ENOSPC|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/, 'the disk is full'],
  [/^EDQUOT$/, 'the disk quota is used up'],
  [/^(EROFS|SQLITE_READONLY.*)$/, 'the disk is read-only'],
  [/^(EACCES|EPERM|SQLITE_PERM|SQLITE_AUTH)$/, 'this user is not allowed to'],
  [/^ENOENT$/, 'no such file or folder'],
  [/^ENOTDIR$/, 'a part of its path is a file and no folder'],
  [/^EISDIR$/, 'it is a folder'],
  [/^EEXIST$/, 'there is a file of this name already'],
  [/^ELOOP$/, 'its links lead in a circle'],
  [/^ENAMETOOLONG$/, 'its name is too long'],
  [/^(ENXIO|ENODEV)$/, 'no such device'],
  [/^(EMFILE|ENFILE)$/, 'too many files are open'],
  [/^EADDRINUSE$/, 'another program listens there'],
  [/^EADDRNOTAVAIL$/, 'this machine has no such address'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'no machine is known by this name'],
  [/^ECONNREFUSED$/, 'nothing listens there'],
  [/^(ECONNRESET|EPIPE)$/, 'the connection was cut'],
  [/^ETIMEDOUT$/, 'no answer in time'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'there is no way there'],
  [/^SQLITE_(BUSY|LOCKED)/, 'another program holds it'],
  [/^SQLITE_NOTADB/, 'the file is damaged, or no database of SQLite'],
  [/^SQLITE_CORRUPT/, 'the file is damaged'],
  [/^SQLITE_CANTOPEN/, 'its files cannot be opened'],
  [/^(EIO|SQLITE_IOERR)/, 'the disk fails or is full'],
]

/** Null where the code has none. */
export const codeWords = (code: string): string | null =>
  WORDS.find(([pattern]) => pattern.test(code))?.[1] ?? null

/** The code of an error of the system or of a database; null where it has none. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

/** Why something failed, without codes where there are words: "the disk is full". */
export function faultWords(error: unknown): string {
  const code = codeOf(error)
  const known = code === null ? null : codeWords(code)
  return known ?? (error instanceof Error ? error.message : String(error))
}

/** A fault of the system as a whole sentence, which names the file or the address; any other error's own message. */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { path, address, port } = error as Error & { path?: unknown; address?: unknown; port?: unknown }
  const where = path ?? (port === undefined ? address : `${address}:${port}`)
  // Only the system's own errors have a code and a place: the words of ours name both already.
  if (where === undefined || codeOf(error) === null) return faultWordsOf(error)
  return `could not use ${where}: ${faultWords(error)}`
}

const faultWordsOf = (error: Error): string =>
  'syscall' in error || error.name === 'SqliteError' ? faultWords(error) : error.message
