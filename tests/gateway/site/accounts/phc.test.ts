// Hashes of passwords: a vector that another program made, what is refused of a strange one, and what a new password is made of.
import { expect, it } from 'vitest'
import {
  COST_OF_CHOSEN,
  COST_OF_MADE,
  hashOf,
  isPasswordOf,
  newPassword,
  parsedHash,
} from '../../../../gateway/site/accounts/phc.ts'
import { Hash } from '../../../../schemas/site/accounts.ts'

/** Of passlib's documentation of its scrypt (https://passlib.readthedocs.io/en/stable/lib/passlib.hash.scrypt.html). */
const PASSLIB = '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E'

it('reads what another program wrote, and writes the same', async () => {
  expect(await isPasswordOf(PASSLIB, 'password')).toBe(true)
  expect(await isPasswordOf(PASSLIB, 'Password')).toBe(false)
  const salt = Buffer.from('aM15713r3Xsvxbi31lqr1Q', 'base64')
  expect(await hashOf('password', { ln: 16, r: 8, p: 1 }, salt)).toBe(PASSLIB)
  expect(Hash.safeParse(PASSLIB).success).toBe(true)
})

it.each([COST_OF_MADE, COST_OF_CHOSEN])('has its cost and a salt of its own in it: ln=$ln', async cost => {
  const [one, other] = [await hashOf('a password', cost), await hashOf('a password', cost)]
  expect(one).toMatch(new RegExp(`^\\$scrypt\\$ln=${cost.ln},r=${cost.r},p=${cost.p}\\$`))
  expect(one).not.toBe(other)
  expect(Hash.safeParse(one).success).toBe(true)
  expect([await isPasswordOf(one, 'a password'), await isPasswordOf(one, 'a passwort')]).toEqual([
    true,
    false,
  ])
})

it.each([
  ['more memory than is reckoned with', PASSLIB.replace('ln=16', 'ln=24')],
  ['blocks that are too long', PASSLIB.replace('r=8', 'r=99')],
  ['too many rounds', PASSLIB.replace('p=1', 'p=64')],
  ['no rounds', PASSLIB.replace('p=1', 'p=0')],
  ['a hash that anything might fit', PASSLIB.replace(/\$[^$]*$/, '$AAAA')],
  ['another way to hash', PASSLIB.replace('scrypt', 'argon2id')],
  ['nothing', ''],
])('%s is none, and no password fits it', async (_name, text) => {
  expect(parsedHash(text)).toBeNull()
  expect(await isPasswordOf(text, 'password')).toBe(false)
})

it('makes passwords that differ, and that no command line takes for an option', () => {
  const made = Array.from({ length: 500 }, newPassword)
  expect(new Set(made).size).toBe(made.length)
  for (const each of made) expect(each).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{23}$/)
})
