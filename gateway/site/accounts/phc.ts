// Passwords and their hashes: scrypt (RFC 7914) as text in the PHC string format, as passlib and others write it. Promises that a
// hash from elsewhere makes nobody spend more memory or time than the bounds here say.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** N = 2^ln blocks of 128 · r bytes, p times over. */
export type Cost = { ln: number; r: number; p: number }

/** Of a password that we made: 144 random bits are not guessed, however cheap a guess is; some 9 ms, 4 MB. */
export const COST_OF_MADE: Cost = { ln: 12, r: 8, p: 1 }
/** Of one that a person chose: some 100 ms, 32 MB. */
export const COST_OF_CHOSEN: Cost = { ln: 15, r: 8, p: 1 }

const LN_MAX = 17
const R_MAX = 16
const P_MAX = 4
const SALT_BYTES = 16
const HASH_BYTES = 32
const PASSWORD_BYTES = 18

export const PASSWORD_LENGTH_MAX = 128

/** A new one of 24 letters, digits, - and _, which no command line takes for an option. */
export function newPassword(): string {
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  return password.startsWith('-') ? newPassword() : password
}

/** `salt` is random but where a test gives one. */
export async function hashOf(
  password: string | Buffer,
  cost: Cost,
  salt: Buffer = randomBytes(SALT_BYTES),
): Promise<string> {
  const hash = await derived(password, salt, HASH_BYTES, cost)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`
}

/** Null where it is none that we reckon with. */
export function parsedHash(text: string): { cost: Cost; salt: Buffer; hash: Buffer } | null {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text)
  if (match === null) return null
  const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number]
  const isBounded = ln >= 1 && ln <= LN_MAX && r >= 1 && r <= R_MAX && p >= 1 && p <= P_MAX
  const [salt, hash] = match.slice(4).map(each => Buffer.from(each, 'base64')) as [Buffer, Buffer]
  return isBounded && hash.length >= SALT_BYTES ? { cost: { ln, r, p }, salt, hash } : null
}

/** Whether it is the password of this hash, in a thread of Node's own; false for a hash that is none. */
export async function isPasswordOf(text: string, password: string | Buffer): Promise<boolean> {
  const of = parsedHash(text)
  if (of === null) return false
  return timingSafeEqual(await derived(password, of.salt, of.hash.length, of.cost), of.hash)
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

function derived(
  password: string | Buffer,
  salt: Buffer,
  length: number,
  { ln, r, p }: Cost,
): Promise<Buffer> {
  const N = 2 ** ln
  // What it needs, and as much again for what the library keeps beside it.
  const maxmem = 2 * 128 * r * (N + p)
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N, r, p, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
