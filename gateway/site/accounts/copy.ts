// The file of accounts beside a copy of the journal, and back in its place. Promises that a sound file is never written over: an old
// copy would let in again whoever was revoked since.
import { existsSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Account } from '../../../schemas/site/accounts.ts'
import { AccountsFailed, accountsFileOf, accountsFileText, changeAccounts, readAccounts } from './file.ts'

const OWNER_ONLY = 0o600

/** Where the accounts lie beside a copy of the journal. */
export const accountsBeside = (copy: string): string => `${copy}.accounts`

/** What is to be copied; throws AccountsFailed where it is damaged, or something lies where the copy would. */
export function accountsToCopy(siteFile: string, copy: string): readonly Account[] {
  const to = accountsBeside(copy)
  if (existsSync(to))
    throw new AccountsFailed(`${to}: expected no such file yet, came one: it is left as it is`)
  return readAccounts(accountsFileOf(siteFile))
}

/** Throws AccountsFailed, and then there is none. */
export async function copyAccounts(accounts: readonly Account[], copy: string): Promise<void> {
  const to = accountsBeside(copy)
  try {
    const handle = await open(to, 'wx', OWNER_ONLY)
    try {
      await handle.writeFile(accountsFileText(accounts))
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    rmSync(to, { force: true })
    throw new AccountsFailed(`${to}: could not be written: ${faultWords(cause)}`, { cause })
  }
}

/**
 * `put`: they are in their place; what could not be read there lies in `aside`. `left`: there is a sound file with others. `same`,
 * `none`: there was nothing to do, or no copy.
 */
export type PutBack = { is: 'put' | 'left' | 'same' | 'none'; file: string; aside: string | null }

/** Throws AccountsFailed where the copy is damaged. */
export async function putBackAccounts(copy: string, siteFile: string, atMs: number): Promise<PutBack> {
  const file = accountsFileOf(siteFile)
  const from = accountsBeside(copy)
  if (!existsSync(from)) return { is: 'none', file, aside: null }
  const accounts = readAccounts(from)
  const there = soundIn(file)
  if (there !== null && there.length > 0) {
    const isSame = accountsFileText(there) === accountsFileText(accounts)
    return { is: isSame ? 'same' : 'left', file, aside: null }
  }
  const aside =
    there === null ? `${file}.damaged-${new Date(atMs).toISOString().replace(/[:.]/g, '-')}` : null
  if (aside !== null) renameSync(file, aside)
  await changeAccounts(file, () => accounts)
  return { is: 'put', file, aside }
}

/** Null where it cannot be read. */
function soundIn(file: string): Account[] | null {
  try {
    return readAccounts(file)
  } catch (error) {
    if (!(error instanceof AccountsFailed)) throw error
    return null
  }
}
