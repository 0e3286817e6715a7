// The end of the chain, noted in a small file beside the journal: a tail that was lost (a cut log, an old copy put back) shows
// only against a note. Promises to cost a commit nothing but the start of one small write, and to be never ahead of the disk.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, write, writeSync } from 'node:fs'

/** `edition` rises where the journal is begun anew or an older one is accepted: then rows of the same number are others. */
export type JournalEnd = { edition: number; seq: number; hash: string }
/** `atMs` is of its newest row. */
export type Noted = JournalEnd & { atMs: number }

export type Note = {
  /** Writes it soon; of several the newest. */
  keep(end: Noted): void
  close(): void
}

/** One size for all, so that the file is written over in place and needs no more room on a full disk. */
const NOTE_BYTES = 256
const OWNER_ONLY = 0o600

export const noteFile = (file: string): string => `${file}-end`

/** What was noted last of the journal `file`; null where there is no note, or none that can be read. */
export function readNote(file: string): Noted | null {
  try {
    const { edition, seq, hash, atMs } = JSON.parse(readFileSync(noteFile(file), 'utf8'))
    const isWhole = [edition, seq, atMs].every(Number.isSafeInteger) && typeof hash === 'string'
    return isWhole ? { edition, seq, hash, atMs } : null
  } catch {
    return null
  }
}

/** Whether there is a note which can't be read: then nobody knows where the journal ended. */
export const isNoteUnreadable = (file: string): boolean =>
  existsSync(noteFile(file)) && readNote(file) === null

/** A pen for the note of the journal `file`. A disk that refuses it is found by the proof; here it is only tried again. */
export function createNote(file: string): Note {
  let fd: number | null = null
  let next: Noted | null = null
  let isWriting = false
  const open = (first: Noted): number => {
    fd ??= openForWriting(noteFile(file), bytesOf(first))
    return fd
  }
  const begin = (): void => {
    if (next === null || isWriting) return
    const end = next
    next = null
    try {
      isWriting = true
      write(open(end), bytesOf(end), 0, NOTE_BYTES, 0, error => {
        isWriting = false
        if (error === null) begin()
        else next ??= end
      })
    } catch {
      isWriting = false
      next ??= end
    }
  }
  return {
    keep(end) {
      next = end
      begin()
    },
    close() {
      try {
        if (next !== null) writeSync(open(next), bytesOf(next), 0, NOTE_BYTES, 0)
        if (fd !== null && !isWriting) closeSync(fd)
      } catch {
        // An older note is no untruth: it names a row that is there.
      }
    },
  }
}

/** Notes it at once, whatever was noted before. Throws Node's file errors. */
export function writeNote(file: string, { edition, seq, hash, atMs }: Noted): void {
  const bytes = bytesOf({ edition, seq, hash, atMs })
  const fd = openForWriting(noteFile(file), bytes)
  try {
    writeSync(fd, bytes, 0, NOTE_BYTES, 0)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const bytesOf = (end: Noted): Buffer => Buffer.from(`${JSON.stringify(end).padEnd(NOTE_BYTES - 1)}\n`)

/** A new one is never there without a note in it. */
function openForWriting(path: string, first: Buffer): number {
  try {
    return openSync(path, 'r+')
  } catch {
    const fd = openSync(path, 'w', OWNER_ONLY)
    writeSync(fd, first, 0, NOTE_BYTES, 0)
    return fd
  }
}
