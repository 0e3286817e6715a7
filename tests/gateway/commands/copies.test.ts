// needs: mounting
// `tocsin backup` and `tocsin restore` as they are run: beside a journal that is being written, on a full disk, over a file that
// is there, and back in the place of a journal, which is kept.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changeAccounts, readAccounts } from '../../../gateway/site/accounts/file.ts'
import { backupJournal } from '../../../gateway/store/copies/backup.ts'
import { restoreJournal } from '../../../gateway/store/copies/restore.ts'
import { openJournal } from '../../../gateway/store/journal.ts'
import { verifyJournal } from '../../../gateway/store/verify.ts'
import type { Account } from '../../../schemas/site/accounts.ts'
import { plainBatch } from '../store/changes.ts'
import { builtTocsin as tocsin } from './cli-process.ts'

const AT_MS = Date.UTC(2026, 10, 29, 12, 0, 0)

let folder: string
let data: string
let file: string
let copy: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-copies-'))
  data = join(folder, 'data')
  file = join(data, 'journal.sqlite')
  copy = join(folder, 'copy.sqlite')
  const journal = openJournal(file)
  for (const name of ['a', 'b', 'c']) await journal.commit(plainBatch(name))
  await journal.commit({ entries: [], counters: new Map([['p-01', 7]]) })
  await journal.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const kindsIn = async (): Promise<unknown[]> => {
  const journal = openJournal(file)
  const { entries } = await journal.load()
  await journal.close()
  return entries.map(({ change }) => ('key' in change ? change.key : change))
}

describe('tocsin backup', () => {
  it('while a gateway writes, has every row of one instant, for its owner alone, and no file beside it', async () => {
    const journal = openJournal(file)
    await journal.commit(plainBatch('much', 2_000))
    const copying = backupJournal(file, copy)
    for (let i = 0; i < 50; i++) await journal.commit(plainBatch(`meanwhile ${i}`))
    const { rows } = await copying
    await journal.close()
    expect(rows).toBeGreaterThanOrEqual(2_003)
    expect(verifyJournal(copy)).toMatchObject({ rows, broken: null })
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).sort()).toEqual(['copy.sqlite', 'data'])
    const db = new Sqlite(copy, { readonly: true })
    expect(db.prepare('SELECT * FROM counter').all()).toEqual([{ pendant: 'p-01', counter: 7 }])
    db.close()
  })

  it('says how many rows it has, and never writes over a file', async () => {
    expect(await tocsin('backup', '--data', data, '--to', copy)).toMatchObject({
      status: 0,
      out: expect.stringContaining(`${copy}: 3 rows, each as it was written`),
    })
    writeFileSync(copy, 'mine')
    const { status, err } = await tocsin('backup', '--data', data, '--to', copy)
    expect({ status, err }).toEqual({
      status: 1,
      err: `${copy}: expected no such file yet, came one: it is left as it is\n`,
    })
    expect(readFileSync(copy, 'utf8')).toBe('mine')
  })

  it('of a journal with a row that was altered writes nothing, and names the row', async () => {
    const db = new Sqlite(file)
    db.exec(`DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'somebody else' WHERE seq = 2`)
    db.close()
    await expect(backupJournal(file, copy)).rejects.toThrow(/row 2 was altered.*see tocsin repair/)
    expect(readdirSync(folder)).toEqual(['data'])
  })

  it('onto a disk that is full says so, and leaves nothing half written', async () => {
    const journal = openJournal(file)
    await journal.commit(plainBatch('much', 2_000))
    await journal.close()
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
    try {
      await expect(backupJournal(file, join(disk, 'copy.sqlite'))).rejects.toThrow(/the disk is full/)
      expect(readdirSync(disk)).toEqual([])
    } finally {
      spawnSync('umount', [disk])
    }
  })
})

