// From the chain over bodies to the chain over their hashes: a file of version 1 is brought up to date whole or not at all, and
// from then on a body can be erased.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../gateway/store/database.ts'
import { eraseBodies } from '../../../gateway/store/erase.ts'
import { openJournal } from '../../../gateway/store/journal.ts'
import { verifyJournal } from '../../../gateway/store/verify.ts'
import { plainBatch } from './changes.ts'

const ROWS = 2_500
const SECRET = 'Jane Smith was here'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'version-'))
  file = join(folder, 'journal.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A file as version 1 wrote it, by its own rule and its own tables. Answers the hash of its last row. */
function writeVersion1(): string {
  const db = new Sqlite(file)
  db.pragma('journal_mode = WAL')
  db.exec(`CREATE TABLE journal (
     seq     INTEGER PRIMARY KEY,
     at_ms   INTEGER NOT NULL,
     actor   TEXT NOT NULL,
     is_what TEXT NOT NULL,
     body    TEXT NOT NULL CHECK (json_valid(body)),
     hash    TEXT NOT NULL
   ) STRICT;
   CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a row is never changed'); END;
   CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a row is never deleted'); END;
   CREATE TABLE counter (pendant TEXT PRIMARY KEY, counter INTEGER NOT NULL) STRICT, WITHOUT ROWID;`)
  db.pragma(`application_id = ${0x546f6373}`)
  db.pragma('user_version = 1')
  let hash = '0'.repeat(64)
  const insert = db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)')
  db.transaction(() => {
    for (let seq = 1; seq <= ROWS; seq++) {
      const columns = [
        seq,
        1_790_000_000_000 + seq,
        'gateway',
        'technical-mended',
        `{"is":"technical-mended","key":"row-${seq}"}`,
      ]
      hash = createHash('sha256').update(hash).update(JSON.stringify(columns)).digest('hex')
      insert.run(...columns, hash)
    }
    db.prepare('INSERT INTO counter VALUES (?, ?)').run('p-01', 512)
  })()
  db.close()
  return hash
}

describe('a journal of version 1', () => {
  it('is brought up to date with every row, and a last one that binds the old chain', async () => {
    const oldHash = writeVersion1()
    expect(verifyJournal(file)).toMatchObject({ rows: ROWS, headHash: oldHash, broken: null })
    const journal = openJournal(file)
    const { entries, counters } = await journal.load()
    await journal.close()
    expect(entries).toHaveLength(ROWS + 1)
    expect(entries[41]).toMatchObject({ seq: 42, change: { is: 'technical-mended', key: 'row-42' } })
    expect(entries.at(-1)?.change).toEqual({ is: 'journal-rechained', rows: ROWS, hash: oldHash })
    expect(counters).toEqual(new Map([['p-01', 512]]))
    expect(verifyJournal(file)).toMatchObject({ rows: ROWS + 1, broken: null })
    const again = openJournal(file)
    expect((await again.load()).entries).toHaveLength(ROWS + 1)
    await again.close()
  })

  it('that was altered is put aside, and what its chain does not confirm is named', async () => {
    writeVersion1()
    const db = new Sqlite(file)
    db.exec("DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'nobody' WHERE seq = 77")
    db.close()
    const journal = openJournal(file)
    const { entries } = await journal.load()
    await journal.close()
    expect(entries).toHaveLength(ROWS + 1)
    expect(entries.at(-1)?.change).toMatchObject({
      is: 'journal-mended',
      rows: ROWS,
      lost: [],
      doubtful: [77],
    })
  })

  it('stays as it was where the disk has no room for both', () => {
    const oldHash = writeVersion1()
    const db = new Sqlite(file)
    const pages = Number(db.pragma('page_count', { simple: true }))
    db.pragma(`max_page_count = ${pages}`)
    db.close()
    // The limit is of a connection: it stands for a disk that is full at the first new page.
    expect(() => limited(file, pages)).toThrow(/full/)
    expect(verifyJournal(file)).toMatchObject({ rows: ROWS, headHash: oldHash, broken: null })
    openDatabase(file).close()
    expect(verifyJournal(file)).toMatchObject({ rows: ROWS + 1, broken: null })
  })
})

function limited(path: string, pages: number): void {
  const pragma = Sqlite.prototype.pragma
  Sqlite.prototype.pragma = function (this: Sqlite.Database, text: string, ...rest) {
    const answer = pragma.call(this, text, ...rest)
    if (text.startsWith('foreign_keys')) pragma.call(this, `max_page_count = ${pages}`)
    return answer
  } as typeof pragma
  try {
    openDatabase(path).close()
  } finally {
    Sqlite.prototype.pragma = pragma
  }
}

describe('a body that is erased', () => {
  it('is gone from the file, the chain still holds, and verification tells of it', async () => {
    const before = openJournal(file)
    await before.commit(plainBatch('kept', 3))
    await before.commit(plainBatch(SECRET))
    await before.close()
    expect(eraseBodies(file, { rows: [4], by: 'Ann', reason: 'asked for', atMs: 1_800_000_000_000 })).toBe(1)
    for (const part of ['', '-wal']) expect(contentOf(file + part)).not.toContain(SECRET)
    expect(verifyJournal(file)).toMatchObject({ rows: 5, erased: 1, broken: null })
    const journal = openJournal(file)
    const { entries } = await journal.load()
    expect(entries[3]).toMatchObject({ seq: 4, change: { is: 'erased', was: 'technical-raised' } })
    expect(entries[4]).toMatchObject({
      actor: 'Ann',
      change: { is: 'bodies-erased', rows: [4], reason: 'asked for' },
    })
    await journal.close()
  })

  it('without a row that says so is found', async () => {
    const before = openJournal(file)
    await before.commit(plainBatch('kept', 3))
    await before.close()
    const db = new Sqlite(file)
    db.exec("UPDATE journal SET body = NULL, salt = '' WHERE seq = 2")
    db.close()
    expect(verifyJournal(file).broken).toMatchObject({ seq: 2 })
  })

  it('is refused whole where one of the rows is not there, or a gateway runs', async () => {
    const journal = openJournal(file)
    await journal.commit(plainBatch('kept', 3))
    const erasure = { rows: [2, 9], by: 'Ann', reason: 'asked for', atMs: 1 }
    expect(() => eraseBodies(file, erasure)).toThrow(/in use by process/)
    await journal.close()
    expect(() => eraseBodies(file, erasure)).toThrow(/expected a row 9 to erase/)
    expect(verifyJournal(file)).toMatchObject({ rows: 3, erased: 0, broken: null })
  })
})

const contentOf = (path: string): string =>
  statSync(path, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(path, 'latin1')
