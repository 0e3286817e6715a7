// What stands in a spool file: a line each for a frame that was heard and for frames that are settled, under a head that says
// which start of the machine its times count from. Promises that a line which is torn or was altered is left out, and only that.
import { crc32 } from 'node:zlib'
import type { Waiting } from '../queue.ts'

type Line =
  | { is: 'head'; v: 1; boot: string }
  | { is: 'heard'; id: number; at: number | null; from: string; dbm: number | null; data: string }
  | { is: 'settled'; ids: number[] }

const FORMAT = 1
const SUM_DIGITS = 8
const SUM_RADIX = 16

/** CRC-32 of the text, a space, the text. */
function lineOf(line: Line): string {
  const text = JSON.stringify(line)
  return `${sumOf(text)} ${text}\n`
}
const sumOf = (text: string): string => crc32(text).toString(SUM_RADIX).padStart(SUM_DIGITS, '0')

export const headLine = (boot: string): string => lineOf({ is: 'head', v: FORMAT, boot })
export const settledLine = (ids: number[]): string => lineOf({ is: 'settled', ids })
export const heardLine = ({ id, heardAtMs, address, rssiDbm, data }: Waiting): string =>
  lineOf({
    is: 'heard',
    id,
    at: heardAtMs,
    from: address,
    dbm: rssiDbm,
    data: Buffer.from(data).toString('hex'),
  })

/** What a file leaves: frames that nothing says are settled, in the order they were heard, and how many lines were no good. */
export type Left = { frames: Waiting[]; unreadable: number }

/**
 * Reads a file. Times of another start of the machine say nothing now: since when that is over nobody knows, and whoever set
 * the machine's clock meanwhile may have set it anyhow. Such a frame has no time, nor has one that would lie in the future.
 */
export function readSpool(text: string, boot: string, nowMs: number): Left {
  const frames = new Map<number, Waiting>()
  let isThisBoot = false
  let unreadable = 0
  for (const each of text.split('\n')) {
    if (each === '') continue
    const line = lineIn(each)
    if (line === null) unreadable += 1
    else if (line.is === 'head') isThisBoot = line.boot === boot
    else if (line.is === 'settled') for (const id of line.ids) frames.delete(id)
    else {
      const { id, from, dbm, data } = line
      const heardAtMs = isThisBoot && line.at !== null && line.at <= nowMs ? line.at : null
      const bytes = Buffer.from(data, 'hex')
      frames.set(id, { id, address: from, data: bytes, rssiDbm: dbm, heardAtMs, freshness: 'fresh' })
    }
  }
  return { frames: [...frames.values()].sort((a, b) => a.id - b.id), unreadable }
}

function lineIn(each: string): Line | null {
  const text = each.slice(SUM_DIGITS + 1)
  if (each.slice(0, SUM_DIGITS) !== sumOf(text)) return null
  try {
    return JSON.parse(text) as Line
  } catch {
    return null
  }
}
