// What can still be read of a journal, without touching it; and a new journal made of that.
import { existsSync } from 'node:fs'
import { JournalFailed, orJournalFailed } from '../failed.ts'
import { readNote } from '../note.ts'
import { verifyJournal } from '../verify.ts'
import { lostOf, mendedRow, writeJournal } from './anew.ts'
import { type Range, salvage } from './salvage.ts'

/**
 * `rows` read; `lost` and `doubtful` are row numbers; `damage` why the file can't be used as it is though no row is lost, null where
 * it can. `to` is the new journal, null where none was asked for.
 */
export type Repaired = {
  file: string
  rows: number
  lost: readonly Range[]
  doubtful: readonly number[]
  damage: string | null
  to: string | null
}

/** Throws JournalFailed where nothing can be read of `file`, where `to` is there already, or can't be written. */
export function repairJournal(file: string, to: string | null): Repaired {
  const what = salvage(file)
  const noted = readNote(file)
  const lost = lostOf(what.lost, what.head?.seq ?? 0, noted)
  if (what.rows.length === 0)
    throw new JournalFailed(`${file}: expected a journal with rows, came a file without any that can be read`)
  const damage = lost.length === 0 && what.doubtful.length === 0 ? damageOf(file) : null
  if (to !== null) {
    if (existsSync(to))
      throw new JournalFailed(`${to}: expected a file that is not there yet, came one that is`)
    const isWhole = lost.length === 0 && what.doubtful.length === 0 && damage === null
    const mended = isWhole ? null : mendedRow(what, noted, file, 'tocsin repair', Date.now())
    orJournalFailed(`write the journal ${to}`, () => writeJournal(to, what, mended))
  }
  return { file, rows: what.rows.length, lost, doubtful: what.doubtful, damage, to }
}

/** What a start would put the file aside for. */
function damageOf(file: string): string | null {
  try {
    const { broken } = verifyJournal(file, null)
    return broken === null ? null : `row ${broken.seq}: expected ${broken.expected}, came ${broken.came}`
  } catch (error) {
    if (error instanceof JournalFailed) return error.message
    throw error
  }
}
