// A journal that can't be used is put aside whole, and a new one is begun with what could be read of it. In: its file. Out: the
// new one in its place. Promises that a power cut in between leaves one of the two where the next start finds it.
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Change } from '../../core/plan/change.ts'
import type { JournalEntry } from '../../ports.ts'
import { chained, type Head, hashOfBody, NO_HEAD, type Row, rowHash } from '../chain.ts'
import { entryOf } from '../database.ts'
import { JournalFailed, orJournalFailed } from '../failed.ts'
import { type Noted, noteFile } from '../note.ts'
import { verifyJournal } from '../verify.ts'
import { INSERT } from '../versions/rechain.ts'
import { migrate } from '../versions/schema.ts'
import { type Salvage, type SalvagedRow, salvage } from './salvage.ts'

export type Mended = Extract<Change, { is: 'journal-mended' }>

/** Listed in a row; what is more is counted. */
const LISTED_MAX = 200
/** What belongs to a database, besides the file itself. */
const COMPANIONS = ['', '-wal', '-shm']
const ACTOR = 'tocsin'

/** The row that says what became of the journal before: `aside` is where it lies now. */
export function mendedRow(
  what: Salvage,
  noted: Noted | null,
  aside: string,
  why: string,
  atMs: number,
): JournalEntry {
  const { rows, lost, doubtful, head } = what
  const editions = rows.map(editionOf)
  const edition = Math.max(1, noted?.edition ?? 1, ...editions) + 1
  const change: Mended = {
    is: 'journal-mended',
    edition,
    file: basename(aside),
    why,
    rows: rows.length,
    lost: lostOf(lost, head?.seq ?? 0, noted).slice(0, LISTED_MAX),
    doubtful: doubtful.slice(0, LISTED_MAX),
    head,
  }
  return { seq: rows.length + 1, atMs, actor: ACTOR, change }
}

/** With the tail that the note names and nothing else does. */
export const lostOf = (lost: Salvage['lost'], seq: number, noted: Noted | null): Mended['lost'] => [
  ...lost.map(([from, to]): [number, number] => [from, to]),
  ...(noted !== null && noted.seq > seq ? [[seq + 1, noted.seq] as [number, number]] : []),
]

/** The edition that a row begins; 1 where it begins none. */
export function editionOf({ isWhat, body }: Pick<SalvagedRow, 'isWhat' | 'body'>): number {
  if ((isWhat !== 'journal-mended' && isWhat !== 'journal-accepted') || body === null) return 1
  const { edition } = JSON.parse(body)
  return Number.isSafeInteger(edition) ? edition : 1
}

/** The rows that the new journal begins with, as the engine reads them. */
export const entriesOf = ({ rows }: Salvage, mended: JournalEntry): JournalEntry[] => [
  ...rows.map((row, i) => entryOf({ ...row, seq: i + 1 })),
  mended,
]

/** `journal.sqlite.damaged-2026-11-28T12-30-00Z`: a name that sorts by time and that no file system minds. */
export const asideFile = (file: string, atMs: number, why = 'damaged'): string =>
  `${file}.${why}-${new Date(atMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z`

/**
 * Writes the new journal beside the old one, then changes their places. Throws JournalFailed with the old one untouched, or with
 * the new one ready: then the next opening goes on with the change of places.
 */
export function beginAnew(file: string, what: Salvage, mended: JournalEntry | null, aside: string): void {
  orJournalFailed(`begin the journal ${file} anew`, () => {
    const next = nextFile(file)
    discard(next)
    try {
      writeJournal(next, what, mended)
    } catch (error) {
      discard(next)
      throw error
    }
    takePlace(file, next, aside)
  })
}

/** `next`, whole and synced, takes the place of the journal, which is put aside. A power cut leaves that to the next opening. */
export function takePlace(file: string, next: string, aside: string): void {
  renameSync(next, readyFile(file))
  syncFolder(file)
  changePlaces(file, aside)
}

/**
 * A new journal that was ready when the power went takes its place now, whatever of the old one was put aside by then. One that is
 * itself damaged takes the place of none: while the old one stands there, it is the damaged one that lies aside.
 */
export function takeUpReady(file: string): void {
  const ready = readyFile(file)
  if (!existsSync(ready)) return
  orJournalFailed(`take up the journal ${ready}`, () => {
    if (!existsSync(file) || isWhole(ready)) return changePlaces(file, asideOf(ready, file))
    renameSync(ready, asideFile(ready, Date.now()))
    syncFolder(file)
  })
}

/** It has at least the row that says what it is. */
function isWhole(ready: string): boolean {
  try {
    const { rows, broken } = verifyJournal(ready, null)
    return rows > 0 && broken === null
  } catch (error) {
    if (error instanceof JournalFailed) return false
    throw error
  } finally {
    // Where its head is damaged SQLite may have taken it for one with a log.
    for (const companion of ['-wal', '-shm']) rmSync(ready + companion, { force: true })
  }
}

function changePlaces(file: string, aside: string): void {
  for (const companion of COMPANIONS)
    if (existsSync(file + companion)) renameSync(file + companion, aside + companion)
  copyNote(file, aside)
  renameSync(readyFile(file), file)
  syncFolder(file)
}

/** So that whoever looks at the old one later is told of a lost tail too. A disk that has no room for it does without. */
function copyNote(file: string, aside: string): void {
  if (!existsSync(noteFile(file))) return
  try {
    copyFileSync(noteFile(file), noteFile(aside))
  } catch {
    // What was lost stands in the new journal's first own row.
  }
}

/** Where its last row says that the old one lies. */
function asideOf(ready: string, file: string): string {
  try {
    const { rows } = salvage(ready)
    const named: unknown = JSON.parse(rows.at(-1)?.body ?? '{}').file
    if (typeof named === 'string') return join(dirname(file), basename(named))
  } catch {
    // Under another name it is put aside just as well.
  }
  return asideFile(file, Date.now())
}

/** A whole journal of these rows in a file that isn't there yet, without a log beside it. */
export function writeJournal(file: string, { rows, counters }: Salvage, mended: JournalEntry | null): void {
  const db = new Sqlite(file)
  try {
    db.pragma('synchronous = FULL')
    migrate(db, file)
    const insert = db.prepare(INSERT)
    const raise = db.prepare('INSERT INTO counter (pendant, counter) VALUES (?, ?)')
    db.transaction(() => {
      let head: Head = NO_HEAD
      for (const row of rows) head = put(insert, chainedAnew(head, row))
      if (mended !== null) {
        const { atMs, actor, change } = mended
        put(insert, chained(head, { atMs, actor, isWhat: change.is, body: JSON.stringify(change) }))
      }
      for (const counter of counters) raise.run(...counter)
    }).immediate()
  } finally {
    db.close()
  }
}

function put(insert: Sqlite.Statement, row: Row): Head {
  insert.run(row)
  return row
}

/** What was erased stays erased: of its body there is only the hash. */
function chainedAnew(head: Head, row: SalvagedRow): Row {
  if (row.body !== null) return chained(head, { ...row, body: row.body })
  const erased = { ...row, seq: head.seq + 1, salt: '', bodyHash: row.bodyHash ?? hashOfBody('', '') }
  return { ...erased, hash: rowHash(head.hash, erased) }
}

/** While it is written, and once it is whole. */
export const nextFile = (file: string): string => `${file}-next`
const readyFile = (file: string): string => `${file}-ready`

export function discard(next: string): void {
  for (const companion of [...COMPANIONS, '-journal']) rmSync(next + companion, { force: true })
}

function syncFolder(file: string): void {
  const fd = openSync(dirname(file), 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
