// One gateway per journal: a lock beside the file that the operating system lets go when its holder dies.
// Readers (verification, backups) are not held up by it. A damaged one is emptied and taken, unless another gateway holds it.
import { closeSync, existsSync, ftruncateSync, openSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import Sqlite from 'better-sqlite3'
import { isDamage, JournalFailed, orJournalFailed } from '../failed.ts'

type Holder = { pid: number; host: string; since: string }

/**
 * Takes `<file>-lock`; the answer releases it. Throws JournalFailed naming the process that holds it, after waiting
 * `waitMs` for one that is just ending.
 */
export function lockJournal(file: string, waitMs: number): () => void {
  return orJournalFailed(`lock the journal ${file}`, () => {
    for (const name of [`${file}-lock`, `${file}-lock-journal`]) refuseFolder(name)
    try {
      return taken(file, waitMs)
    } catch (error) {
      if (!isDamaged(error)) throw error
      empty(`${file}-lock`)
      return taken(file, waitMs)
    }
  })
}

function taken(file: string, waitMs: number): () => void {
  const db = new Sqlite(`${file}-lock`, { timeout: waitMs })
  try {
    hold(db)
  } catch (error) {
    const refusal = isBusy(error) ? heldByAnother(db, file, error) : error
    db.close()
    throw refusal
  }
  return () => db.close()
}

/** Nobody can hold it, and nobody knows what is in it: whoever put it there takes it away. */
function refuseFolder(name: string): void {
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory())
    throw new JournalFailed(`delete ${name}, where there should be a file of the gateway and is a folder`)
}

/** There is nothing in it but who holds it. The file stays the same one, so whoever holds it still does, and is seen to. */
function empty(lock: string): void {
  const fd = openSync(lock, 'r+')
  try {
    ftruncateSync(fd)
  } finally {
    closeSync(fd)
  }
}

const isDamaged = (error: unknown): boolean =>
  error instanceof Sqlite.SqliteError && (isDamage(error.code) || error.code === 'SQLITE_READONLY')

/** Who holds the journal `file` now, in words; null where nobody does. Changes nothing. */
export function holderOf(file: string): string | null {
  const lock = `${file}-lock`
  if (!existsSync(lock)) return null
  const db = new Sqlite(lock, { fileMustExist: true, timeout: 0 })
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    return null
  } catch (error) {
    if (isBusy(error)) return describeHolder(db)
    throw error
  } finally {
    db.close()
  }
}

/** A write transaction left open: SQLite lets others read who holds it, and nobody else begin one. */
function hold(db: Sqlite.Database): void {
  db.exec('BEGIN IMMEDIATE')
  db.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT); DELETE FROM holder')
  const since = new Date().toISOString()
  db.prepare('INSERT INTO holder VALUES (?, ?, ?)').run(process.pid, hostname(), since)
  db.exec('COMMIT')
  db.exec('BEGIN IMMEDIATE')
}

const isBusy = (error: unknown): boolean =>
  error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')

function heldByAnother(db: Sqlite.Database, file: string, cause: unknown): JournalFailed {
  const who = describeHolder(db)
  return new JournalFailed(
    `${file}: expected a journal that nobody else has open, came one that is in use by ${who}; two gateways can't share it`,
    { cause, kind: 'held' },
  )
}

function describeHolder(db: Sqlite.Database): string {
  try {
    const holder = db.prepare<[], Holder>('SELECT pid, host, since FROM holder').get()
    if (holder) return `process ${holder.pid} on ${holder.host} since ${holder.since}`
  } catch {
    // The holder is between its two transactions, or the table isn't there yet: say what is known.
  }
  return 'another process'
}
