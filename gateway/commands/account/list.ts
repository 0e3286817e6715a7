// The accounts of a site as a person looks at them: who, as what, since when, last here when, and what it may say and read. Never a
// password, never a hash.

import { topicOf } from '../../../schemas/report.ts'
import { type Account, OUT_PREFIX, type Role } from '../../../schemas/site/accounts.ts'
import type { Receiver, Site } from '../../../schemas/site.ts'
import { speakerOf } from '../../receivers/speaker.ts'

export type Listed = {
  id: string
  role: Role
  /** `plain`: its password stands in the site file; `none`: a receiver without an account; `idle`: nobody has it. */
  is: 'account' | 'plain' | 'none' | 'idle' | 'revoked'
  addedAtMs: number | null
  revokedAtMs: number | null
  /** Null where it is not known. */
  lastConnectedAtMs: number | null
  publishes: readonly string[]
  reads: readonly string[]
}

export function listed(
  { receivers }: Site,
  accounts: readonly Account[],
  seen: ReadonlyMap<string, number>,
): Listed[] {
  const byId = new Map(accounts.map(each => [each.id, each]))
  const ofSite = receivers.filter(({ radio }) => radio === undefined)
  const ids = new Set(ofSite.map(({ id }) => id))
  const about = (id: string, account: Account | undefined) => ({
    id,
    addedAtMs: account?.addedAtMs ?? null,
    revokedAtMs: account !== undefined && 'revokedAtMs' in account ? account.revokedAtMs : null,
    lastConnectedAtMs: seen.get(id) ?? null,
  })
  return [
    ...ofSite.map((receiver): Listed => {
      const account = byId.get(receiver.id)
      const is = account === undefined ? (receiver.password === undefined ? 'none' : 'plain') : isOf(account)
      return { ...about(receiver.id, account), is, role: 'receiver', ...mayOf(is, receiver) }
    }),
    ...accounts
      .filter(({ id }) => !ids.has(id))
      .map((account): Listed => {
        const is = isOf(account) === 'account' && account.role === 'receiver' ? 'idle' : isOf(account)
        const reads = is === 'account' ? [`${OUT_PREFIX}/…`] : []
        return { ...about(account.id, account), is, role: account.role, publishes: [], reads }
      }),
  ]
}

const isOf = (account: Account): 'account' | 'revoked' => ('hash' in account ? 'account' : 'revoked')

function mayOf(is: Listed['is'], receiver: Receiver): Pick<Listed, 'publishes' | 'reads'> {
  if (is !== 'account' && is !== 'plain') return { publishes: [], reads: [] }
  const isOurs = receiver.foreign === undefined && receiver.espresense === undefined
  return { publishes: speakerOf(receiver).says, reads: isOurs ? [topicOf(receiver.id, 'beacon')] : [] }
}

const IS: Readonly<Record<Listed['is'], string>> = {
  account: '',
  plain: 'its password stands in the site file in plain text (tocsin account take)',
  none: 'has no account: it cannot come in (tocsin account add)',
  idle: 'lets nobody in: no receiver of the site has this id',
  revoked: 'revoked',
}

/** One line for each. */
export function listText(all: readonly Listed[], isSeenKnown: boolean): string {
  const width = Math.max(0, ...all.map(({ id }) => id.length))
  return all
    .map(each => `${each.id.padEnd(width)}  ${each.role.padEnd(10)}  ${aboutOf(each, isSeenKnown)}`)
    .join('\n')
}

function aboutOf(
  { is, addedAtMs, revokedAtMs, lastConnectedAtMs, ...may }: Listed,
  isSeenKnown: boolean,
): string {
  const last = lastConnectedAtMs === null ? 'not seen yet' : `last came in ${minuteOf(lastConnectedAtMs)}`
  const parts = [
    ...(is === 'revoked' && revokedAtMs !== null ? [`revoked ${minuteOf(revokedAtMs)}`] : [IS[is]]),
    ...(is === 'account' && addedAtMs !== null ? [`added ${minuteOf(addedAtMs)}`] : []),
    ...(is === 'none' || is === 'idle' ? [] : [isSeenKnown ? last : '']),
    ...(may.publishes.length === 0 ? [] : [`publishes ${may.publishes.join(', ')}`]),
    ...(may.reads.length === 0 ? [] : [`reads ${may.reads.join(', ')}`]),
  ]
  return parts.filter(part => part !== '').join('; ')
}

const minuteOf = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
