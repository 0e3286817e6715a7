// Erases the bodies of rows (a person's right to be forgotten): their text and its salt go, their hashes stay, so that the chain
// still holds; a last row says which, by whom and why. Promises both or neither.
import type { Database } from 'better-sqlite3'
import { appender, openDatabase } from './database.ts'
import { lockJournal } from './disk/lock.ts'
import { JournalFailed, orJournalFailed } from './failed.ts'

export type Erasure = { rows: readonly number[]; by: string; reason: string; atMs: number }

/** Answers how many bodies were erased. Throws JournalFailed where a gateway runs on it, or where a row isn't there. */
export function eraseBodies(file: string, erasure: Erasure): number {
  const unlock = lockJournal(file, 0)
  try {
    return orJournalFailed(`erase rows of the journal ${file}`, () => {
      const db = openDatabase(file)
      try {
        const erased = erase(db, file, erasure)
        // The log and the free pages hold what was there before.
        db.pragma('wal_checkpoint(TRUNCATE)')
        return erased
      } finally {
        db.close()
      }
    })
  } finally {
    unlock()
  }
}

function erase(db: Database, file: string, { rows, by, reason, atMs }: Erasure): number {
  const numbers = [...new Set(rows)].sort((a, b) => a - b)
  const update = db.prepare("UPDATE journal SET body = NULL, salt = '' WHERE seq = ?")
  const { append } = appender(db)
  return db
    .transaction(() => {
      for (const seq of numbers)
        if (update.run(seq).changes === 0)
          throw new JournalFailed(`${file}: expected a row ${seq} to erase, came none`)
      const change = { is: 'bodies-erased', rows: numbers, reason } as const
      append({ entries: [{ atMs, actor: by, change }], counters: new Map() })
      return numbers.length
    })
    .immediate()
}
