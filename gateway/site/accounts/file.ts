// The file of accounts beside a site file: read whole, changed in one instant by one at a time. Promises that a change is in the
// file once it is told to be, that one which fails changes nothing, and that no hash stands in an error.
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { chown, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { codeOf, faultWords } from '../../../schemas/fault-words.ts'
import { type Account, AccountsFile } from '../../../schemas/site/accounts.ts'
import { mismatches, pathText, valueAt } from '../expected.ts'
import { locked } from './lock.ts'
import { parsedHash } from './phc.ts'

/** The accounts cannot be had, or cannot be changed; nothing was. */
export class AccountsFailed extends Error {
  override readonly name = 'AccountsFailed'
}

const OWNER_ONLY = 0o600
const BYTES_MAX = 4_194_304
const MEND = 'put it back from a copy, or move it away and make the accounts anew'

/** Where the accounts of a site lie, whether or not there are any yet. */
export function accountsFileOf(siteFile: string): string {
  try {
    return `${realpathSync(siteFile)}.accounts`
  } catch {
    return `${resolve(siteFile)}.accounts`
  }
}

/** None where there is no such file. Throws AccountsFailed where it cannot be read, or is damaged. */
export function readAccounts(file: string): Account[] {
  const text = readText(file)
  if (text === null) return []
  const value = parsedJson(file, text)
  const parsed = AccountsFile.safeParse(value)
  if (!parsed.success) {
    const [first] = mismatches(parsed.error, value)
    throw damaged(file, first === undefined ? 'something else' : amissWords(first, value))
  }
  const strange = parsed.data.accounts.find(each => 'hash' in each && parsedHash(each.hash) === null)
  if (strange !== undefined) throw damaged(file, `a hash of ${strange.id} beyond what is reckoned with`)
  return parsed.data.accounts
}

function readText(file: string): string | null {
  let opened: number | null = null
  try {
    opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const about = fstatSync(opened)
    if (!about.isFile()) throw damaged(file, 'a folder, a pipe or a device')
    if (about.size > BYTES_MAX) throw damaged(file, `${about.size} bytes`)
    return readFileSync(opened, 'utf8')
  } catch (cause) {
    if (cause instanceof AccountsFailed) throw cause
    if (codeOf(cause) === 'ENOENT') return null
    throw new AccountsFailed(`${file}: expected a file that can be read, came ${faultWords(cause)}`, {
      cause,
    })
  } finally {
    if (opened !== null) closeSync(opened)
  }
}

function parsedJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw damaged(file, text.trim() === '' ? 'an empty file' : 'text that is no JSON, or is cut short')
  }
}

const damaged = (file: string, came: string): AccountsFailed =>
  new AccountsFailed(
    `${file}: expected the accounts as tocsin account writes them, came ${came}; it is damaged: ${MEND}`,
  )

/** Where, and what was expected. What came stands there only where it can be no part of a hash. */
function amissWords({ path, expected, came }: ReturnType<typeof mismatches>[number], value: unknown): string {
  const secret = valueAt(value, path)
  const shown = typeof secret === 'string' ? `text of ${secret.length} characters` : came
  return `${pathText(path)}: ${shown} in place of ${expected}`
}

/**
 * Changes the accounts in one instant, after whoever else is changing them now. `change` is given those of now; what it throws is
 * thrown on. Throws AccountsFailed.
 */
export function changeAccounts(
  file: string,
  change: (accounts: readonly Account[]) => readonly Account[],
): Promise<void> {
  return locked(file, async () => {
    await replace(file, accountsFileText(change(readAccounts(file))))
  })
}

/** The file as it is written: by id, so that two states can be compared by eye. */
export function accountsFileText(accounts: readonly Account[]): string {
  const sorted = [...accounts].sort((a, b) => (a.id < b.id ? -1 : 1))
  return `${JSON.stringify({ v: 1, accounts: sorted }, null, 2)}\n`
}

async function replace(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.new`
  try {
    const handle = await open(unfinished, 'wx', OWNER_ONLY)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await giveToOwner(unfinished, file)
    await rename(unfinished, file)
    await syncFolder(dirname(file))
  } catch (cause) {
    await rm(unfinished, { force: true })
    if (codeOf(cause) === null) throw cause
    throw new AccountsFailed(`${file}: could not be written: ${faultWords(cause)}; it is as it was`, {
      cause,
    })
  }
}

/** Written by root, it is the gateway's all the same: it belongs to whom it did, or to whom the site file or its folder does. */
async function giveToOwner(unfinished: string, file: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const about = [file, file.replace(/\.accounts$/, ''), dirname(file)]
    .map(each => statSync(each, { throwIfNoEntry: false }))
    .find(each => each !== undefined)
  if (about !== undefined) await chown(unfinished, about.uid, about.gid)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
