import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashOfBody, rowHash } from '../../../gateway/store/chain.ts'
import { openJournal } from '../../../gateway/store/journal.ts'
import { verifyJournal } from '../../../gateway/store/verify.ts'
import { plainBatch } from './changes.ts'

const ROWS = 12

let folder: string
let file: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chain-'))
  file = join(folder, 'tocsin.db')
  const journal = openJournal(file)
  await journal.commit(plainBatch('whole', ROWS))
  await journal.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs `sql` on the journal as someone with the disk in their hands would, and asks for a verdict, then undoes it. */
function verdictAfter(sql: string) {
  const db = new Sqlite(file)
  db.exec('DROP TRIGGER IF EXISTS journal_no_update; DROP TRIGGER IF EXISTS journal_no_delete')
  db.exec('CREATE TABLE saved AS SELECT * FROM journal')
  db.exec(sql)
  const verdict = verifyJournal(file)
  db.exec('DELETE FROM journal; INSERT INTO journal SELECT * FROM saved; DROP TABLE saved')
  db.close()
  return verdict
}

const anyRow = fc.integer({ min: 1, max: ROWS })
const tampering: fc.Arbitrary<{ sql: string; firstBroken: number }> = fc.oneof(
  fc
    .tuple(
      anyRow,
      fc.constantFrom(
        'at_ms = at_ms + 1',
        "actor = actor || ' '",
        "is_what = 'resolved'",
        `body = replace(body, 'whole', 'false')`,
        "body = body || ' '",
        "hash = replace(hash, substr(hash, 1, 1), 'x')",
      ),
    )
    .map(([seq, set]) => ({ sql: `UPDATE journal SET ${set} WHERE seq = ${seq}`, firstBroken: seq })),
  // Taking away the last row is a cut tail, which a chain can't show.
  fc
    .integer({ min: 1, max: ROWS - 1 })
    .map(seq => ({ sql: `DELETE FROM journal WHERE seq = ${seq}`, firstBroken: seq })),
  fc.integer({ min: 1, max: ROWS - 1 }).map(seq => ({
    sql: `DELETE FROM journal WHERE seq = ${seq};
          UPDATE journal SET seq = -(seq - 1) WHERE seq > ${seq}; UPDATE journal SET seq = -seq WHERE seq < 0`,
    firstBroken: seq,
  })),
  fc
    .tuple(anyRow, anyRow)
    .filter(([a, b]) => a < b)
    .map(([a, b]) => ({
      sql: `UPDATE journal SET seq = -1 WHERE seq = ${a}; UPDATE journal SET seq = ${a} WHERE seq = ${b};
            UPDATE journal SET seq = ${b} WHERE seq = -1`,
      firstBroken: a,
    })),
  anyRow.map(seq => ({
    sql: `INSERT INTO journal SELECT ${ROWS + 1}, at_ms, actor, is_what, body, salt, body_hash, hash FROM journal WHERE seq = ${seq}`,
    firstBroken: ROWS + 1,
  })),
)

describe('the chain of hashes', () => {
  it('names the first row that was altered, removed, moved or added', () => {
    fc.assert(
      fc.property(tampering, ({ sql, firstBroken }) => {
        const { rows, broken } = verdictAfter(sql)
        expect(broken?.seq).toBe(firstBroken)
        expect(rows).toBe(firstBroken - 1)
      }),
      { numRuns: 60 },
    )
  })

  it('shows a row that was altered together with its own hash, at the row after it', () => {
    const bodyHash = hashOfBody('', '{}')
    const row = { seq: 5, atMs: 1, actor: 'forger', isWhat: 'resolved', bodyHash }
    const db = new Sqlite(file)
    const before = db.prepare<[], string>('SELECT hash FROM journal WHERE seq = 4').pluck().get() ?? ''
    db.close()
    const forged = rowHash(before, row)
    const set = `at_ms = 1, actor = 'forger', is_what = 'resolved', body = '{}', salt = '', body_hash = '${bodyHash}', hash = '${forged}'`
    expect(verdictAfter(`UPDATE journal SET ${set} WHERE seq = 5`).broken?.seq).toBe(6)
  })

  it('says which row stands where another is missing', () => {
    expect(verdictAfter('DELETE FROM journal WHERE seq IN (3, 4)').broken).toEqual({
      seq: 3,
      expected: 'row 3',
      came: 'row 5',
    })
  })

  it('holds for an untouched journal, also while a gateway has it open, and shows its head', async () => {
    const closedHead = verifyJournal(file)
    expect(closedHead).toMatchObject({ rows: ROWS, broken: null })
    const journal = openJournal(file)
    await journal.commit(plainBatch('one more'))
    const openHead = verifyJournal(file)
    expect(openHead).toMatchObject({ rows: ROWS + 1, broken: null })
    expect(openHead.headHash).not.toBe(closedHead.headHash)
    await journal.close()
  })

  it('is whole where its tail was cut, and the note of its end beside it says what is missing', () => {
    const noted = verifyJournal(file)
    expect(noted.missing).toBeNull()
    const { broken, missing } = verdictAfter(`DELETE FROM journal WHERE seq > ${ROWS - 3}`)
    expect(broken).toBeNull()
    expect(missing).toMatchObject({ seq: ROWS, hash: noted.headHash })
  })
})
