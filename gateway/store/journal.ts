// The journal on SQLite: one event's rows in, durable when the promise resolves; everything so far out, in order. Promises that
// a failed commit leaves nothing behind, that the next one works once its cause is gone, and that neither a disk that refuses nor a
// journal that is damaged keeps a gateway from starting.
import { closeSync, openSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { Journal, JournalBatch } from '../ports.ts'
import { type Appender, appender, type Loaded, readAll, setPatience } from './database.ts'
import { proveByWriting } from './disk/proof.ts'
import { JournalFailed, orJournalFailed } from './failed.ts'
import { createNote, type JournalEnd, type Note } from './note.ts'
import { type Opened, openForWriting, readWithoutWriting } from './opening.ts'

/** How long a gateway that starts waits for one that is ending. */
const LOCK_WAIT_MS = 1000
/** A disk that refused is tried again after so long at the earliest, and after so many times what the trying took. */
const AGAIN_MS = 1000
const AGAIN_TIMES = 20

export type JournalOptions = { lockWaitMs?: number }

export type SiteJournal = Journal & {
  /** Null while nothing can be kept. */
  end(): JournalEnd | null
  /** The hash of one row of ours; null where there is none such. */
  hashAt(seq: number): string | null
  /** Called after each commit that added rows. */
  onRows(told: (end: JournalEnd) => void): void
  /** Called where a journal that was opened anew, while this process ran, turned out to be another than the one before. */
  onLoss(told: () => void): void
  /** Writes to the disk that the journal is on, as a commit would. Throws JournalFailed with what is wrong. */
  prove(): Promise<void>
}

/**
 * Opens the journal for this process alone, creating or upgrading it. A file that can't be used is put aside and what can be
 * read of it goes on in a new one; where the disk refuses, rows are read as far as it allows, and each commit tries again.
 * Throws JournalFailed only where another gateway has it.
 */
export function openJournal(file: string, options: JournalOptions = {}): SiteJournal {
  const lockWaitMs = options.lockWaitMs ?? LOCK_WAIT_MS
  try {
    return journal(file, openForWriting(file, lockWaitMs), null)
  } catch (error) {
    if (!(error instanceof JournalFailed) || error.kind === 'held') throw error
    return journal(file, null, error)
  }
}

/** Journal on an open database (for tests that need to hold the database too). `onClose` runs after it is closed. */
export function journalOn(db: Database, file: string, onClose: () => void = () => {}): SiteJournal {
  return journal(file, { db, loaded: null, edition: 1, unlock: onClose }, null)
}

/** `isHeldUp`: another program held it at the last commit; while it goes on, no commit waits for that again. */
type Standing = Opened & { pen: Appender; note: Note; isHeldUp: boolean; head: number | null }

function journal(file: string, opened: Opened | null, refused: JournalFailed | null): SiteJournal {
  const listeners: ((end: JournalEnd) => void)[] = []
  const lossListeners: (() => void)[] = []
  let standing = opened === null ? null : standingOn(file, opened)
  let failure = refused
  let againAtMs = performance.now() + AGAIN_MS
  // Read though nothing can be written: what comes first when something can.
  let owed: JournalBatch | null = null

  const drop = (why: JournalFailed): void => {
    failure = why
    againAtMs = performance.now() + AGAIN_MS
    if (standing !== null) close(standing)
    standing = null
  }
  const stand = (): Standing => {
    if (standing !== null) return standing
    const beganAtMs = performance.now()
    if (failure !== null && beganAtMs < againAtMs) throw failure
    try {
      standing = standingOn(file, openForWriting(file, 0))
    } catch (error) {
      failure = error as JournalFailed
      // All rows may have been read before it failed, and nobody is called meanwhile.
      const endedAtMs = performance.now()
      againAtMs = endedAtMs + Math.max(AGAIN_MS, AGAIN_TIMES * (endedAtMs - beganAtMs))
      throw error
    }
    failure = null
    if (isAboutLoss(standing.loaded)) for (const listener of lossListeners) listener()
    standing.loaded = null
    if (owed !== null) standing.pen.append(owed)
    owed = null
    return standing
  }
  const append = (batch: JournalBatch): number => {
    const now = stand()
    const first = now.pen.append(batch)
    holdUp(now, false)
    now.loaded = null
    const newest = batch.entries.at(-1)
    if (newest !== undefined) {
      for (const { change } of batch.entries) if ('edition' in change) now.edition = change.edition
      const end = endOf(now)
      now.note.keep({ ...end, atMs: newest.atMs })
      for (const listener of listeners) listener(end)
    }
    return first
  }
  const guarded = <T>(what: string, work: () => T): T => {
    try {
      return orJournalFailed(`${what} the journal ${file}`, work)
    } catch (error) {
      if (error instanceof JournalFailed && standing !== null) {
        if (error.kind === 'unusable') drop(error)
        else if (error.code?.startsWith('SQLITE_BUSY')) holdUp(standing, true)
      }
      throw error
    }
  }

  return {
    load: async () => {
      if (standing !== null) return loadedOf(standing, file)
      const read = readWithoutWriting(file, failure)
      owed = read.owed
      return read.loaded
    },
    commit: async batch => guarded('write to', () => append(batch)),
    end: () => (standing === null ? null : endOf(standing)),
    hashAt: seq => (standing === null ? null : hashAt(standing.db, seq)),
    onRows: told => listeners.push(told),
    onLoss: told => lossListeners.push(told),
    prove: () =>
      proveByWriting(file, () => guarded('write to', stand)).catch(error => {
        if (error instanceof JournalFailed && error.kind === 'unusable' && standing !== null) drop(error)
        throw error
      }),
    close: async () => {
      if (standing?.db.open) close(standing)
    },
  }
}

function close({ note, db, unlock, head }: Standing): void {
  note.close()
  db.close()
  if (head !== null) closeSync(head)
  unlock()
}

/** No more than that: the head is the whole row, whose body is nobody's outside. */
function endOf({ pen, edition }: Standing): JournalEnd {
  const { seq, hash } = pen.head()
  return { edition, seq, hash }
}

const isAboutLoss = (loaded: Loaded | null): boolean => {
  const last = loaded?.entries.at(-1)?.change.is
  return last === 'journal-mended' || last === 'journal-cut'
}

function holdUp(standing: Standing, isHeldUp: boolean): void {
  if (standing.isHeldUp === isHeldUp) return
  standing.isHeldUp = isHeldUp
  setPatience(standing.db, !isHeldUp)
}

function standingOn(file: string, opened: Opened): Standing {
  const { db, loaded } = opened
  const head = db.memory ? null : headOf(file)
  const standing = { ...opened, pen: appender(db), note: createNote(file), isHeldUp: false, head }
  const last = loaded?.entries.at(-1)
  if (last !== undefined) standing.note.keep({ ...endOf(standing), atMs: last.atMs })
  return standing
}

function headOf(file: string): number | null {
  try {
    return openSync(file, 'r')
  } catch {
    // Taken away just now: the proof says so.
    return null
  }
}

/** Read once at opening; a second reading is for tests. */
function loadedOf(standing: Standing, file: string): Loaded {
  const { loaded } = standing
  standing.loaded = null
  return loaded ?? orJournalFailed(`read the journal ${file}`, () => readAll(standing.db, file))
}

const hashAt = (db: Database, seq: number): string | null =>
  db.prepare<[number], string>('SELECT hash FROM journal WHERE seq = ?').pluck().get(seq) ?? null
