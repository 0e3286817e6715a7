import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../../gateway/store/database.ts'
import { JournalFailed } from '../../../gateway/store/failed.ts'
import { journalOn } from '../../../gateway/store/journal.ts'
import { plainBatch } from './changes.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'full-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('a commit on a full disk fails whole with its cause, and the next one works when space is back', async () => {
  const file = join(folder, 'tocsin.db')
  const db = openDatabase(file)
  const journal = journalOn(db, file)
  await journal.commit(plainBatch('before'))
  const pages = Number(db.pragma('page_count', { simple: true }))
  db.pragma(`max_page_count = ${pages}`)

  const tooMuch = plainBatch('too much', 200)
  const failure = await journal.commit({ ...tooMuch, counters: new Map([['p-01', 7]]) }).catch(error => error)
  expect(failure).toBeInstanceOf(JournalFailed)
  expect(failure.code).toBe('SQLITE_FULL')
  expect(failure.message).toBe(`could not write to the journal ${file}: the disk is full`)
  const kept = await journal.load()
  expect(kept.entries.map(({ change }) => change)).toMatchObject([{ key: 'before' }])
  expect(kept.counters.size).toBe(0)

  db.pragma('max_page_count = 100000')
  expect(await journal.commit(plainBatch('after', 2))).toBe(2)
  expect((await journal.load()).entries).toHaveLength(3)
  await journal.close()
})

it('a commit on a read-only database fails with its cause', async () => {
  const file = join(folder, 'tocsin.db')
  const db = openDatabase(file)
  db.pragma('query_only = ON')
  const journal = journalOn(db, file)
  await expect(journal.commit(plainBatch('lost'))).rejects.toMatchObject({ code: 'SQLITE_READONLY' })
  db.pragma('query_only = OFF')
  expect(await journal.commit(plainBatch('kept'))).toBe(1)
  await journal.close()
})
