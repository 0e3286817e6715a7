// What is amiss between a site file and its accounts: receivers that cannot come in, accounts that nobody has, passwords in plain
// text. A site, its accounts and who may read them in; sentences out. Pure.
import type { Account } from '../../../schemas/site/accounts.ts'
import type { Site } from '../../../schemas/site.ts'

const NAMED_MAX = 8

export type AccountsOf = { site: Site; siteFile: string; accounts: readonly Account[] }

/** Receivers that no account lets in, and none did: one that was revoked is meant to be out. */
export function withoutAccount({ receivers, broker }: Site, accounts: readonly Account[]): string[] {
  if (broker !== undefined) return []
  const known = new Set(accounts.map(({ id }) => id))
  return receivers.flatMap(({ id, password, radio }) =>
    password === undefined && radio === undefined && !known.has(id) ? [id] : [],
  )
}

/** Those whose password stands in the site file and counts there. */
export const plainIn = ({ receivers, broker }: Site, accounts: readonly Account[]): string[] => {
  const known = new Set(accounts.map(({ id }) => id))
  return broker !== undefined
    ? []
    : receivers.flatMap(({ id, password }) => (password !== undefined && !known.has(id) ? [id] : []))
}

/** What to look at; `mend` where what to do is not plain. */
export type Odd = { expected: string; came: string; mend?: string }

/** All that deserves a second look. */
export function accountsOdd({ site, siteFile, accounts }: AccountsOf): Odd[] {
  const receivers = new Map(site.receivers.map(each => [each.id, each]))
  const without = withoutAccount(site, accounts)
  const odd: (Odd & { of: readonly string[] })[] = [
    {
      of: without,
      expected: `an account of ${listed(without)}`,
      came: `none: ${without.length === 1 ? 'it' : 'they'} cannot come in`,
      mend: `tocsin account add ${without[0]} --site ${siteFile}`,
    },
  ]
  const about = (isOdd: (account: Account) => boolean, expected: string, came: string): void => {
    const of = accounts.filter(isOdd).map(({ id }) => id)
    odd.push({ of, expected, came: `${came} of ${listed(of)}` })
  }
  about(
    ({ id, role }) => role === 'receiver' && !receivers.has(id),
    'a receiver of the site for each receiver’s account',
    'an account that lets nobody in,',
  )
  about(
    ({ id, role }) => role === 'subscriber' && receivers.has(id),
    'no receiver of a subscriber’s name',
    'an account that lets nobody in,',
  )
  about(
    ({ id }) => receivers.get(id)?.password !== undefined,
    'no password in the site file beside an account, which alone counts',
    'that',
  )
  about(
    ({ id }) => receivers.get(id)?.radio !== undefined,
    'no account for a radio of this machine, which needs none',
    'that',
  )
  return odd.filter(({ of }) => of.length > 0).map(({ of: _, ...each }) => each)
}

/** How to move them; null where none is left. */
export function plainWords({ site, siteFile, accounts }: AccountsOf): string | null {
  const { length } = plainIn(site, accounts)
  if (length === 0) return null
  const whose =
    length === 1 ? 'The password of 1 receiver stands' : `The passwords of ${length} receivers stand`
  return `${whose} in plain text in the site file. As hashes beside it: tocsin account take --site ${siteFile}`
}

/** For the desk: who hears pendants and cannot come in. Null where all can. */
export function faultOfAccounts(site: Site, accounts: readonly Account[]): string | null {
  const without = withoutAccount(site, accounts)
  if (without.length === 0) return null
  const one = without.length === 1
  return `${listed(without)}: ${one ? 'this receiver has' : 'these receivers have'} no account, so ${one ? 'it cannot' : 'they cannot'} come in and no pendant is heard by ${one ? 'it' : 'them'}. Give ${one ? 'it' : 'each'} one (tocsin account add), or put the file of accounts back`
}

function listed(ids: readonly string[]): string {
  const more = ids.length > NAMED_MAX ? ` and ${ids.length - NAMED_MAX} more` : ''
  return `${ids.slice(0, NAMED_MAX).join(', ')}${more}`
}
