// needs: mounting
// The file of accounts: changed by many at once, damaged in every way, on a full disk, read-only, locked by a process that is gone.
import { spawnSync } from 'node:child_process'
import {
  chownSync,
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
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AccountsFailed, changeAccounts, readAccounts } from '../../../../gateway/site/accounts/file.ts'
import { locked, NotLocked } from '../../../../gateway/site/accounts/lock.ts'
import { changeSite } from '../../../../gateway/site/pendant.ts'
import type { Account } from '../../../../schemas/site/accounts.ts'

const NOBODY = 65_534
const HASH = '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E'
const account = (id: string): Account => ({ id, role: 'receiver', addedAtMs: 1, hash: HASH })
const added = (id: string) => (accounts: readonly Account[]) => [...accounts, account(id)]

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-accounts-'))
  file = join(folder, 'site.yaml.accounts')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('is not there, then is its owner’s alone, by id, and has nothing beside it', async () => {
  expect(readAccounts(file)).toEqual([])
  await changeAccounts(file, added('r-2'))
  await changeAccounts(file, added('r-1'))
  expect(readAccounts(file)).toEqual([account('r-1'), account('r-2')])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['site.yaml.accounts'])
})

it('loses nothing of thirty changes at once', async () => {
  const ids = Array.from({ length: 30 }, (_, i) => `r-${String(i).padStart(2, '0')}`)
  await Promise.all(ids.map(id => changeAccounts(file, added(id))))
  expect(readAccounts(file).map(({ id }) => id)).toEqual(ids)
  expect(readdirSync(folder)).toEqual(['site.yaml.accounts'])
})

it.each([
  ['an empty file', '', 'an empty file'],
  ['one that is cut short', '{"v":1,"acc', 'text that is no JSON, or is cut short'],
  ['another version', '{"v":2,"accounts":[]}', 'v: 2 in place of 1'],
  [
    'a hash that is none',
    JSON.stringify({ v: 1, accounts: [{ ...account('r-1'), hash: 'secret-as-it-is' }] }),
    'accounts[0]',
  ],
  [
    'a hash that would take all memory',
    JSON.stringify({ v: 1, accounts: [{ ...account('r-1'), hash: HASH.replace('ln=16', 'ln=31') }] }),
    'a hash of r-1 beyond what is reckoned with',
  ],
  ['one id twice', JSON.stringify({ v: 1, accounts: [account('r-1'), account('r-1')] }), 'each id once'],
])('%s is damaged: said without its secrets, and never written over', async (_name, text, came) => {
  writeFileSync(file, text)
  const said = (() => {
    try {
      readAccounts(file)
    } catch (error) {
      return error instanceof AccountsFailed ? error.message : String(error)
    }
    return 'nothing'
  })()
  expect(said).toContain(`${file}: expected the accounts as tocsin account writes them, came`)
  expect(said).toContain(came)
  expect(said).toContain('put it back from a copy')
  expect(said).not.toContain('secret-as-it-is')
  expect(said).not.toContain('nFNh2CVHV')
  await expect(changeAccounts(file, added('r-9'))).rejects.toThrow('it is damaged')
  expect(readFileSync(file, 'utf8')).toBe(text)
})

it('on a full disk says so, and is as it was', async () => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', disk])
  try {
    const there = join(disk, 'site.yaml.accounts')
    await changeAccounts(there, added('r-1'))
    const many = Array.from({ length: 400 }, (_, i) => account(`r-1${i}`))
    await expect(changeAccounts(there, () => many)).rejects.toThrow(
      `${there}: could not be written: the disk is full; it is as it was`,
    )
    expect(readAccounts(there)).toEqual([account('r-1')])
    spawnSync('sh', ['-c', `cat /dev/zero > ${disk}/fill`])
    await expect(changeAccounts(there, added('r-2'))).rejects.toThrow('the disk is full')
    expect(readAccounts(there)).toEqual([account('r-1')])
    expect(readdirSync(disk).sort()).toEqual(['fill', 'site.yaml.accounts'])
  } finally {
    spawnSync('umount', [disk])
  }
})

it('changed by root it belongs to whom it did, or to whom the site file does; so does the site file itself', async () => {
  const site = join(folder, 'site.yaml')
  writeFileSync(site, 'site: 1\n', { mode: 0o640 })
  chownSync(site, NOBODY, NOBODY)
  await changeAccounts(file, added('r-1'))
  await changeSite(site, text => `${text}# changed\n`)
  const owner = (path: string) => [statSync(path).uid, statSync(path).gid, statSync(path).mode & 0o777]
  expect([owner(file), owner(site)]).toEqual([
    [NOBODY, NOBODY, 0o600],
    [NOBODY, NOBODY, 0o640],
  ])
  chownSync(file, NOBODY - 1, NOBODY - 1)
  await changeAccounts(file, added('r-2'))
  expect(owner(file)).toEqual([NOBODY - 1, NOBODY - 1, 0o600])
})

it('what a change throws leaves the file as it was, and the next one its turn', async () => {
  await changeAccounts(file, added('r-1'))
  await expect(
    changeAccounts(file, () => {
      throw new Error('no such id')
    }),
  ).rejects.toThrow('no such id')
  await changeAccounts(file, added('r-2'))
  expect(readAccounts(file)).toHaveLength(2)
})

it('a lock of a process that is gone keeps nobody out; of one that runs it names it', async () => {
  const { pid } = spawnSync('true')
  writeFileSync(`${file}.lock`, String(pid))
  await changeAccounts(file, added('r-1'))
  expect(existsSync(`${file}.lock`)).toBe(false)
  writeFileSync(`${file}.lock`, String(process.ppid))
  const refused = await locked(file, async () => 'done', 50).catch(error => error)
  expect(refused).toBeInstanceOf(NotLocked)
  expect(refused.message).toContain(
    `process ${process.ppid} does; if that is none of tocsin's, delete ${file}.lock`,
  )
})
