// The records in a database's pages, read without its tree: each page that may be a leaf by itself, so that a damaged page
// costs no other. Source: sqlite.org/fileformat2.html, sections 1.6 and 2.1.
import { PAGE_BYTES, type Pages } from './pages.ts'

export type Value = number | string | null
/** `rowid` null in a table without them. */
export type Stored = { rowid: number | null; values: Value[] }

const FILE_HEADER_BYTES = 100
const TABLE_INTERIOR = 5
const INDEX_INTERIOR = 2
const INDEX_LEAF = 10
const CELLS_MAX = PAGE_BYTES / 4
/** Far beyond the largest row there is. */
const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024
const TABLE_LOCAL_MAX = PAGE_BYTES - 35
const INDEX_LOCAL_MAX = Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23
const LOCAL_MIN = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23

/** Every record that can be read as one. What can't is left out: the chain of hashes tells what is missing. */
export function* recordsIn(pages: Pages): Generator<Stored> {
  for (const [number, page] of pages) {
    const start = number === 1 ? FILE_HEADER_BYTES : 0
    const kind = page[start]
    if (kind === TABLE_INTERIOR) continue
    const isIndex = kind === INDEX_LEAF || kind === INDEX_INTERIOR
    const pointers = start + (kind === INDEX_INTERIOR ? 12 : 8)
    const cells = Math.min(page.readUInt16BE(start + 3), CELLS_MAX)
    for (let i = 0; i < cells && pointers + 2 * i + 2 <= PAGE_BYTES; i++) {
      const record = readCell(
        pages,
        page,
        page.readUInt16BE(pointers + 2 * i),
        isIndex,
        kind === INDEX_INTERIOR,
      )
      if (record !== null) yield record
    }
  }
}

function readCell(
  pages: Pages,
  page: Buffer,
  offset: number,
  isIndex: boolean,
  hasChild: boolean,
): Stored | null {
  try {
    const at = { byte: offset + (hasChild ? 4 : 0) }
    const bytes = varint(page, at)
    const rowid = isIndex ? null : varint(page, at)
    const payload = payloadAt(pages, page, at.byte, bytes, isIndex ? INDEX_LOCAL_MAX : TABLE_LOCAL_MAX)
    return payload === null ? null : { rowid, values: valuesIn(payload) }
  } catch {
    // Offsets and lengths of a damaged page lead outside of it.
    return null
  }
}

/** A payload that doesn't fit into its page goes on in a list of overflow pages. */
function payloadAt(pages: Pages, page: Buffer, at: number, bytes: number, localMax: number): Buffer | null {
  if (bytes > PAYLOAD_BYTES_MAX) return null
  if (bytes <= localMax) return at + bytes <= PAGE_BYTES ? page.subarray(at, at + bytes) : null
  const surplus = LOCAL_MIN + ((bytes - LOCAL_MIN) % (PAGE_BYTES - 4))
  const local = surplus <= localMax ? surplus : LOCAL_MIN
  const parts = [page.subarray(at, at + local)]
  let next = page.readUInt32BE(at + local)
  for (let left = bytes - local; left > 0; left -= PAGE_BYTES - 4) {
    const more = pages.get(next)
    if (more === undefined) return null
    parts.push(more.subarray(4, 4 + Math.min(left, PAGE_BYTES - 4)))
    next = more.readUInt32BE(0)
  }
  return Buffer.concat(parts)
}

function valuesIn(payload: Buffer): Value[] {
  const at = { byte: 0 }
  const headerBytes = varint(payload, at)
  const types: number[] = []
  while (at.byte < headerBytes) types.push(varint(payload, at))
  at.byte = headerBytes
  return types.map(type => value(payload, at, type))
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8]

function value(payload: Buffer, at: { byte: number }, type: number): Value {
  if (type === 0) return null
  if (type === 8 || type === 9) return type - 8
  const from = at.byte
  if (type >= 12) {
    at.byte += Math.floor((type - 12) / 2)
    if (at.byte > payload.length) throw new RangeError('the record ends before its text')
    return payload.toString('utf8', from, at.byte)
  }
  const bytes = INTEGER_BYTES[type]
  if (bytes === undefined) throw new RangeError(`no type of ours: ${type}`)
  at.byte += bytes
  return bytes === 8 ? Number(payload.readBigInt64BE(from)) : payload.readIntBE(from, bytes)
}

/** One to nine bytes, seven bits each, the ninth whole. */
function varint(bytes: Buffer, at: { byte: number }): number {
  let result = 0
  for (let i = 0; i < 8; i++) {
    const byte = bytes.readUInt8(at.byte++)
    result = result * 128 + (byte & 0x7f)
    if (byte < 0x80) return result
  }
  return result * 256 + bytes.readUInt8(at.byte++)
}
