// The tables, as steps from an empty file to today's; forward only. The file carries the number of steps taken.
import type { Database } from 'better-sqlite3'
import { JournalFailed } from '../failed.ts'
import { rechain } from './rechain.ts'

/** "Tocs" in ASCII, in the file's header: tells our journal from another program's database. */
const APPLICATION_ID = 0x546f6373

/** Never edit a step that has shipped; add one. What only adds tables or columns that may be empty adds none: older ones go on. */
const STEPS: readonly ((db: Database, file: string) => void)[] = [
  db =>
    db.exec(`CREATE TABLE journal (
     seq     INTEGER PRIMARY KEY,
     at_ms   INTEGER NOT NULL,
     actor   TEXT NOT NULL,
     is_what TEXT NOT NULL,
     body    TEXT NOT NULL CHECK (json_valid(body)),
     hash    TEXT NOT NULL
   ) STRICT;
   CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a row is never changed'); END;
   CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a row is never deleted'); END;
   CREATE TABLE counter (
     pendant TEXT PRIMARY KEY,
     counter INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`),
  rechain,
]
export const VERSION = STEPS.length

/** Brings an empty or older journal up to date; refuses a newer one or one that isn't ours. Throws JournalFailed. */
export function migrate(db: Database, file: string): void {
  const version = checkedVersion(db, file)
  if (version === VERSION) return
  // One transaction for all steps: a power cut leaves the file as it was.
  db.transaction(() => {
    for (const step of STEPS.slice(version)) step(db, file)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${VERSION}`)
  }).immediate()
}

/** The number of steps the file has taken, once it is known to be a journal of ours. Throws JournalFailed. */
export function checkedVersion(db: Database, file: string): number {
  const version = Number(db.pragma('user_version', { simple: true }))
  const id = Number(db.pragma('application_id', { simple: true }))
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
  if (id !== APPLICATION_ID && (id !== 0 || version !== 0 || tables !== 0)) {
    throw new JournalFailed(
      `${file}: expected a Tocsin journal or an empty file, came another program's database`,
      { kind: 'unusable' },
    )
  }
  if (version > VERSION) {
    throw new JournalFailed(
      `${file}: expected a journal of version ${VERSION} or older, came version ${version}: it was written by a newer Tocsin`,
      { kind: 'unusable' },
    )
  }
  return version
}
