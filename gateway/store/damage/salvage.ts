// What can be read of a journal that is damaged, that was altered, that a newer Tocsin wrote, or that SQLite can't open on this
// disk. In: its file, which is only read. Out: its rows, and typed what is lost or doubtful among them.
import { GENESIS_HASH, hashOfBody, oldRowHash, type Row, rowHash } from '../chain.ts'
import { orJournalFailed } from '../failed.ts'
import { readPages } from './pages.ts'
import { recordsIn, type Stored } from './records.ts'

/** Row numbers from … to, both included. */
export type Range = readonly [from: number, to: number]

export type Salvage = {
  /** In order, under the numbers they had. */
  rows: SalvagedRow[]
  counters: Map<string, number>
  /** Rows that should stand among those that were read and don't. */
  lost: Range[]
  /** Rows that were read, but not as the chain says they were written. */
  doubtful: number[]
  /** The newest row that was read; null where none was. */
  head: { seq: number; hash: string } | null
}
/** `bodyHash` is of an erased body; a file of version 1 has none. */
export type SalvagedRow = Pick<Row, 'seq' | 'atMs' | 'actor' | 'isWhat' | 'body'> & {
  bodyHash: string | null
}

/** A row as a file of either version has it. */
type Found = SalvagedRow & { salt: string | null; hash: string }

const KIND = /^[a-z][a-z0-9-]{0,63}$/

/** Reads `file` past its damage. Throws JournalFailed where the system can't read the file at all. */
export function salvage(file: string): Salvage {
  return orJournalFailed(`read what is left of the journal ${file}`, () => {
    const found: Found[] = []
    const counters = new Map<string, number>()
    for (const record of recordsIn(readPages(file))) {
      const row = toRow(record)
      if (row !== null) found.push(row)
      else noteCounter(counters, record)
    }
    return { ...joined(found), counters }
  })
}

function toRow({ rowid, values }: Stored): Found | null {
  const [alias, atMs, actor, isWhat, body, ...rest] = values
  if (rowid === null || rowid < 1 || alias !== null || (rest.length !== 1 && rest.length !== 3)) return null
  const hash = rest.at(-1)
  const [salt, bodyHash] = rest.length === 3 ? rest : [null, null]
  if (typeof atMs !== 'number' || !Number.isSafeInteger(atMs) || typeof actor !== 'string') return null
  if (typeof isWhat !== 'string' || !KIND.test(isWhat) || typeof hash !== 'string') return null
  if (body !== null && (typeof body !== 'string' || !isBody(body))) return null
  if (typeof salt === 'number' || typeof bodyHash === 'number') return null
  return {
    seq: rowid,
    atMs,
    actor,
    isWhat,
    body: body ?? null,
    salt: salt ?? null,
    bodyHash: bodyHash ?? null,
    hash,
  }
}

function isBody(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null
  } catch {
    return false
  }
}

/** They only rise: of several versions of a page the highest number is the newest. */
function noteCounter(counters: Map<string, number>, { rowid, values }: Stored): void {
  const [key, counter] = values
  if (rowid !== null || values.length !== 2 || typeof key !== 'string' || typeof counter !== 'number') return
  if (Number.isSafeInteger(counter) && counter >= 0)
    counters.set(key, Math.max(counter, counters.get(key) ?? 0))
}

/** One row for each number, where several pages have it the one that the chain confirms; and what the chain says of them all. */
function joined(found: readonly Found[]): Omit<Salvage, 'counters'> {
  const rows: Found[] = []
  const lost: Range[] = []
  const doubtful: number[] = []
  let before: Link = { seq: 0, hashes: [GENESIS_HASH] }
  const groups = byNumber(found)
  for (const [i, candidates] of groups.entries()) {
    const row = candidates.find(each => follows(before, each)) ?? candidates[0]
    if (row === undefined) continue
    const isNext = row.seq === before.seq + 1
    const isConfirmed = follows(before, row)
    const isFar = row.seq - before.seq > GAP_MAX && !groups[i + 1]?.some(each => follows(linkOf(row), each))
    // A number that is itself damaged leads far away, where no row confirms it.
    if (!isConfirmed && isFar) continue
    if (!isNext) lost.push([before.seq + 1, row.seq - 1])
    if (!isConfirmed && (isNext || !isOwnBody(row))) doubtful.push(row.seq)
    // The row before is confirmed after all where it was its own hash that is damaged.
    if (isConfirmed && doubtful.at(-1) === before.seq && !hashFits(before.hashes[0], row)) doubtful.pop()
    rows.push(row)
    before = { seq: row.seq, hashes: [row.hash, computed(before.hashes[0] ?? '', row)] }
  }
  const last = rows.at(-1)
  const kept = rows.map(({ salt: _, hash: __, ...row }) => row)
  return { rows: kept, lost, doubtful, head: last === undefined ? null : { seq: last.seq, hash: last.hash } }
}

/** More rows than a lost page or two can hold. */
const GAP_MAX = 5_000

/** The row before: its number, its hash as it stands and as it should be. */
type Link = { seq: number; hashes: readonly string[] }

const linkOf = ({ seq, hash }: Found): Link => ({ seq, hashes: [hash] })
const follows = (before: Link, row: Found): boolean =>
  row.seq === before.seq + 1 && before.hashes.some(hash => hashFits(hash, row))

const hashFits = (previous: string | undefined, row: Found): boolean =>
  previous !== undefined && computed(previous, row) === row.hash && isOwnBody(row)

const isOwnBody = ({ salt, body, bodyHash }: Found): boolean =>
  bodyHash === null || body === null || hashOfBody(salt ?? '', body) === bodyHash

const computed = (previous: string, row: Found): string =>
  row.bodyHash === null ? oldRowHash(previous, row) : rowHash(previous, { ...row, bodyHash: row.bodyHash })

function byNumber(found: readonly Found[]): Found[][] {
  const groups = new Map<number, Found[]>()
  // Where the file is of the newer version, pages of the older are what its migration left behind.
  const isNewer = found.some(({ bodyHash }) => bodyHash !== null)
  for (const row of found) {
    if (isNewer && row.bodyHash === null) continue
    groups.set(row.seq, [...(groups.get(row.seq) ?? []), row])
  }
  return [...groups.values()].sort((a, b) => (a[0]?.seq ?? 0) - (b[0]?.seq ?? 0))
}
