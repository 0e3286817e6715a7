// The site of this bench: the small busy building, and receivers enough for a storm. Each has an account with a hash of its own.

import { accountsFileOf, changeAccounts } from '../../../gateway/site/accounts/file.ts'
import { COST_OF_MADE, hashOf } from '../../../gateway/site/accounts/phc.ts'
import type { Account } from '../../../schemas/site/accounts.ts'
import type { Site } from '../../../schemas/site.ts'
import { benchSite } from '../site.ts'

export const KINDS = ['payload', 'rate', 'connections', 'malformed', 'storm', 'wrong', 'unknown'] as const
export type Kind = (typeof KINDS)[number]

/** Those before are the building's own: r-0 presses, r-1 floods. */
export const STORM_FIRST = 8
export const RECEIVERS = STORM_FIRST + 500

export const passwordOf = (receiver: string): string => `a password of ${receiver}`

export function siteOfBench(sipPort: number): Site {
  const site = benchSite(sipPort)
  const receivers = Array.from({ length: RECEIVERS }, (_, i) => ({
    id: `r-${i}`,
    room: i % 2 === 0 ? 'hall' : 'interview',
  }))
  return { ...site, receivers }
}

/** Writes the accounts of this site beside its file, as `tocsin account add` would, one by one. */
export async function writeAccounts(siteFile: string): Promise<void> {
  const ids = Array.from({ length: RECEIVERS }, (_, i) => `r-${i}`)
  const made = await Promise.all(
    ids.map(
      async (id): Promise<Account> => ({
        ...{ id, role: 'receiver', addedAtMs: Date.now() },
        hash: await hashOf(passwordOf(id), COST_OF_MADE),
      }),
    ),
  )
  await changeAccounts(accountsFileOf(siteFile), () => made)
}
