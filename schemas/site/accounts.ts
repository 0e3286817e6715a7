// Who may use the gateway's own broker: the file of accounts that lies beside a site file, and what each kind of them may do.
// Contract only; gateway/site/accounts reads and writes the file.
import { z } from 'zod'
import { Id } from '../fields.ts'

/** What the gateway tells programs stands under this, and a subscriber may read all of it and nothing else. */
export const OUT_PREFIX = 'tocsin/v1/out'
/** The second level of topics that are no receiver's: none may be called so. */
export const RESERVED_IDS: readonly string[] = ['gateway', 'out']

/** A receiver speaks on its own topics and hears its beacons; a subscriber reads what stands under OUT_PREFIX. */
export const ROLES = ['receiver', 'subscriber'] as const

const AtMs = z.number().int().min(0)
const Who = { id: Id, role: z.enum(ROLES), addedAtMs: AtMs }

/** scrypt in the PHC string format: $scrypt$ln=12,r=8,p=1$SALT$HASH, both in base64 without its padding. */
export const Hash = z
  .string()
  .max(256)
  .regex(
    /^\$scrypt\$ln=\d{1,2},r=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]{11,88}\$[A-Za-z0-9+/]{22,88}$/,
    'expected a hash like $scrypt$ln=12,r=8,p=1$…$…',
  )

/** One that was revoked stays, so that its old password in a site file opens nothing, and who tries it can be told why. */
export const Account = z.union([
  z.strictObject({ ...Who, hash: Hash }),
  z.strictObject({ ...Who, revokedAtMs: AtMs }),
])

export const AccountsFile = z.strictObject({
  v: z.literal(1),
  accounts: z
    .array(Account)
    .max(8_192)
    .refine(all => new Set(all.map(({ id }) => id)).size === all.length, 'expected each id once'),
})

export type Role = (typeof ROLES)[number]
export type Account = z.infer<typeof Account>
