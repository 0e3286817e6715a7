// Who has an account on the gateway's own broker, and what opens it: a site's receivers and the file of accounts in, one entry for
// each id out. Pure.
import { createHash } from 'node:crypto'
import type { Account, Role } from '../../../schemas/site/accounts.ts'
import type { Receiver } from '../../../schemas/site.ts'

export type Entry = { role: Role } & (
  | { is: 'plain'; digest: Buffer; password: string }
  | { is: 'hashed'; hash: string }
  | { is: 'revoked'; sinceMs: number }
)

/** What counts is the file of accounts; a password in the site file only where nothing stands there of its receiver. */
export function entriesOf(
  receivers: readonly Pick<Receiver, 'id' | 'password' | 'radio'>[],
  accounts: readonly Account[],
): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  const all = new Map(receivers.map(each => [each.id, each]))
  for (const { id, password } of receivers)
    if (password !== undefined)
      entries.set(id, { is: 'plain', role: 'receiver', digest: digestOf(password), password })
  for (const account of accounts) {
    const { id, role } = account
    const isReceiver = all.has(id) && all.get(id)?.radio === undefined
    if (role === 'receiver' ? !isReceiver : all.has(id)) continue
    if ('hash' in account) entries.set(id, { is: 'hashed', role, hash: account.hash })
    else entries.set(id, { is: 'revoked', role, sinceMs: account.revokedAtMs })
  }
  return entries
}

/** Digests have one length, which a constant-time comparison needs. */
export const digestOf = (password: string | Buffer): Buffer => createHash('sha256').update(password).digest()
