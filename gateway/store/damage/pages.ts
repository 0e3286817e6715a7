// A database file as its bytes, for one that SQLite can't or mustn't open: the newest page of each number, from the file and
// its write-ahead log, whatever is damaged around it. Source: sqlite.org/fileformat2.html, sections 1.2 and 4.
import { readFileSync } from 'node:fs'

/** Ours are made with SQLite's default; the header isn't asked, because it may be what is damaged. */
export const PAGE_BYTES = 4096

const WAL_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES
/** The log's checksums are big-endian where the lowest bit of its magic number is set. */
const MAGIC = 0x377f0682

export type Pages = ReadonlyMap<number, Buffer>

/** Every page of `file`, each as the newest committed frame of `<file>-wal` has it. Throws Node's file errors. */
export function readPages(file: string): Pages {
  const pages = new Map<number, Buffer>()
  const bytes = readFileSync(file)
  for (let at = 0, number = 1; at < bytes.length; at += PAGE_BYTES, number++) {
    const page = bytes.subarray(at, at + PAGE_BYTES)
    // A file that was cut may end within a page.
    pages.set(number, page.length === PAGE_BYTES ? page : Buffer.concat([page], PAGE_BYTES))
  }
  const { frames } = readFrames(file)
  const end = frames.findLastIndex(frame => frame.isCommit)
  for (const frame of frames.slice(0, end + 1)) if (frame.isIntact) pages.set(frame.page, frame.bytes)
  return pages
}

/**
 * Whether SQLite would drop committed transactions of the log in silence, because of a damaged one before them. One
 * transaction at the very end may be half written by a power cut, and was never confirmed.
 */
export function isLogDamaged(file: string): boolean {
  const { frames, isHeaderIntact } = readFrames(file)
  if (!isHeaderIntact) return frames.some(frame => frame.isCommit)
  const bad = frames.findIndex(frame => !frame.isIntact)
  if (bad < 0) return false
  return frames.slice(bad).filter(frame => frame.isCommit).length > 1
}

type Frame = { page: number; isCommit: boolean; isIntact: boolean; bytes: Buffer }

/** The frames of the log's current round, in order. Each is checked against the checksum that the one before has. */
function readFrames(file: string): { frames: Frame[]; isHeaderIntact: boolean } {
  const log = readLog(`${file}-wal`)
  if (log.length < WAL_HEADER_BYTES + FRAME_BYTES) return { frames: [], isHeaderIntact: true }
  const isBigEndian = (log.readUInt32BE(0) & 1) === 1
  const isHeaderIntact =
    (log.readUInt32BE(0) & ~1) >>> 0 === MAGIC &&
    isSame(sumOf(log.subarray(0, 24), [0, 0], isBigEndian), log, 24)
  if (isHeaderIntact) return { frames: framesOf(log, log.subarray(16, 24), isBigEndian), isHeaderIntact }
  // What the header says may be what is damaged: its salt stands in each frame too, and the order of bytes shows in the sums.
  const one = framesOf(log, saltIn(log, isBigEndian), isBigEndian)
  const other = framesOf(log, saltIn(log, !isBigEndian), !isBigEndian)
  return { frames: intactIn(other) > intactIn(one) ? other : one, isHeaderIntact }
}

/** The salt of the first frame that follows the one before it: what stands before that may be damaged too. */
function saltIn(log: Buffer, isBigEndian: boolean): Buffer {
  const first = WAL_HEADER_BYTES
  for (let at = first + FRAME_BYTES; at + FRAME_BYTES <= log.length; at += FRAME_BYTES) {
    const before = sumAt(log, at - FRAME_BYTES + 16)
    if (isSame(sumOfFrame(log, at, before, isBigEndian), log, at + 16)) return log.subarray(at + 8, at + 16)
  }
  return log.subarray(first + 8, first + 16)
}

const sumAt = (log: Buffer, at: number): Sum => [log.readUInt32BE(at), log.readUInt32BE(at + 4)]

const sumOfFrame = (log: Buffer, at: number, before: Sum, isBigEndian: boolean): Sum =>
  sumOf(
    log.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES),
    sumOf(log.subarray(at, at + 8), before, isBigEndian),
    isBigEndian,
  )

function framesOf(log: Buffer, salt: Buffer, isBigEndian: boolean): Frame[] {
  const frames: Frame[] = []
  let before: Sum = sumAt(log, 24)
  for (let at = WAL_HEADER_BYTES; at + FRAME_BYTES <= log.length; at += FRAME_BYTES) {
    const head = log.subarray(at, at + FRAME_HEADER_BYTES)
    const bytes = log.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES)
    const isOurs = head.subarray(8, 16).equals(salt)
    const isIntact = isOurs && isSame(sumOfFrame(log, at, before, isBigEndian), head, 16)
    // An older round of the log begins here, unless it is this frame's salt that is damaged.
    if (!isOurs && !isFollowed(log, at + FRAME_BYTES, salt)) break
    frames.push({ page: head.readUInt32BE(0), isCommit: head.readUInt32BE(4) !== 0, isIntact, bytes })
    before = sumAt(log, at + 16)
  }
  return frames
}

const intactIn = (frames: readonly Frame[]): number => frames.filter(frame => frame.isIntact).length

const isFollowed = (log: Buffer, at: number, salt: Buffer): boolean =>
  at + FRAME_BYTES <= log.length && log.subarray(at + 8, at + 16).equals(salt)

function readLog(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    // A journal that was closed in order has none.
    return Buffer.alloc(0)
  }
}

type Sum = readonly [number, number]

/** SQLite's checksum of a log: two running sums over pairs of 32-bit words. */
function sumOf(bytes: Buffer, start: Sum, isBigEndian: boolean): Sum {
  let [first, second] = start
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const one = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
    const two = isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)
    first = (first + one + second) >>> 0
    second = (second + two + first) >>> 0
  }
  return [first, second]
}

const isSame = ([first, second]: Sum, bytes: Buffer, at: number): boolean =>
  bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second
