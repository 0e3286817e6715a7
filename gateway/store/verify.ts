// Checks a journal's chain of hashes and its noted end without touching it, also while a gateway has it open.
import { statSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { type Break, breakAt, GENESIS_HASH, oldRowHash, type Row } from './chain.ts'
import { isLogDamaged } from './damage/pages.ts'
import { checkSmall, ROWS } from './database.ts'
import { JournalFailed, orJournalFailed } from './failed.ts'
import { type Noted, readNote } from './note.ts'
import { checkedVersion } from './versions/schema.ts'

/**
 * `rows` that hold together from the first on; `headHash` of the last of them; `erased` of them have no body, and a row says so;
 * `broken` is the first row that doesn't fit; `missing` the noted end that isn't there. Null where all is well.
 */
export type Verdict = {
  rows: number
  headHash: string
  erased: number
  broken: Break | null
  missing: Noted | null
}

/** Throws JournalFailed where the file can't be read or isn't a journal. `noted` is the end that it is to have: its own note. */
export function verifyJournal(file: string, noted: Noted | null = readNote(file)): Verdict {
  return orJournalFailed(`verify the journal ${file}`, () => {
    if (!statSync(file).isFile())
      throw new JournalFailed(
        `${file}: expected a journal, came ${statSync(file).isDirectory() ? 'a folder' : 'no file'}`,
      )
    if (isLogDamaged(file))
      throw new JournalFailed(`${file}-wal: expected a log without damage, came one with: see tocsin repair`)
    const db = new Sqlite(file, { readonly: true, fileMustExist: true })
    try {
      const version = checkedVersion(db, file)
      if (version === 0) return { rows: 0, headHash: GENESIS_HASH, erased: 0, broken: null, missing: noted }
      if (version === 1) return oldVerdict(db)
      const verdict = verdictOn(db, noted)
      // As a start does; a row that doesn't fit says more.
      if (verdict.broken === null) checkSmall(db, file)
      return verdict
    } finally {
      db.close()
    }
  })
}

function verdictOn(db: Database, noted: Noted | null): Verdict {
  let previous: Row | null = null
  let notedHash: string | null = null
  let edition = 1
  const erased = new Set<number>()
  const summary = (broken: Break | null): Verdict => ({
    rows: previous?.seq ?? 0,
    headHash: previous?.hash ?? GENESIS_HASH,
    erased: erased.size,
    broken,
    missing: noted === null || noted.edition < edition || notedHash === noted.hash ? null : noted,
  })
  const saidErased = new Set<number>()
  for (const row of db.prepare<[], Row>(ROWS).iterate()) {
    const broken = breakAt(previous, row)
    if (broken) return summary(broken)
    if (row.body === null) erased.add(row.seq)
    else if (row.isWhat === 'bodies-erased') for (const seq of JSON.parse(row.body).rows) saidErased.add(seq)
    else if (row.isWhat === 'journal-mended' || row.isWhat === 'journal-accepted')
      edition = Math.max(edition, JSON.parse(row.body).edition)
    if (row.seq === noted?.seq) notedHash = row.hash
    previous = row
  }
  const unsaid = [...erased].find(seq => !saidErased.has(seq))
  if (unsaid === undefined) return summary(null)
  return summary({ seq: unsaid, expected: 'a body, or a row that says it was erased', came: 'neither' })
}

type OldRow = Omit<Row, 'salt' | 'bodyHash'>

/** A file of version 1, which the next start brings up to date. */
function oldVerdict(db: Database): Verdict {
  let rows = 0
  let headHash = GENESIS_HASH
  const verdict = (broken: Break | null): Verdict => ({ rows, headHash, erased: 0, broken, missing: null })
  const all = 'SELECT seq, at_ms AS atMs, actor, is_what AS isWhat, body, hash FROM journal ORDER BY seq'
  for (const row of db.prepare<[], OldRow>(all).iterate()) {
    const hash = oldRowHash(headHash, row)
    if (row.seq !== rows + 1)
      return verdict({ seq: rows + 1, expected: `row ${rows + 1}`, came: `row ${row.seq}` })
    if (row.hash !== hash)
      return verdict({ seq: row.seq, expected: `hash ${hash}`, came: `hash ${row.hash}` })
    rows = row.seq
    headHash = row.hash
  }
  return verdict(null)
}
