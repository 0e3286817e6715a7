// The chain that makes the journal tamper-evident: each row's hash covers the hash before it and the row, of its body only
// the hash. So a changed, removed, added or moved row is found, and a body that was erased leaves the chain whole.
import { createHash, randomBytes } from 'node:crypto'

/**
 * One journal row as it stands in the table. `body` is the change as JSON text, null where it was erased; `salt` is erased with
 * it, without which a body of few possibilities could be guessed from its hash.
 */
export type Row = {
  seq: number
  atMs: number
  actor: string
  isWhat: string
  body: string | null
  salt: string
  bodyHash: string
  hash: string
}

/** Stands before the first row. */
export const GENESIS_HASH = '0'.repeat(64)
const SALT_BYTES = 12

export const newSalt = (): string => randomBytes(SALT_BYTES).toString('hex')

/** SHA-256 over the salt and the body's text, as hex. */
export const hashOfBody = (salt: string, body: string): string =>
  createHash('sha256').update(salt).update(body).digest('hex')

/** SHA-256 over the previous hash and the row's canonical text (a JSON array), as hex. */
export function rowHash(previousHash: string, row: Omit<Row, 'hash' | 'body' | 'salt'>): string {
  const canonical = JSON.stringify([row.seq, row.atMs, row.actor, row.isWhat, row.bodyHash])
  return createHash('sha256').update(previousHash).update(canonical).digest('hex')
}

/** The rule of files of version 1, which covered the body itself: for reading them. */
export function oldRowHash(
  previousHash: string,
  row: Pick<Row, 'seq' | 'atMs' | 'actor' | 'isWhat' | 'body'>,
): string {
  const canonical = JSON.stringify([row.seq, row.atMs, row.actor, row.isWhat, row.body])
  return createHash('sha256').update(previousHash).update(canonical).digest('hex')
}

/** The end of a chain: the newest row's number and hash. */
export type Head = { seq: number; hash: string }
export const NO_HEAD: Head = { seq: 0, hash: GENESIS_HASH }

/** The next row after `head`, with its hashes. */
export function chained(head: Head, row: { atMs: number; actor: string; isWhat: string; body: string }): Row {
  const salt = newSalt()
  const next = { ...row, seq: head.seq + 1, salt, bodyHash: hashOfBody(salt, row.body) }
  return { ...next, hash: rowHash(head.hash, next) }
}

/** Where a chain is first broken: which row, what was expected of it and what stood there. */
export type Break = { seq: number; expected: string; came: string }

/** Compares one row with what must follow `previous` (null before the first); null when it fits. */
export function breakAt(previous: Head | null, row: Row): Break | null {
  const seq = (previous?.seq ?? 0) + 1
  if (row.seq !== seq) return { seq, expected: `row ${seq}`, came: `row ${row.seq}` }
  if (row.body !== null) {
    const body = hashOfBody(row.salt, row.body)
    if (body !== row.bodyHash)
      return { seq, expected: `a body with the hash ${row.bodyHash}`, came: `one with ${body}` }
  }
  const expected = rowHash(previous?.hash ?? GENESIS_HASH, row)
  return row.hash === expected ? null : { seq, expected: `hash ${expected}`, came: `hash ${row.hash}` }
}
