// How a journal is opened, whatever state its file and its disk are in. Out: a database that can be written, or where the disk
// refuses what could be read. Which is decided here; how is in database, salvage and anew.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { JournalBatch, JournalEntry } from '../ports.ts'
import { GENESIS_HASH } from './chain.ts'
import { asideFile, beginAnew, entriesOf, mendedRow, takeUpReady } from './damage/anew.ts'
import { isLogDamaged } from './damage/pages.ts'
import { salvage } from './damage/salvage.ts'
import { appender, checkSmall, type Loaded, openDatabase, readAll } from './database.ts'
import { lockJournal } from './disk/lock.ts'
import { JournalFailed, orJournalFailed } from './failed.ts'
import { isNoteUnreadable, type Noted, readNote } from './note.ts'

export type Opened = {
  db: Database
  /** What was read while opening; null where it was handed on. */
  loaded: Loaded | null
  edition: number
  unlock: () => void
}

const OWNER_ONLY_FOLDER = 0o700
const ACTOR = 'tocsin'

/** Throws JournalFailed: 'held' by another gateway, or a disk that refuses. */
export function openForWriting(file: string, lockWaitMs: number): Opened {
  orJournalFailed(`write in the folder of the journal ${file}`, () => {
    makeFolder(dirname(file))
    // SQLite says of every refusal that it cannot open its file; this says which it is.
    accessSync(dirname(file), constants.W_OK)
  })
  const unlock = lockJournal(file, lockWaitMs)
  try {
    takeUpReady(file)
    return { ...opened(file), unlock }
  } catch (error) {
    unlock()
    throw error
  }
}

/** With those above it. On a read-only disk Node says of several at once that there is no such folder; of one it says why. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: OWNER_ONLY_FOLDER })
}

function opened(file: string): Omit<Opened, 'unlock'> {
  try {
    return withTailChecked(file, openChecked(file))
  } catch (error) {
    if (!(error instanceof JournalFailed) || error.kind !== 'unusable') throw error
    const what = salvage(file)
    const atMs = Date.now()
    const aside = asideFile(file, atMs)
    beginAnew(file, what, mendedRow(what, readNote(file), aside, error.message, atMs), aside)
    return openChecked(file)
  }
}

function openChecked(file: string): Omit<Opened, 'unlock'> {
  return orJournalFailed(`open the journal ${file}`, () => {
    if (existsSync(file) && isLogDamaged(file))
      throw new JournalFailed(`${file}-wal: expected a log without damage, came one with`, {
        kind: 'unusable',
      })
    if (existsSync(file) && !isOfThisVersion(file))
      throw new JournalFailed(
        `${file}: expected a database that may be written, came one of a later SQLite`,
        {
          kind: 'unusable',
        },
      )
    const db = openDatabase(file)
    try {
      const loaded = readAll(db, file)
      checkSmall(db, file)
      checkTakesRows(db)
      return { db, loaded, edition: editionIn(loaded) }
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Byte 18 of the file: a database of a later version may only be read (sqlite.org/fileformat, 1.3.3). Ours are of version 2. */
const WRITE_VERSION_AT = 18
const WRITE_VERSION_MAX = 2

function isOfThisVersion(file: string): boolean {
  const fd = openSync(file, 'r')
  try {
    const head = Buffer.alloc(WRITE_VERSION_AT + 1)
    return (
      readSync(fd, head, 0, head.length, 0) < head.length ||
      head.readUInt8(WRITE_VERSION_AT) <= WRITE_VERSION_MAX
    )
  } finally {
    closeSync(fd)
  }
}

class Undo extends Error {}

/** The text of the tables is read at a start, and is first followed at a commit: one is made, and undone. */
function checkTakesRows(db: Database): void {
  const change = { is: 'technical-mended', key: 'tried' } as const
  const batch = { entries: [{ atMs: 0, actor: ACTOR, change }], counters: new Map([['tried', 1]]) }
  const attempt = db.transaction(() => {
    appender(db).append(batch)
    throw new Undo()
  })
  try {
    attempt.immediate()
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
}

const editionIn = ({ entries }: Loaded): number =>
  Math.max(1, ...entries.flatMap(({ change }) => ('edition' in change ? [change.edition] : [])))

/**
 * A tail that the note names and the file doesn't have, or a note that can't be read, is said by a row of its own, before anything
 * else is written.
 */
function withTailChecked(file: string, journal: Omit<Opened, 'unlock'>): Omit<Opened, 'unlock'> {
  const { db, loaded, edition } = journal
  const noted = readNote(file)
  if (loaded === null) return journal
  const cut =
    noted !== null
      ? cutRow(loaded, noted, edition, hashOf(db, noted.seq))
      : isNoteUnreadable(file)
        ? cutEntry(loaded, null)
        : null
  if (cut === null) return journal
  orJournalFailed(`write to the journal ${file}`, () =>
    appender(db).append({ entries: [cut], counters: new Map() }),
  )
  loaded.entries.push(cut)
  return journal
}

function cutRow(loaded: Loaded, noted: Noted, edition: number, hash: string | null): JournalEntry | null {
  const seq = loaded.entries.at(-1)?.seq ?? 0
  const isSame = noted.edition === edition && noted.seq <= seq && noted.hash === hash
  // A note of an older edition was not written over before the power went: nothing is missing by it.
  if (isSame || noted.edition < edition) return null
  return cutEntry(loaded, noted)
}

function cutEntry({ entries }: Loaded, noted: Noted | null): JournalEntry {
  const last = entries.at(-1)
  const seq = last?.seq ?? 0
  const change = { is: 'journal-cut', noted, seq, lastAtMs: last?.atMs ?? null } as const
  return { seq: seq + 1, atMs: Date.now(), actor: ACTOR, change }
}

const hashOf = (db: Database, seq: number): string | null =>
  seq === 0
    ? GENESIS_HASH
    : (db.prepare<[number], string>('SELECT hash FROM journal WHERE seq = ?').pluck().get(seq) ?? null)

/** What can be read where nothing can be written, and the rows that are owed to the journal for it. */
export function readWithoutWriting(
  file: string,
  why: JournalFailed | null,
): { loaded: Loaded; owed: JournalBatch | null } {
  const nothing = { entries: [], counters: new Map<string, number>() }
  try {
    if (isMissing(file)) return { loaded: nothing, owed: null }
    const what = salvage(file)
    const isWhole = what.lost.length === 0 && what.doubtful.length === 0 && !isLogDamaged(file)
    const atMs = Date.now()
    const mended = mendedRow(what, null, asideFile(file, atMs), why?.message ?? '', atMs)
    const entries = entriesOf(what, mended)
    // A damaged one is put aside when the disk allows it, and the row that says so then stands where it stands here.
    return {
      loaded: { entries: isWhole ? entries.slice(0, -1) : entries, counters: what.counters },
      owed: null,
    }
  } catch (error) {
    const atMs = Date.now()
    const change = {
      is: 'journal-unread',
      why: wordsOf(error),
      firstNumber: Math.floor(atMs / 1000),
    } as const
    const entry = { seq: 1, atMs, actor: ACTOR, change }
    return { loaded: { ...nothing, entries: [entry] }, owed: { entries: [entry], counters: new Map() } }
  }
}

function isMissing(file: string): boolean {
  try {
    statSync(file)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  }
}

const wordsOf = (error: unknown): string => (error instanceof JournalFailed ? error.inWords : String(error))
