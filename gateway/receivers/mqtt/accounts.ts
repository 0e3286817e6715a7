// Who may use the broker: a receiver's id and its password from the site file.
// Promises that the time an answer takes says nothing about the password or about which ids exist.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Receiver } from '../../../schemas/site.ts'

export type Accounts = {
  has(receiver: string): boolean
  /** Whether this is the receiver's password; false for an unknown receiver too. */
  admits(receiver: string, password: Buffer | undefined): boolean
  /** Whether both know this receiver by the same password (false where either doesn't know it). */
  agreesWith(other: Accounts, receiver: string): boolean
  readonly digests: ReadonlyMap<string, Buffer>
}

/** The accounts of a site's receivers: those that have a password. */
export function accountsOf(receivers: readonly Pick<Receiver, 'id' | 'password'>[]): Accounts {
  const digests = new Map(
    receivers.flatMap(({ id, password }) =>
      password === undefined ? [] : [[id, digest(password)] as const],
    ),
  )
  const nobody = randomBytes(32)
  return {
    digests,
    has: receiver => digests.has(receiver),
    admits: (receiver, password) => timingSafeEqual(digests.get(receiver) ?? nobody, digest(password ?? '')),
    agreesWith: (other, receiver) => {
      const [ours, theirs] = [digests.get(receiver), other.digests.get(receiver)]
      return ours !== undefined && theirs !== undefined && ours.equals(theirs)
    },
  }
}

/** Digests have one length, which a constant-time comparison needs. */
const digest = (password: string | Buffer): Buffer => createHash('sha256').update(password).digest()
