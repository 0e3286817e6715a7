// The journal's database, open and as it should be: its settings, its rows in and out. Everything here throws what SQLite
// throws; journal.ts says what it means.
import assert from 'node:assert/strict'
import { chmodSync, existsSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import type { JournalBatch, JournalEntry } from '../ports.ts'
import { breakAt, chained, type Head, NO_HEAD, type Row } from './chain.ts'
import { JournalFailed } from './failed.ts'
import { INSERT } from './versions/rechain.ts'
import { checkedVersion, migrate } from './versions/schema.ts'

/** How long a commit waits for another program that is writing: nobody is called meanwhile. */
const BUSY_MS = 500
const OWNER_ONLY = 0o600

export const ROWS =
  'SELECT seq, at_ms AS atMs, actor, is_what AS isWhat, body, salt, body_hash AS bodyHash, hash AS hash FROM journal ORDER BY seq'

/** With these settings a commit is one write to the write-ahead log and one fsync. */
export function openDatabase(file: string): Database {
  const isNew = !existsSync(file)
  const db = new Sqlite(file, { timeout: BUSY_MS })
  try {
    // SQLite gives its log and its index the mode of the file.
    if (isNew) chmodSync(file, OWNER_ONLY)
    // Before anything is written: another program's database stays as it is.
    const version = checkedVersion(db, file)
    const mode = db.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal') throw new JournalFailed(`${file}: expected a disk that can do WAL, came mode ${mode}`)
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    // What is deleted (an erased body, a migrated table) is not left in free pages.
    db.pragma('secure_delete = ON')
    migrate(db, file)
    if (version === 1) db.pragma('wal_checkpoint(TRUNCATE)')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Whether a commit waits for whoever else holds the database, or is refused at once. */
export function setPatience(db: Database, isPatient: boolean): void {
  db.pragma(`busy_timeout = ${isPatient ? BUSY_MS : 0}`)
}

export type Appender = {
  /** Answers the number of the first row. */
  append(batch: JournalBatch): number
  head(): Head
}

export function appender(db: Database): Appender {
  const insert = db.prepare(INSERT)
  const raise = db.prepare(
    'INSERT INTO counter (pendant, counter) VALUES (?, ?) ' +
      'ON CONFLICT (pendant) DO UPDATE SET counter = excluded.counter WHERE excluded.counter > counter',
  )
  const newest = db.prepare<[], Head>(
    'SELECT seq AS seq, hash AS hash FROM journal ORDER BY seq DESC LIMIT 1',
  )
  const write = db.transaction((rows: readonly Row[], counters: ReadonlyMap<string, number>) => {
    for (const row of rows) insert.run(row)
    for (const [pendant, counter] of counters) raise.run(pendant, counter)
  })
  // Number and hash alone, because they are written down elsewhere. Unknown until read, and again after a failure: what the file
  // holds then is for the file to say.
  let known: Head | null = null
  const head = (): Head => {
    known ??= newest.get() ?? NO_HEAD
    return known
  }
  return {
    head,
    append({ entries, counters }) {
      const before = head()
      const rows = chainedAll(before, entries)
      known = null
      if (rows.length > 0 || counters.size > 0) write.immediate(rows, counters)
      const last = rows.at(-1) ?? before
      known = { seq: last.seq, hash: last.hash }
      return before.seq + 1
    },
  }
}

function chainedAll(head: Head, entries: JournalBatch['entries']): Row[] {
  let last: Head = head
  return entries.map(({ atMs, actor, change }) => {
    assert(Number.isSafeInteger(atMs), `an instant is whole milliseconds, came ${atMs}`)
    // SQLite keeps text as UTF-8, which has no lone surrogates: what is hashed must be what is read back.
    const kept = {
      atMs,
      actor: Buffer.from(actor).toString(),
      isWhat: change.is,
      body: JSON.stringify(change),
    }
    const row = chained(last, kept)
    last = row
    return row
  })
}

export type Loaded = { entries: JournalEntry[]; counters: Map<string, number> }

/** Every row, checked against the chain. Throws JournalFailed (unusable) at the first that doesn't fit. */
export function readAll(db: Database, file: string): Loaded {
  const entries: JournalEntry[] = []
  let previous: Row | null = null
  for (const row of db.prepare<[], Row>(ROWS).iterate()) {
    const broken = breakAt(previous, row)
    if (broken) {
      const { seq, expected, came } = broken
      throw new JournalFailed(
        `${file}: the chain of hashes is broken at row ${seq}: expected ${expected}, came ${came}`,
        { kind: 'unusable' },
      )
    }
    entries.push(entryOf(row))
    previous = row
  }
  const counters = db.prepare<[], [string, number]>('SELECT pendant, counter FROM counter').raw().all()
  return { entries, counters: new Map(counters) }
}

/** What holds no row, and is not read at a start, is checked all the same: it would refuse the first commit. */
export function checkSmall(db: Database, file: string): void {
  for (const table of ['counter', 'proof']) {
    const found = db.pragma(`quick_check(${table})`, { simple: true })
    if (found !== 'ok')
      throw new JournalFailed(`${file}: expected a table ${table} without damage, came one with: ${found}`, {
        kind: 'unusable',
      })
  }
}

/** A row as the engine reads it. An erased body says only what kind of row it was of. */
export function entryOf({
  seq,
  atMs,
  actor,
  isWhat,
  body,
}: Pick<Row, 'seq' | 'atMs' | 'actor' | 'isWhat' | 'body'>): JournalEntry {
  if (body === null) return { seq, atMs, actor, change: { is: 'erased', was: isWhat } }
  const change = JSON.parse(body)
  // Ours are objects. Whatever else a row holds, it is of its kind and says nothing.
  return { seq, atMs, actor, change: typeof change === 'object' && change !== null ? change : { is: isWhat } }
}
