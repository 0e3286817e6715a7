// Who may read the journal's files, beside the user they belong to.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const OTHERS = 0o077

/** The folder and every file of the journal in it, put aside or not. */
export function journalFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter(name => name.startsWith('journal.sqlite'))
    return names.map(name => join(folder, name))
  } catch {
    // A folder that can't be read is said by the proof of the disk.
    return []
  }
}

/** Whether anybody but the owner may read or write it. */
export function mayOthersRead(file: string): boolean {
  try {
    return (statSync(file).mode & OTHERS) !== 0
  } catch {
    return false
  }
}
