// Accounts made, renewed, revoked and taken over from a site file. Promises that each is in the file of accounts once it is told to
// be, and that one which is refused changed nothing.
import type { Account, Role } from '../../../schemas/site/accounts.ts'
import type { Receiver, Site } from '../../../schemas/site.ts'
import { accountsFileOf, changeAccounts, readAccounts } from '../../site/accounts/file.ts'
import { COST_OF_CHOSEN, hashOf } from '../../site/accounts/phc.ts'
import { withoutPasswords } from '../../site/passwords.ts'
import { changeSite } from '../../site/pendant.ts'
import { readSite } from '../../site/read.ts'
import { keptIn, type Password } from './password.ts'
import { AccountRefused } from './refused.ts'

const NAMED_MAX = 12

export type Adding = {
  siteFile: string
  id: string
  /** Where left out: a receiver of the site has a receiver's. */
  role?: Role
  password: Password
  /** The file that its password goes into. */
  out?: string
  /** One that is there, or was revoked, has this password from now on. */
  isRenewed?: boolean
}

/** Answers its role. Throws SiteRefused, AccountRefused, AccountsFailed or NotLocked. */
export async function addAccount({ siteFile, id, password, out, ...asked }: Adding): Promise<Role> {
  const site = readSite(siteFile)
  const role = roleFor(site, id, asked.role)
  const { isRenewed = false } = asked
  const plain = site.receivers.find(receiver => receiver.id === id)?.password
  const refuseSecond = (accounts: readonly Account[]): void => {
    const before = accounts.find(each => each.id === id)
    if (isRenewed || (before === undefined && plain === undefined)) return
    if (before === undefined)
      throw new AccountRefused(
        `${id}: expected no password in the site file yet, and one stands there: tocsin account take ${id}, or with --renew a new one`,
      )
    const came = 'hash' in before ? 'it has one' : 'one that was revoked'
    throw new AccountRefused(
      `${id}: expected no account yet, and ${came}: with --renew it gets a new password`,
    )
  }
  const file = accountsFileOf(siteFile)
  refuseSecond(readAccounts(file))
  const account: Account = {
    id,
    role,
    addedAtMs: Date.now(),
    hash: await hashOf(password.text, password.cost),
  }
  await keptIn(out, password, isRenewed, () =>
    changeAccounts(file, accounts => {
      refuseSecond(accounts)
      return [...accounts.filter(each => each.id !== id), account]
    }),
  )
  return role
}

function roleFor({ receivers, broker }: Site, id: string, asked: Role | undefined): Role {
  const receiver = receivers.find(each => each.id === id)
  if (asked === 'subscriber') {
    if (receiver === undefined) return asked
    throw new AccountRefused(`${id}: expected a name of its own for a subscriber, came that of a receiver`)
  }
  if (receiver === undefined)
    throw new AccountRefused(
      `${id}: expected the id of a receiver of the site (${namesOf(receivers)}); for a program that only reads: --role subscriber`,
    )
  if (broker !== undefined)
    throw new AccountRefused(
      `${id}: expected receivers that come in to the gateway's own broker, and the site file names one outside: its accounts count`,
    )
  if (receiver.radio !== undefined)
    throw new AccountRefused(
      `${id}: expected a receiver of its own, came a radio of this machine, which needs no account`,
    )
  return 'receiver'
}

function namesOf(receivers: readonly Receiver[]): string {
  const ids = receivers.filter(({ radio }) => radio === undefined).map(({ id }) => id)
  const more = ids.length > NAMED_MAX ? `, and ${ids.length - NAMED_MAX} more` : ''
  return `there are ${ids.slice(0, NAMED_MAX).join(', ')}${more}`
}

/** Answers whether it was not revoked before. Throws as `addAccount` does. */
export async function revokeAccount(siteFile: string, id: string): Promise<boolean> {
  // A site that is refused keeps nobody from revoking; of an account that stands there its name is enough.
  const isPlain = () =>
    readSite(siteFile).receivers.some(each => each.id === id && each.password !== undefined)
  let isNew = true
  await changeAccounts(accountsFileOf(siteFile), accounts => {
    const account = accounts.find(each => each.id === id)
    if (account !== undefined && !('hash' in account)) {
      isNew = false
      return accounts
    }
    if (account === undefined && !isPlain())
      throw new AccountRefused(`${id}: expected an account that there is (${accountNames(accounts)})`)
    const { role = 'receiver', addedAtMs = Date.now() } = account ?? {}
    return [...accounts.filter(each => each.id !== id), { id, role, addedAtMs, revokedAtMs: Date.now() }]
  })
  return isNew
}

function accountNames(accounts: readonly Account[]): string {
  const ids = accounts.filter(each => 'hash' in each).map(({ id }) => id)
  return ids.length === 0 ? 'there is none' : `there are ${ids.slice(0, NAMED_MAX).join(', ')}`
}

/**
 * Passwords in the site file become hashes beside it; they stay what they are. Of these receivers, or of all where none is named.
 * Answers which. Throws as `addAccount` does, and SiteNotChanged.
 */
export async function takeOver(siteFile: string, ids: readonly string[]): Promise<string[]> {
  const { receivers } = readSite(siteFile)
  const plain = receivers.filter(({ password }) => password !== undefined)
  const strange = ids.find(id => !plain.some(each => each.id === id))
  if (strange !== undefined)
    throw new AccountRefused(`${strange}: expected a receiver whose password stands in the site file`)
  const taken = ids.length === 0 ? plain : plain.filter(({ id }) => ids.includes(id))
  const made: Account[] = []
  for (const { id, password = '' } of taken)
    made.push({ id, role: 'receiver', addedAtMs: Date.now(), hash: await hashOf(password, COST_OF_CHOSEN) })
  if (made.length === 0) return []
  // First beside it: who reads both meanwhile finds the same password twice.
  await changeAccounts(accountsFileOf(siteFile), accounts => {
    const known = new Set(accounts.map(({ id }) => id))
    return [...accounts, ...made.filter(({ id }) => !known.has(id))]
  })
  const all = new Set(taken.map(({ id }) => id))
  await changeSite(siteFile, (text, name) => withoutPasswords(text, name, all))
  return [...all]
}
