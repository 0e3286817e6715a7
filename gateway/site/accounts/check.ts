// The accounts beside a site, looked at as `tocsin check` and `tocsin doctor` do: whether the file can be used, who may read it, and
// what is odd in it. Changes nothing.
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Account } from '../../../schemas/site/accounts.ts'
import type { Site } from '../../../schemas/site.ts'
import type { SiteProblem } from '../read.ts'
import { accountsOdd, plainWords } from './advice.ts'
import { accountsFileOf, readAccounts } from './file.ts'

const OTHERS = 0o077

export type AccountsChecked = {
  accounts: readonly Account[]
  warnings: readonly SiteProblem[]
  /** What to do about passwords in plain text; null where there are none. */
  hint: string | null
}

/** Throws AccountsFailed where the file cannot be used. */
export function checkAccounts(site: Site, siteFile: string): AccountsChecked {
  const file = accountsFileOf(siteFile)
  const accounts = readAccounts(file)
  const of = { site, siteFile, accounts }
  const about = (name: string) => ({ file: basename(name), line: 0, column: 0, path: 'document' })
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
  const open: SiteProblem = {
    ...about(file),
    expected: 'a file that only its owner can read',
    came: `mode ${(mode & 0o777).toString(8)}`,
    mend: `passwords can be tried on its hashes: chmod 600 ${file}`,
  }
  const odd = accountsOdd(of).map(each => ({ ...about(siteFile), ...each }))
  return { accounts, warnings: [...((mode & OTHERS) === 0 ? [] : [open]), ...odd], hint: plainWords(of) }
}
