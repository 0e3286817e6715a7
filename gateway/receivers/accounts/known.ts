// Passwords that were proved or refuted before: each costs a digest from then on. In memory alone, under a key of this process, so
// that nobody can try passwords on what is remembered without it; each is bound to the hash that it was proved by.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What was proved, for the next thread. */
export type Memory = { key: Uint8Array; proved: readonly Proved[] }
export type Proved = { account: string; digest: Uint8Array }

export const newMemory = (): Memory => ({ key: randomBytes(32), proved: [] })

/** Wrong ones of an account that are remembered: a box that is set wrong asks again for ever. */
const WRONG_MAX = 8

export type KnownPasswords = {
  /** Undefined where it is not known. */
  verdictOn(account: string, hash: string, password: string | Buffer): 'right' | 'wrong' | undefined
  learn(account: string, hash: string, password: string | Buffer, isRight: boolean): void
  forget(account: string): void
}

export function knownPasswords(memory: Memory, onProved?: (proved: Proved) => void): KnownPasswords {
  const right = new Map<string, Buffer>(
    memory.proved.map(({ account, digest }) => [account, Buffer.from(digest)] as const),
  )
  const wrong = new Map<string, Buffer[]>()
  const keyed = (account: string, hash: string, password: string | Buffer): Buffer =>
    createHmac('sha256', memory.key).update(`${account}\0${hash}\0`).update(password).digest()
  return {
    verdictOn(account, hash, password) {
      const digest = keyed(account, hash, password)
      const proved = right.get(account)
      if (proved !== undefined && timingSafeEqual(proved, digest)) return 'right'
      return wrong.get(account)?.some(each => timingSafeEqual(each, digest)) ? 'wrong' : undefined
    },
    learn(account, hash, password, isRight) {
      const digest = keyed(account, hash, password)
      if (!isRight) {
        wrong.set(account, [...(wrong.get(account) ?? []), digest].slice(-WRONG_MAX))
        return
      }
      right.set(account, digest)
      onProved?.({ account, digest })
    },
    forget(account) {
      right.delete(account)
      wrong.delete(account)
    },
  }
}
