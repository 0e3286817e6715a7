// The journal on SQLite: one event's rows in, durable when the promise resolves; everything so far out, in order.
// Promises that a failed commit leaves nothing behind and that the next one works once its cause is gone.
import assert from 'node:assert/strict'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Journal, JournalBatch, JournalEntry } from '../ports.ts'
import { breakAt, GENESIS_HASH, type Row, rowHash } from './chain.ts'
import { JournalFailed, orJournalFailed } from './failed.ts'
import { lockJournal } from './lock.ts'
import { checkedVersion, migrate } from './schema.ts'

/** How long a gateway that starts waits for one that is ending. */
const LOCK_WAIT_MS = 1000
/** How long a commit waits for a reader that is in its way (a backup, a verification). */
const BUSY_MS = 5000

export type JournalOptions = { lockWaitMs?: number }

export const ROWS =
  'SELECT seq, at_ms AS atMs, actor, is_what AS isWhat, body, hash FROM journal ORDER BY seq'

/**
 * Opens the journal, creating or upgrading it, for this process alone. Throws JournalFailed where another gateway has
 * it, where a newer Tocsin wrote it, or where it isn't a journal.
 */
export function openJournal(file: string, options: JournalOptions = {}): Journal {
  const unlock = lockJournal(file, options.lockWaitMs ?? LOCK_WAIT_MS)
  let db: Database | undefined
  try {
    db = orJournalFailed(`open the journal ${file}`, () => openDatabase(file))
    return journalOn(db, file, unlock)
  } catch (error) {
    db?.close()
    unlock()
    throw error
  }
}

/** Journal on an open database (for tests that need to hold the database too). `onClose` runs after it is closed. */
export function journalOn(db: Database, file: string, onClose: () => void = () => {}): Journal {
  const append = appender(db)
  return {
    load: async () => orJournalFailed(`read the journal ${file}`, () => loadAll(db, file)),
    commit: async batch => orJournalFailed(`write to the journal ${file}`, () => append(batch)),
    close: async () => {
      if (!db.open) return
      db.close()
      onClose()
    },
  }
}

/** With these settings a commit is one write to the write-ahead log and one fsync. */
export function openDatabase(file: string): Database {
  const db = new Sqlite(file, { timeout: BUSY_MS })
  try {
    prepareDatabase(db, file)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function prepareDatabase(db: Database, file: string): void {
  checkedVersion(db, file)
  const mode = db.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') throw new JournalFailed(`${file}: expected a disk that can do WAL, came mode ${mode}`)
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  migrate(db, file)
}

function appender(db: Database): (batch: JournalBatch) => number {
  const insert = db.prepare(
    'INSERT INTO journal (seq, at_ms, actor, is_what, body, hash) VALUES (@seq, @atMs, @actor, @isWhat, @body, @hash)',
  )
  const raise = db.prepare(
    'INSERT INTO counter (pendant, counter) VALUES (?, ?) ' +
      'ON CONFLICT (pendant) DO UPDATE SET counter = excluded.counter WHERE excluded.counter > counter',
  )
  const newest = db.prepare<[], Head>('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1')
  const write = db.transaction((rows: readonly Row[], counters: ReadonlyMap<string, number>) => {
    for (const row of rows) insert.run(row)
    for (const [pendant, counter] of counters) raise.run(pendant, counter)
  })
  // Unknown until read, and again after a failure: what the file holds then is for the file to say.
  let head: Head | null = null
  return batch => {
    const before = head ?? newest.get() ?? { seq: 0, hash: GENESIS_HASH }
    const rows = chained(before, batch.entries)
    head = null
    if (rows.length > 0 || batch.counters.size > 0) write.immediate(rows, batch.counters)
    head = rows.at(-1) ?? before
    return before.seq + 1
  }
}

type Head = { seq: number; hash: string }

function chained(head: Head, entries: JournalBatch['entries']): Row[] {
  let { seq, hash } = head
  return entries.map(({ atMs, actor, change }) => {
    assert(Number.isSafeInteger(atMs), `an instant is whole milliseconds, came ${atMs}`)
    seq += 1
    // SQLite keeps text as UTF-8, which has no lone surrogates: what is hashed must be what is read back.
    const row = {
      seq,
      atMs,
      actor: Buffer.from(actor).toString(),
      isWhat: change.is,
      body: JSON.stringify(change),
    }
    hash = rowHash(hash, row)
    return { ...row, hash }
  })
}

function loadAll(db: Database, file: string): { entries: JournalEntry[]; counters: Map<string, number> } {
  const entries: JournalEntry[] = []
  for (const row of intactRows(db, file)) {
    entries.push({ seq: row.seq, atMs: row.atMs, actor: row.actor, change: JSON.parse(row.body) })
  }
  const counters = db.prepare<[], [string, number]>('SELECT pendant, counter FROM counter').raw().all()
  return { entries, counters: new Map(counters) }
}

function* intactRows(db: Database, file: string): Generator<Row> {
  let previous: Row | null = null
  for (const row of db.prepare<[], Row>(ROWS).iterate()) {
    const broken = breakAt(previous, row)
    if (broken) {
      throw new JournalFailed(
        `${file}: the chain of hashes is broken at row ${broken.seq}: expected ${broken.expected}, came ${broken.came}`,
      )
    }
    yield row
    previous = row
  }
}
