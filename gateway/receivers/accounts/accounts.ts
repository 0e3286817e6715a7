// Who may use the broker: ids and passwords in, whether they fit out. Promises that the time of an answer says nothing about a
// password or about which ids exist; that one which was proved before costs no more than a digest; and that one which was not
// keeps nobody else waiting (slow.ts).
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Account, Role } from '../../../schemas/site/accounts.ts'
import type { Receiver } from '../../../schemas/site.ts'
import type { Clock } from '../../ports.ts'
import { COST_OF_MADE, hashOf, isPasswordOf } from '../../site/accounts/phc.ts'
import { digestOf, type Entry, entriesOf } from './entries.ts'
import { knownPasswords, type Memory, newMemory, type Proved } from './known.ts'
import { slowProofs } from './slow.ts'

/** `changed`: it was about to be proved when the account became another; `busy`: come again. */
export type Verdict = 'right' | 'wrong' | 'unknown' | 'revoked' | 'changed' | 'busy'

export type Login = {
  account: string
  password: Buffer | undefined
  /** The address that it comes from. */
  from: string
  isWanted(): boolean
}

export type Accounts = {
  roleOf(account: string): Role | undefined
  /** When it was revoked; undefined where it was not. */
  revokedAtMs(account: string): number | undefined
  admits(login: Login): Promise<Verdict>
  /**
   * Takes over others. Who was let in by an account that is gone, or has another password, is handed to `expel`; now, or once
   * that is known.
   */
  use(site: AccountsSite, expel: (account: string) => void): void
  close(): void
}

export type AccountsSite = {
  receivers: readonly Pick<Receiver, 'id' | 'password' | 'radio'>[]
  accounts?: readonly Account[]
}

export type AccountsOptions = {
  site: AccountsSite
  clock: Clock
  memory?: Memory
  onProved?(proved: Proved): void
}

/** A core stays free for whoever decides, and half of Node's threads for its files. */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1))

export function accountsOf({ site, clock, memory = newMemory(), onProved }: AccountsOptions): Accounts {
  let entries = entriesOf(site.receivers, site.accounts ?? [])
  const slow = slowProofs(clock, AT_ONCE)
  const known = knownPasswords(memory, onProved)
  const nobody = hashOf(randomBytes(32), COST_OF_MADE)

  /** As much as of an account that is there. */
  async function unproved(login: Login, verdict: 'unknown' | 'revoked'): Promise<Verdict> {
    const { password = NONE } = login
    if ([...entries.values()].every(({ is }) => is === 'plain')) {
      timingSafeEqual(digestOf(password), digestOf(''))
      return verdict
    }
    const run = async (): Promise<false> => {
      await isPasswordOf(await nobody, password)
      return false
    }
    return (await slow.prove({ ...login, account: '', run })) === 'busy' ? 'busy' : verdict
  }

  async function proved(login: Login, hash: string): Promise<Verdict> {
    const { account, password = NONE } = login
    const before = known.verdictOn(account, hash, password)
    if (before !== undefined) return before
    const outcome = await slow.prove({ ...login, run: () => isPasswordOf(hash, password) })
    if (outcome === 'busy') return 'busy'
    const now = entries.get(account)
    if (now?.is !== 'hashed' || now.hash !== hash) return 'changed'
    known.learn(account, hash, password, outcome)
    return outcome ? 'right' : 'wrong'
  }

  /** Null where it is as before; otherwise whether whoever came in by it stays, which may take time to know. */
  function stays(account: string, before: Entry): null | false | (() => Promise<boolean>) {
    const after = entries.get(account)
    if (after !== undefined && isSame(before, after)) return null
    known.forget(account)
    if (before.is !== 'plain' || after?.is !== 'hashed') return false
    // The same password, once in plain text and now as a hash.
    return async () => {
      const isRight = await isPasswordOf(after.hash, before.password)
      if (isRight) known.learn(account, after.hash, before.password, true)
      return isRight
    }
  }

  return {
    roleOf: account => entries.get(account)?.role,
    revokedAtMs(account) {
      const entry = entries.get(account)
      return entry?.is === 'revoked' ? entry.sinceMs : undefined
    },
    async admits(login) {
      const entry = entries.get(login.account)
      if (entry?.is === 'plain')
        return timingSafeEqual(entry.digest, digestOf(login.password ?? NONE)) ? 'right' : 'wrong'
      if (entry?.is === 'hashed') return proved(login, entry.hash)
      return unproved(login, entry === undefined ? 'unknown' : 'revoked')
    },
    use(next, expel) {
      const before = [...entries]
      entries = entriesOf(next.receivers, next.accounts ?? [])
      const verdicts = before.map(([account, entry]) => ({ account, stays: stays(account, entry) }))
      for (const each of verdicts) if (each.stays === false) expel(each.account)
      void (async () => {
        for (const each of verdicts)
          if (typeof each.stays === 'function' && !(await each.stays())) expel(each.account)
      })()
    },
    close: slow.close,
  }
}

const NONE = Buffer.alloc(0)

const isSame = (a: Entry, b: Entry): boolean =>
  a.role === b.role &&
  ((a.is === 'plain' && b.is === 'plain' && a.digest.equals(b.digest)) ||
    (a.is === 'hashed' && b.is === 'hashed' && a.hash === b.hash) ||
    (a.is === 'revoked' && b.is === 'revoked'))
