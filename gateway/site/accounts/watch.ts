// The accounts while the gateway runs: looked at each second and whenever it is asked, taken up when they are others. Promises that
// a file which is damaged or gone takes nobody's account away, and that it is said.
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Account } from '../../../schemas/site/accounts.ts'
import type { Site } from '../../../schemas/site.ts'
import type { Clock, Log } from '../../ports.ts'
import { faultOfAccounts } from './advice.ts'
import { AccountsFailed, accountsFileOf, readAccounts } from './file.ts'

/** So long at most a revoked account still lets somebody in. */
const LOOK_EACH_MS = 1_000

export type AccountsWatch = {
  current(): readonly Account[]
  /** Looks now. Never throws: what is wrong is told. */
  look(): void
  /** Whose accounts they are from now on. */
  setSite(site: Site): void
  close(): void
}

export type AccountsWatchOptions = {
  siteFile: string
  site: Site
  clock: Clock
  log: Log
  onChanged(accounts: readonly Account[]): void
  /** What is wrong with them, for the desk; null where nothing is. Told again only when it is another thing. */
  tell(fault: string | null): void
}

/** Reads them at once; one that cannot be read then is none, and is told with the first look. */
export function watchAccounts(options: AccountsWatchOptions): AccountsWatch {
  const { siteFile, clock, log, onChanged, tell } = options
  let { site } = options
  let accounts: readonly Account[] = []
  let unread: string | null = null
  let seen = ''
  let told: string | null = null
  let isClosed = false
  let cancel = (): void => {}

  function read(): readonly Account[] {
    const file = accountsFileOf(siteFile)
    try {
      const next = readAccounts(file)
      unread = null
      if (next.length > 0 || accounts.length === 0 || existsSync(file)) return next
      unread = `The file of accounts ${file} is gone`
    } catch (error) {
      if (!(error instanceof AccountsFailed)) throw error
      unread = `The file of accounts cannot be used (${error.message})`
    }
    return accounts
  }

  function sayHow(): void {
    const fault =
      unread === null
        ? faultOfAccounts(site, accounts)
        : `${unread}. ${accounts.length === 0 ? 'Receivers with an account in it cannot come in' : 'The accounts of before count'}`
    if (fault === told) return
    told = fault
    if (fault !== null) log.error({ fault: 'accounts' }, fault)
    tell(fault)
  }

  function look(): void {
    const next = read()
    const isOther = !isDeepStrictEqual(next, accounts)
    accounts = next
    if (isOther) {
      log.info({ accounts: accounts.length }, 'the changed accounts count from now on')
      onChanged(accounts)
    }
    sayHow()
  }

  /** Read only where the file is another one: a look costs the engine's thread nothing, and waits for no disk. */
  async function watch(): Promise<void> {
    const now = await markOf(accountsFileOf(siteFile))
    if (isClosed) return
    if (now !== seen) look()
    seen = now
    cancel = clock.after(LOOK_EACH_MS, () => void watch())
  }

  accounts = read()
  cancel = clock.after(0, () => void watch())
  return {
    current: () => accounts,
    look,
    setSite(next) {
      site = next
      sayHow()
    },
    close() {
      isClosed = true
      cancel()
    },
  }
}

const markOf = (file: string): Promise<string> =>
  stat(file).then(
    ({ ino, size, mtimeMs, ctimeMs }) => [ino, size, mtimeMs, ctimeMs].join(),
    (error: unknown) => faultWords(error),
  )
