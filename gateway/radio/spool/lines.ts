// What stands in a spool file: a line each for a frame that was heard and for frames that are settled, under a head that says
// which start of the machine its times count from. Promises that a line which is torn, was altered or is of another version is left
// out, and only that.
import { crc32 } from 'node:zlib'
import type { Waiting } from '../queue.ts'

type Line =
  | { is: 'head'; v: number; boot: string }
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

/**
 * What a file leaves: frames that nothing says are settled, in the order they were heard; how many lines were no good, how many of them
 * no power cut can have torn (only the last one ends nowhere), and how many of another version are whole and say what nobody here knows.
 */
export type Left = { frames: Waiting[]; unreadable: number; damaged: number; strange: number }

/**
 * Reads a file. Times of another start of the machine say nothing now: since when that is over nobody knows, and whoever set
 * the machine's clock meanwhile may have set it anyhow. Such a frame has no time, nor has one that would lie in the future, or that a
 * version wrote which may count otherwise.
 */
export function readSpool(text: string, boot: string, nowMs: number): Left {
  const frames = new Map<number, Waiting>()
  const left = { unreadable: 0, damaged: 0, strange: 0 }
  const lines = text.split('\n')
  let isThisBoot = false
  for (const [i, each] of lines.entries()) {
    if (each === '') continue
    const line = lineIn(each)
    if (line === 'unreadable' && i < lines.length - 1) left.damaged += 1
    if (line === 'unreadable' || line === 'strange') left[line] += 1
    else if (line.is === 'head') isThisBoot = line.boot === boot && line.v === FORMAT
    else if (line.is === 'settled') for (const id of line.ids) frames.delete(id)
    else {
      const { id, from, dbm, data } = line
      const heardAtMs = isThisBoot && line.at !== null && line.at <= nowMs ? line.at : null
      const bytes = Buffer.from(data, 'hex')
      frames.set(id, { id, address: from, data: bytes, rssiDbm: dbm, heardAtMs, freshness: 'fresh' })
    }
  }
  return { frames: [...frames.values()].sort((a, b) => a.id - b.id), ...left }
}

function lineIn(each: string): Line | 'unreadable' | 'strange' {
  const text = each.slice(SUM_DIGITS + 1)
  if (each.slice(0, SUM_DIGITS) !== sumOf(text)) return 'unreadable'
  try {
    return known(JSON.parse(text)) ?? 'strange'
  } catch {
    return 'unreadable'
  }
}

/** Null for what this version does not write. */
function known(line: Record<string, unknown> | null): Line | null {
  const { is, v, boot, id, at, from, dbm, data, ids } = line ?? {}
  if (is === 'head') return isNumber(v) && typeof boot === 'string' ? { is, v, boot } : null
  if (is === 'settled') return Array.isArray(ids) && ids.every(isNumber) ? { is, ids } : null
  const isWhole = isNumber(id) && typeof from === 'string' && typeof data === 'string'
  return is === 'heard' && isWhole && isNumberOrNull(at) && isNumberOrNull(dbm)
    ? { is, id, at, from, dbm, data }
    : null
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const isNumberOrNull = (value: unknown): value is number | null => value === null || isNumber(value)
