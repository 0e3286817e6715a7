// The chain that makes the journal tamper-evident: each row's hash covers the row and the hash before it.
// Promises that a changed, removed, added or moved row is found; a cut tail can't be, see README.
import { createHash } from 'node:crypto'

/** One journal row as it stands in the table; `body` is the change as JSON text. */
export type Row = { seq: number; atMs: number; actor: string; isWhat: string; body: string; hash: string }

/** Stands before the first row. */
export const GENESIS_HASH = '0'.repeat(64)

/** SHA-256 over the previous hash and the row's canonical text (a JSON array of its columns), as hex. */
export function rowHash(previousHash: string, row: Omit<Row, 'hash'>): string {
  const canonical = JSON.stringify([row.seq, row.atMs, row.actor, row.isWhat, row.body])
  return createHash('sha256').update(previousHash).update(canonical).digest('hex')
}

/** Where a chain is first broken: which row, what was expected of it and what stood there. */
export type Break = { seq: number; expected: string; came: string }

/** Compares one row with what must follow `previous` (null before the first); null when it fits. */
export function breakAt(previous: { seq: number; hash: string } | null, row: Row): Break | null {
  const seq = (previous?.seq ?? 0) + 1
  if (row.seq !== seq) return { seq, expected: `row ${seq}`, came: `row ${row.seq}` }
  const expected = rowHash(previous?.hash ?? GENESIS_HASH, row)
  return row.hash === expected ? null : { seq, expected: `hash ${expected}`, came: `hash ${row.hash}` }
}
