// A copy of a journal, made while a gateway goes on writing it. In: the journal's file. Out: one whole file, whose chain was read
// from the first row to the last after it was written. Promises all of it or no file: what is half written goes away again.
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { codeOf, faultWords } from '../../../schemas/fault-words.ts'
import { discard } from '../damage/anew.ts'
import { isLogDamaged } from '../damage/pages.ts'
import { JournalFailed, orJournalFailed } from '../failed.ts'
import { readNote } from '../note.ts'
import { type Verdict, verifyJournal } from '../verify.ts'

/** All at once: a reader holds up no writer, and a copy in steps would begin anew with each row that is written meanwhile. */
const ALL_PAGES = 0x7fff_ffff
const OWNER_ONLY = 0o600

export type Backup = { rows: number; headHash: string }

/** Throws JournalFailed where there is such a file already, no journal, no room, or a row that is not as it was written. */
export async function backupJournal(file: string, to: string): Promise<Backup> {
  refuseExisting(to)
  if (!existsSync(file)) throw new JournalFailed(`${file}: expected a journal to copy, came no such file`)
  if (isLogDamaged(file))
    throw new JournalFailed(`${file}-wal: expected a log without damage, came one with: see tocsin repair`)
  const unfinished = `${to}.${process.pid}.part`
  try {
    // Written before the copy is made, so that what it names must be in the copy.
    const noted = readNote(file)
    await copyPages(file, unfinished)
    return orJournalFailed(`make the copy ${to}`, () => {
      asOneFile(unfinished)
      const verdict = verifyJournal(unfinished, noted)
      refuseBroken(file, verdict)
      sync(unfinished)
      refuseExisting(to)
      renameSync(unfinished, to)
      sync(dirname(to))
      return { rows: verdict.rows, headHash: verdict.headHash }
    })
  } catch (error) {
    discard(unfinished)
    throw error
  }
}

function refuseExisting(to: string): void {
  if (existsSync(to))
    throw new JournalFailed(`${to}: expected no such file yet, came one: it is left as it is`)
}

/** Throws JournalFailed. */
async function copyPages(file: string, to: string): Promise<void> {
  try {
    closeSync(openSync(to, 'wx', OWNER_ONLY))
    const db = new Sqlite(file, { readonly: true, fileMustExist: true })
    try {
      await db.backup(to, { progress: () => ALL_PAGES })
    } finally {
      db.close()
    }
  } catch (cause) {
    // Our own bugs have no code.
    if (codeOf(cause) === null) throw cause
    throw new JournalFailed(`could not copy the journal ${file} to ${to}: ${faultWords(cause)}`, { cause })
  }
}

/** The copy of a journal that has a log says so of itself; alone it needs none. */
function asOneFile(file: string): void {
  const db = new Sqlite(file, { fileMustExist: true })
  try {
    db.pragma('journal_mode = DELETE')
  } finally {
    db.close()
  }
  chmodSync(file, OWNER_ONLY)
}

/** Throws JournalFailed where a row of a journal is not as it was written, or is missing. */
export function refuseBroken(file: string, { broken, missing }: Verdict): void {
  if (broken !== null)
    throw new JournalFailed(
      `${file}: row ${broken.seq} was altered, removed or put in: expected ${broken.expected}, came ${broken.came}; see tocsin repair`,
      { kind: 'unusable' },
    )
  if (missing !== null)
    throw new JournalFailed(
      `${file}: its end was noted as row ${missing.seq}, and that row is not there; see tocsin repair`,
      { kind: 'unusable' },
    )
}

export function sync(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
