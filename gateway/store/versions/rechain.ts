// From version 1 to 2: the chain covers the hash of a row's body instead of the body, so that a body can be erased. In: a
// journal of version 1, within a transaction. Out: the same rows under the new rule, and a last row that binds the old chain.
import type { Database } from 'better-sqlite3'
import { chained, GENESIS_HASH, type Head, NO_HEAD, oldRowHash, type Row } from '../chain.ts'
import { JournalFailed } from '../failed.ts'

type OldRow = Pick<Row, 'seq' | 'atMs' | 'actor' | 'isWhat' | 'hash'> & { body: string }

/** Rows read at a time: SQLite's binding doesn't write while it reads. */
const BATCH = 1_000

/** Checks the old chain row by row. Throws JournalFailed where it is broken: then nothing is changed. */
export function rechain(db: Database, file: string): void {
  db.exec(`DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete;
   ALTER TABLE journal RENAME TO journal_1;
   CREATE TABLE journal (
     seq       INTEGER PRIMARY KEY,
     at_ms     INTEGER NOT NULL,
     actor     TEXT NOT NULL,
     is_what   TEXT NOT NULL,
     body      TEXT CHECK (body IS NULL OR json_valid(body)),
     salt      TEXT NOT NULL,
     body_hash TEXT NOT NULL,
     hash      TEXT NOT NULL
   ) STRICT;
   CREATE TABLE proof (
     id    INTEGER PRIMARY KEY,
     at_ms INTEGER NOT NULL
   ) STRICT;`)
  const insert = db.prepare(INSERT)
  const read = db.prepare<[number], OldRow>(
    'SELECT seq, at_ms AS atMs, actor, is_what AS isWhat, body, hash FROM journal_1 WHERE seq > ? ORDER BY seq LIMIT ' +
      BATCH,
  )
  let head: Head = NO_HEAD
  let oldHash = GENESIS_HASH
  for (let rows = read.all(0); rows.length > 0; rows = read.all(head.seq)) {
    for (const row of rows) {
      if (row.seq !== head.seq + 1 || row.hash !== oldRowHash(oldHash, row))
        throw new JournalFailed(`${file}: the chain of hashes (version 1) is broken at row ${head.seq + 1}`, {
          kind: 'unusable',
        })
      const next = chained(head, row)
      insert.run(next)
      head = next
      oldHash = row.hash
    }
  }
  if (head.seq > 0) {
    const body = { is: 'journal-rechained', rows: head.seq, hash: oldHash }
    const row = { atMs: Date.now(), actor: 'tocsin', isWhat: body.is, body: JSON.stringify(body) }
    insert.run(chained(head, row))
  }
  db.exec(`DROP TABLE journal_1;
   CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
     WHEN NEW.body IS NOT NULL OR NEW.seq <> OLD.seq OR NEW.at_ms <> OLD.at_ms OR NEW.actor <> OLD.actor
       OR NEW.is_what <> OLD.is_what OR NEW.body_hash <> OLD.body_hash OR NEW.hash <> OLD.hash
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a row is never changed'); END;
   CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a row is never deleted'); END;`)
}

/** Adds one row, given as a Row. */
export const INSERT =
  'INSERT INTO journal (seq, at_ms, actor, is_what, body, salt, body_hash, hash) ' +
  'VALUES (@seq, @atMs, @actor, @isWhat, @body, @salt, @bodyHash, @hash)'
