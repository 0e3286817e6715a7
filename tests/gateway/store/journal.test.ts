import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, JournalBatch } from '../../../gateway/ports.ts'
import { openDatabase } from '../../../gateway/store/database.ts'
import { JournalFailed } from '../../../gateway/store/failed.ts'
import { openJournal } from '../../../gateway/store/journal.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { anyBatch, plainBatch } from './changes.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
  file = join(folder, 'tocsin.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const putAside = () => readdirSync(folder).filter(name => name.includes('.damaged-'))

async function expectKept(
  journal: Journal,
  reopen: () => Promise<Journal>,
  batches: JournalBatch[],
): Promise<void> {
  const firsts: number[] = []
  for (const batch of batches) firsts.push(await journal.commit(batch))
  const reopened = await reopen()
  const { entries, counters } = await reopened.load()
  await reopened.close()
  const sent = batches.flatMap(batch => [...batch.entries])
  expect(entries).toEqual(sent.map((entry, i) => ({ seq: i + 1, ...entry })))
  let seq = 1
  for (const [i, batch] of batches.entries()) {
    expect(firsts[i]).toBe(seq)
    seq += batch.entries.length
  }
  expect(counters).toEqual(highest(batches))
}

function highest(batches: JournalBatch[]): Map<string, number> {
  const counters = new Map<string, number>()
  for (const batch of batches) {
    for (const [pendant, counter] of batch.counters) {
      counters.set(pendant, Math.max(counter, counters.get(pendant) ?? 0))
    }
  }
  return counters
}

describe('a journal on disk', () => {
  it('gives back after a restart every row in order and the highest counters', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { maxLength: 6 }), async batches => {
        run += 1
        const path = join(folder, `run-${run}.db`)
        const journal = openJournal(path)
        const reopen = async () => {
          await journal.close()
          return openJournal(path)
        }
        await expectKept(journal, reopen, batches)
      }),
      { numRuns: 40 },
    )
  })

  it('carries on the chain where the last process left it', async () => {
    for (const name of ['first', 'second', 'third']) {
      const journal = openJournal(file)
      await journal.commit(plainBatch(name, 2))
      await journal.close()
    }
    const journal = openJournal(file)
    expect((await journal.load()).entries.map(entry => entry.seq)).toEqual([1, 2, 3, 4, 5, 6])
    await journal.close()
  })

  it('has each commit on the disk before it is confirmed, power cuts included', () => {
    const db = openDatabase(file)
    const FULL = 2
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.pragma('synchronous', { simple: true })).toBe(FULL)
    db.close()
  })

  it('can be opened by one gateway at a time and says who has it', async () => {
    const journal = openJournal(file)
    const second = () => openJournal(file, { lockWaitMs: 0 })
    expect(second).toThrow(JournalFailed)
    expect(second).toThrow(`in use by process ${process.pid} on `)
    await journal.commit(plainBatch('still writable'))
    await journal.close()
    await openJournal(file, { lockWaitMs: 0 }).close()
  })

  it('goes on, in a new file, with what it can read of one that a newer program wrote, and puts that one aside', async () => {
    const before = openJournal(file)
    await before.commit(plainBatch('kept', 2))
    await before.close()
    const db = new Sqlite(file)
    db.pragma('user_version = 99')
    db.close()
    const journal = openJournal(file)
    const { entries } = await journal.load()
    expect(entries.map(({ change }) => change.is)).toEqual([
      'technical-raised',
      'technical-raised',
      'journal-mended',
    ])
    expect(entries[2]?.change).toMatchObject({ rows: 2, lost: [], doubtful: [], edition: 2 })
    await journal.close()
    const [aside] = putAside()
    const newer = new Sqlite(join(folder, aside ?? ''))
    expect(newer.pragma('user_version', { simple: true })).toBe(99)
    newer.close()
  })

  it("puts another program's database aside as it was", async () => {
    const db = new Sqlite(file)
    db.exec('CREATE TABLE theirs (a)')
    db.close()
    const bytes = readFileSync(file)
    const journal = openJournal(file)
    expect(await journal.commit(plainBatch('ours'))).toBe(2)
    await journal.close()
    expect(readFileSync(join(folder, putAside()[0] ?? ''))).toEqual(bytes)
  })

  it('starts on a file that is no database, and makes a folder that is not there', async () => {
    writeFileSync(file, 'not a database at all, but long enough to look like one'.repeat(100))
    const journal = openJournal(file)
    expect((await journal.load()).entries.map(({ change }) => change.is)).toEqual(['journal-mended'])
    await journal.close()
    const missing = join(folder, 'missing', 'tocsin.db')
    await openJournal(missing).close()
    expect(statSync(missing).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'missing')).mode & 0o777).toBe(0o700)
  })

  it('refuses to change or delete a row', async () => {
    const journal = openJournal(file)
    await journal.commit(plainBatch('kept'))
    await journal.close()
    const db = new Sqlite(file)
    expect(() => db.exec("UPDATE journal SET actor = 'somebody else'")).toThrow(/append-only/)
    expect(() => db.exec('DELETE FROM journal')).toThrow(/append-only/)
    db.close()
  })

  it('keeps a text that is not well formed without breaking its own chain', async () => {
    const journal = openJournal(file)
    const { entries } = plainBatch('lone surrogate')
    await journal.commit({
      entries: entries.map(entry => ({ ...entry, actor: 'By \ud800' })),
      counters: new Map(),
    })
    expect((await journal.load()).entries[0]?.actor).toBe('By \ufffd')
    await journal.close()
  })
})

it('a program that writes to the database holds up the first commit for a moment, those after it not at all, and none for good', async () => {
  const journal = openJournal(file)
  await journal.commit(plainBatch('before'))
  const other = new Sqlite(file)
  other.exec('BEGIN IMMEDIATE')
  const beganMs = performance.now()
  for (let i = 0; i < 20; i++)
    await expect(journal.commit(plainBatch('held up'))).rejects.toMatchObject({
      code: 'SQLITE_BUSY',
      kind: 'disk',
      inWords: 'another program holds it',
    })
  // The first half a second: each of them would be 10 s, in which nobody is called.
  expect(performance.now() - beganMs).toBeLessThan(5_000)
  other.exec('ROLLBACK')
  expect(await journal.commit(plainBatch('after'))).toBe(2)
  other.exec('BEGIN IMMEDIATE')
  await expect(journal.commit(plainBatch('held up again'))).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
  other.close()
  expect(await journal.commit(plainBatch('at last'))).toBe(3)
  await journal.close()
})

describe('a journal in memory', () => {
  it('keeps the same rows, numbers and counters as the one on disk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { maxLength: 6 }), async batches => {
        const journal = memoryJournal()
        await expectKept(journal, async () => journal, batches)
      }),
    )
  })

  it('keeps nothing of a commit that was told to fail, and works again afterwards', async () => {
    const journal = memoryJournal()
    journal.failWith(new Error('disk full'))
    await expect(journal.commit(plainBatch('lost'))).rejects.toThrow(JournalFailed)
    journal.failWith(null)
    expect(await journal.commit(plainBatch('kept'))).toBe(1)
    expect(journal.entries).toHaveLength(1)
  })
})
