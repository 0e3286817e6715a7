// The lock beside a journal, damaged: it is taken all the same, another gateway is still refused, and what only a person can take
// away is named.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { JournalFailed } from '../../../gateway/store/failed.ts'
import { openJournal } from '../../../gateway/store/journal.ts'
import { LOADER } from '../../loader.ts'
import { plainBatch } from './changes.ts'

const COMMITTER = join(import.meta.dirname, 'committer.ts')

let folder: string
let file: string
let lock: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  file = join(folder, 'journal.sqlite')
  lock = `${file}-lock`
})
afterEach(() => rmSync(folder, { recursive: true }))

const DAMAGES: [what: string, write: () => void][] = [
  ['zeros', () => writeFileSync(lock, Buffer.alloc(8192))],
  ['noise', () => writeFileSync(lock, randomBytes(8192))],
  ['a word', () => writeFileSync(lock, 'x')],
  ["another program's table", () => writeFileSync(lock, database('holder', 1))],
  ['a database of a later SQLite', () => writeFileSync(lock, database('x', 9))],
]

/** Byte 18 is its write version: above 2 it may not be written. */
function database(table: string, version: number): Buffer {
  const bytes = new Sqlite(':memory:').exec(`CREATE TABLE ${table} (x)`).serialize()
  bytes[18] = version
  return bytes
}

it.each(DAMAGES)('with %s in its lock a journal is opened, and is locked', async (_what, write) => {
  await openJournal(file).close()
  write()
  const journal = openJournal(file)
  expect(await journal.commit(plainBatch('kept'))).toBe(1)
  expect(() => openJournal(file, { lockWaitMs: 0 })).toThrow(`in use by process ${process.pid} on `)
  await journal.close()
})

it.each(DAMAGES)(
  'with %s in the lock of a gateway that runs, another is still refused',
  async (_what, write) => {
    const child = spawn(process.execPath, [...LOADER, COMMITTER, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    write()
    for (let again = 0; again < 2; again++)
      expect(() => openJournal(file, { lockWaitMs: 0 })).toThrow('in use by another process')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await openJournal(file, { lockWaitMs: 0 }).close()
  },
)

it.each(['-lock', '-lock-journal'])(
  'a folder in place of %s is named to the desk, to be deleted',
  async name => {
    mkdirSync(file + name)
    const journal = openJournal(file)
    const failure: unknown = await journal.prove().catch(error => error)
    expect(failure).toBeInstanceOf(JournalFailed)
    expect((failure as JournalFailed).inWords).toContain(`delete ${file}${name}, `)
    await journal.close()
    rmdirSync(file + name)
    await openJournal(file).close()
  },
)
