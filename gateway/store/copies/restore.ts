// A journal put back from a copy. In: the copy and the data folder's journal. Out: the copy in its place, with a last row that
// says so where anything may be missing; what stood there lies beside it. Promises one of the two whole after a power cut.
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { GENESIS_HASH } from '../chain.ts'
import { asideFile, discard, nextFile, takePlace } from '../damage/anew.ts'
import { appender, openDatabase, readAll } from '../database.ts'
import { lockJournal } from '../disk/lock.ts'
import { orJournalFailed } from '../failed.ts'
import { type Noted, readNote, writeNote } from '../note.ts'
import { verifyJournal } from '../verify.ts'
import { refuseBroken, sync } from './backup.ts'

const OWNER_ONLY = 0o600
const OWNER_ONLY_FOLDER = 0o700
const ACTOR = 'tocsin restore'

/** `aside` is where the journal of before lies, null where there was none; `missing` false where the copy has all it had. */
export type Restored = { rows: number; lastAtMs: number | null; aside: string | null; missing: boolean }

/** Throws JournalFailed where a gateway runs on the folder, or the copy is not whole: then all is as it was. */
export function restoreJournal(copy: string, file: string, atMs: number): Restored {
  refuseBroken(copy, verifyJournal(copy))
  return orJournalFailed(`put ${copy} back as ${file}`, () => {
    mkdirSync(dirname(file), { recursive: true, mode: OWNER_ONLY_FOLDER })
    const unlock = lockJournal(file, 0)
    try {
      return putBack(copy, file, atMs)
    } finally {
      unlock()
      giveToOwner(dirname(file))
    }
  })
}

function putBack(copy: string, file: string, atMs: number): Restored {
  const next = nextFile(file)
  const aside = existsSync(file) ? asideFile(file, atMs, 'before-restore') : null
  discard(next)
  try {
    copyFileSync(copy, next)
    chmodSync(next, OWNER_ONLY)
    const { end, ...restored } = finish(next, readNote(file), { copy, aside, atMs })
    sync(next)
    takePlace(file, next, aside ?? asideFile(file, atMs, 'before-restore'))
    // Until now it named the end of what lies aside: after a power cut the next start says once more what is missing.
    writeNote(file, end)
    return { ...restored, aside }
  } catch (error) {
    discard(next)
    throw error
  }
}

type Finished = { rows: number; lastAtMs: number | null; missing: boolean; end: Noted }

/** Opens the copy as a start would, which brings an older one up to date, and adds the row that says where it comes from. */
function finish(
  next: string,
  noted: Noted | null,
  { copy, aside, atMs }: { copy: string; aside: string | null; atMs: number },
): Finished {
  const db = openDatabase(next)
  try {
    const { entries } = readAll(db, next)
    const pen = appender(db)
    const { seq } = pen.head()
    const lastAtMs = entries.at(-1)?.atMs ?? null
    const edition = Math.max(
      1,
      ...entries.flatMap(each => ('edition' in each.change ? [each.change.edition] : [])),
    )
    const missing =
      noted === null || noted.edition > edition || (noted.edition === edition && !isIn(db, noted))
    if (missing) {
      const file = aside === null ? {} : { file: basename(aside) }
      const change = { is: 'journal-cut', noted, seq, lastAtMs, copy: basename(copy), ...file } as const
      pen.append({ entries: [{ atMs, actor: ACTOR, change }], counters: new Map() })
    }
    db.pragma('journal_mode = DELETE')
    return { rows: seq, lastAtMs, missing, end: { edition, ...pen.head(), atMs } }
  } finally {
    db.close()
  }
}

const isIn = (db: Database, { seq, hash }: Noted): boolean =>
  hash ===
  (seq === 0
    ? GENESIS_HASH
    : db.prepare<[number], string>('SELECT hash FROM journal WHERE seq = ?').pluck().get(seq))

/** Put back by root, it is the gateway's all the same: the folder is, and it opens nothing that is not. */
function giveToOwner(folder: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(folder)
  for (const name of readdirSync(folder))
    if (name.startsWith('journal.sqlite')) chownSync(join(folder, name), uid, gid)
}
