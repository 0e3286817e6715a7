// That the disk takes what is written to it and has what was, proven by writing and by reading: on an idle night a full or read-only disk would otherwise be
// found by the alarm that can't be kept. Out: nothing, or JournalFailed with what is wrong.
import { fstatSync, readSync } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import Sqlite, { type Database } from 'better-sqlite3'
import { breakAt, type Row } from '../chain.ts'
import { checkSmall, ROWS } from '../database.ts'
import { JournalFailed, orJournalFailed } from '../failed.ts'

/** New ground: the journal's log reuses its own, and may find a disk not full that is. */
const PROBE_BYTES = 64 * 1024
const OWNER_ONLY = 0o600

/** sqlite.org/fileformat2, 1.3.1. */
const MAGIC = Buffer.from('SQLite format 3\0')

/** `head`: the file open for reading, for as long as `db` is: who closes it lets go of SQLite's own locks on it. Null in memory. */
export type Proven = { db: Database; head: number | null }

/**
 * Writes one row over in the journal's own database, by the way of a commit, and a file of its own beside it. `standing` opens
 * it anew where it isn't open.
 */
export async function proveByWriting(file: string, standing: () => Proven): Promise<void> {
  const { db, head } = standing()
  try {
    await proveOwnFile(db, file, head)
    db.prepare(
      'INSERT INTO proof (id, at_ms) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at_ms = excluded.at_ms',
    ).run(Date.now())
    if (head !== null) proveHead(file, head)
    if (!db.memory) proveReadable(file)
    await proveRoom(`${file}-proof`)
  } catch (cause) {
    if (cause instanceof JournalFailed) throw cause
    const came = cause instanceof Error ? cause.message : String(cause)
    throw new JournalFailed(`could not write beside the journal ${file}: ${came}`, { cause })
  }
}

/** The log may have the newer first page, and hides what stands in the file itself. */
function proveHead(file: string, head: number): void {
  const bytes = Buffer.alloc(MAGIC.length)
  readSync(head, bytes, 0, bytes.length, 0)
  if (!bytes.equals(MAGIC))
    throw new JournalFailed(`${file}: expected a database, came a file that was written over`, {
      kind: 'unusable',
    })
}

/** What is written to a file that somebody took away, or put another in the place of, is kept for nobody. */
async function proveOwnFile(db: Database, file: string, head: number | null): Promise<void> {
  if (db.memory) return
  const there = await stat(file).catch(() => null)
  if (there === null)
    throw new JournalFailed(`${file}: expected the journal, came no such file`, { kind: 'unusable' })
  if (head === null) return
  const own = fstatSync(head)
  // Not given up for the other: the rows go on in the own one, which can be put back.
  if (own.ino !== there.ino || own.dev !== there.dev)
    throw new JournalFailed(
      `another file was put in the place of the journal ${file}, and rows go on in the one before: stop the gateway and put that one back`,
    )
}

/**
 * The connection that writes has its pages in memory, and sees nothing of what is done to the file. Another reads it from the disk: its
 * head, the small tables, the first row.
 */
function proveReadable(file: string): void {
  orJournalFailed(`read the journal ${file}`, () => {
    const db = new Sqlite(file, { readonly: true, fileMustExist: true })
    try {
      checkSmall(db, file)
      const first = db.prepare<[], Row>(`${ROWS} LIMIT 1`).get()
      const broken = first === undefined ? null : breakAt(null, first)
      if (broken !== null)
        throw new JournalFailed(`${file}: row ${broken.seq} is not as it was written`, { kind: 'unusable' })
    } finally {
      db.close()
    }
  })
}

async function proveRoom(probe: string): Promise<void> {
  const handle = await open(probe, 'w', OWNER_ONLY)
  try {
    await handle.writeFile(Buffer.alloc(PROBE_BYTES))
    await handle.sync()
  } finally {
    await handle.close()
    await rm(probe, { force: true })
  }
}
