// Checks a journal's chain of hashes without touching it, also while a gateway has it open.
import Sqlite, { type Database } from 'better-sqlite3'
import { type Break, breakAt, GENESIS_HASH, type Row } from './chain.ts'
import { orJournalFailed } from './failed.ts'
import { ROWS } from './journal.ts'
import { checkedVersion } from './schema.ts'

/**
 * `rows` that hold together from the first on; `headHash` of the last of them, worth noting elsewhere, because a cut
 * tail shows only against an older note; `broken` is the first row that doesn't fit, or null.
 */
export type Verdict = { rows: number; headHash: string; broken: Break | null }

/** Throws JournalFailed where the file can't be read or isn't a journal. */
export function verifyJournal(file: string): Verdict {
  return orJournalFailed(`verify the journal ${file}`, () => {
    const db = new Sqlite(file, { readonly: true, fileMustExist: true })
    try {
      return verdictOn(db, file)
    } finally {
      db.close()
    }
  })
}

function verdictOn(db: Database, file: string): Verdict {
  if (checkedVersion(db, file) === 0) return { rows: 0, headHash: GENESIS_HASH, broken: null }
  let previous: Row | null = null
  for (const row of db.prepare<[], Row>(ROWS).iterate()) {
    const broken = breakAt(previous, row)
    if (broken) return { ...summary(previous), broken }
    previous = row
  }
  return { ...summary(previous), broken: null }
}

const summary = (last: Row | null): { rows: number; headHash: string } => ({
  rows: last?.seq ?? 0,
  headHash: last?.hash ?? GENESIS_HASH,
})