describe('tocsin restore', () => {
  it('puts the copy back, keeps what was there, and the next start says what is not in it', async () => {
    await backupJournal(file, copy)
    const journal = openJournal(file)
    await journal.commit(plainBatch('later', 2))
    await journal.close()
    const { status, out } = await tocsin('restore', copy, '--data', data)
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('tocsin accept --by NAME') })
    const [aside = ''] = readdirSync(data).filter(name =>
      /before-restore-[^-]*-[^-]*-[^-]*-[^-]*-[^-]*Z$/.test(name),
    )
    expect(verifyJournal(join(data, aside))).toMatchObject({ rows: 5, broken: null, missing: null })
    const kinds = await kindsIn()
    expect(kinds).toEqual([
      'a',
      'b',
      'c',
      expect.objectContaining({ is: 'journal-cut', copy: 'copy.sqlite', file: aside }),
    ])
    // Said once: the note is of what stands there now.
    expect(await kindsIn()).toEqual(kinds)
    expect(verifyJournal(file)).toMatchObject({ broken: null, missing: null })
  })

  it('into an empty folder says that it is a copy; over a journal that has no row more, nothing is missing', async () => {
    await backupJournal(file, copy)
    expect(restoreJournal(copy, file, AT_MS)).toMatchObject({ missing: false, rows: 3 })
    expect(await kindsIn()).toEqual(['a', 'b', 'c'])
    rmSync(data, { recursive: true })
    expect(restoreJournal(copy, file, AT_MS)).toMatchObject({ missing: true, rows: 3, aside: null })
    expect(await kindsIn()).toMatchObject(['a', 'b', 'c', { is: 'journal-cut', noted: null }])
  })

  it('refuses while a gateway runs there, and a copy that is not whole, and changes nothing', async () => {
    await backupJournal(file, copy)
    const journal = openJournal(file)
    await expect(tocsin('restore', copy, '--data', data)).resolves.toMatchObject({
      status: 1,
      err: expect.stringContaining('is in use by process'),
    })
    await journal.close()
    const db = new Sqlite(copy)
    db.exec(`DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'somebody else' WHERE seq = 2`)
    db.close()
    expect(() => restoreJournal(copy, file, AT_MS)).toThrow(/row 2 was altered/)
    expect(await kindsIn()).toEqual(['a', 'b', 'c'])
    expect(existsSync(`${file}-next`)).toBe(false)
  })
})

describe('the accounts', () => {
  const HASH = '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E'
  const accounts: Account[] = [
    { id: 'dash', role: 'subscriber', addedAtMs: 1, revokedAtMs: 2 },
    { id: 'r-1', role: 'receiver', addedAtMs: 1, hash: HASH },
  ]
  let site: string
  let theirs: string
  beforeEach(async () => {
    site = join(folder, 'site.yaml')
    theirs = `${site}.accounts`
    await changeAccounts(theirs, () => accounts)
    await tocsin('backup', '--data', data, '--site', site, '--to', copy)
  })

  it('are copied beside the journal, for its owner alone, and put back where there are none', async () => {
    expect(readAccounts(`${copy}.accounts`)).toEqual(accounts)
    expect(statSync(`${copy}.accounts`).mode & 0o777).toBe(0o600)
    rmSync(theirs)
    const { status, out } = await tocsin('restore', copy, '--data', data, '--site', site)
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringContaining(`${theirs}: the accounts of ${copy}.accounts`),
    })
    expect(readAccounts(theirs)).toEqual(accounts)
    expect(statSync(theirs).mode & 0o777).toBe(0o600)
  })

  it('take the place of what is damaged, which is kept', async () => {
    writeFileSync(theirs, '{"v":1,')
    expect((await tocsin('restore', copy, '--data', data, '--site', site)).out).toContain(
      'could not be read, and lies in',
    )
    expect(readAccounts(theirs)).toEqual(accounts)
    const [aside = ''] = readdirSync(folder).filter(name => name.startsWith('site.yaml.accounts.damaged-'))
    expect(readFileSync(join(folder, aside), 'utf8')).toBe('{"v":1,')
  })

  it('never let in again who was revoked since the copy', async () => {
    const revoked = accounts.map(({ id, role, addedAtMs }) => ({ id, role, addedAtMs, revokedAtMs: 3 }))
    await changeAccounts(theirs, () => revoked)
    expect((await tocsin('restore', copy, '--data', data, '--site', site)).out).toContain('left as it is')
    expect(readAccounts(theirs)).toEqual(revoked)
  })

  it('that are damaged are copied nowhere, and neither is the journal; a copy that is there is left', async () => {
    const other = join(folder, 'other.sqlite')
    writeFileSync(`${other}.accounts`, 'mine')
    expect((await tocsin('backup', '--data', data, '--site', site, '--to', other)).err).toBe(
      `${other}.accounts: expected no such file yet, came one: it is left as it is\n`,
    )
    rmSync(`${other}.accounts`)
    writeFileSync(theirs, 'x')
    const { status, err } = await tocsin('backup', '--data', data, '--site', site, '--to', other)
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining('it is damaged') })
    expect(readdirSync(folder).filter(name => name.startsWith('other'))).toEqual([])
  })
})
