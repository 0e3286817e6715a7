// `tocsin repair` as it is run: what it says is lost is lost, and a journal that is whole is called whole.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openJournal } from '../../../gateway/store/journal.ts'
import { plainBatch } from '../store/changes.ts'
import { tocsin } from './cli-process.ts'

let folder: string
let file: string
let to: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-journal-cli-'))
  file = join(folder, 'journal.sqlite')
  to = join(folder, 'new.sqlite')
  const journal = openJournal(file)
  for (const name of ['a', 'b', 'c']) await journal.commit(plainBatch(name))
  await journal.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('tocsin repair', () => {
  it('of a journal that is whole says that nothing is lost, and tells of no last row about it', async () => {
    const { status, out, err } = await tocsin('repair', file, '--to', to)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toBe(`${file}: 3 rows can be read\n${to}: a new journal of them; nothing is lost\n`)
    expect((await tocsin('verify', to)).out).toContain('3 rows are as they were written')
  })

  it('of one with a row that was altered names the row, and the last row of the new one says so', async () => {
    const db = new Sqlite(file)
    db.exec(`DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'somebody else' WHERE seq = 2`)
    db.close()
    const { status, out, err } = await tocsin('repair', file, '--to', to)
    expect(status).toBe(3)
    expect(err).toContain('row 2 is not as it was written')
    expect(out).toContain('with a last row that says what is lost or doubtful')
    expect((await tocsin('verify', to)).out).toContain('4 rows are as they were written')
  })
})
