// Reports on their way out of the radio's process: all that came at once in one run of bytes, little-endian. Pure.
// Batch: length of it all (4) · how many (4) · when they came, ms of the machine's monotonic clock (8, double) · reports.
// Report: kind (1) · rssi (1, signed) · address (6, last byte first) · length (2) · data.
import type { Heard, Pdu } from '../../radio.ts'
import type { TakeReport } from '../codec/reports.ts'

const HEAD = 16
const REPORT_HEAD = 10
const REPORT_BYTES_MAX = REPORT_HEAD + 1650
const UNKNOWN_RSSI = 127
/** In the order of the codec's numbers. */
const PDUS: readonly Pdu[] = [
  'connectable',
  'directed',
  'scannable',
  'nonconnectable',
  'scan-response',
  'extended',
]
/** The least that is grown by: a chunk of a serial line fits. */
const SIZE = 65_536

/** The monotonic clock, which all processes of a machine share. */
export const monotonicMs = (): number => {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}

export type Batcher = { add: TakeReport; count(): number; take(atMs: number): Uint8Array; clear(): void }

export function createBatcher(): Batcher {
  let bytes = Buffer.allocUnsafe(SIZE)
  let at = HEAD
  let count = 0
  const clear = (): void => {
    at = HEAD
    count = 0
  }
  return {
    add(pdu, from, addressAt, rssi, data, dataFrom, dataTo) {
      if (at + REPORT_BYTES_MAX > bytes.length) {
        const grown = Buffer.allocUnsafe(bytes.length * 2)
        grown.set(bytes.subarray(0, at))
        bytes = grown
      }
      const length = dataTo - dataFrom
      bytes[at] = pdu
      bytes[at + 1] = rssi
      for (let i = 0; i < 6; i += 1) bytes[at + 2 + i] = from[addressAt + i] as number
      bytes[at + 8] = length & 0xff
      bytes[at + 9] = length >> 8
      at += REPORT_HEAD
      for (let i = dataFrom; i < dataTo; i += 1) bytes[at++] = data[i] as number
      count += 1
    },
    count: () => count,
    take(atMs) {
      bytes.writeUInt32LE(at, 0)
      bytes.writeUInt32LE(count, 4)
      bytes.writeDoubleLE(atMs, 8)
      const batch = Buffer.from(bytes.subarray(0, at))
      clear()
      return batch
    },
    clear,
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const COLON = HEX.map(hex => `:${hex}`)
const hex = (byte: number | undefined): string => HEX[byte as number] as string
const colon = (byte: number | undefined): string => COLON[byte as number] as string

/**
 * Reads batches out of a stream cut anywhere; `take` gets each report in order, `toClock` makes of the monotonic instant of a
 * batch one of the reader's own clock. A batch that is waited for is held, no more.
 */
export function createUnbatcher(take: (heard: Heard) => void, toClock: (monotonicMs: number) => number) {
  let waiting: Buffer[] = []
  let size = 0

  const readBatch = (bytes: Buffer, from: number): void => {
    const count = bytes.readUInt32LE(from + 4)
    const heardAtMs = toClock(bytes.readDoubleLE(from + 8))
    let at = from + HEAD
    for (let i = 0; i < count; i += 1) {
      const rssi = bytes.readInt8(at + 1)
      const dataFrom = at + REPORT_HEAD
      const dataTo = dataFrom + bytes.readUInt16LE(at + 8)
      take({
        address:
          hex(bytes[at + 7]) +
          colon(bytes[at + 6]) +
          colon(bytes[at + 5]) +
          colon(bytes[at + 4]) +
          colon(bytes[at + 3]) +
          colon(bytes[at + 2]),
        rssiDbm: rssi === UNKNOWN_RSSI ? null : rssi,
        data: copied(bytes, dataFrom, dataTo),
        heardAtMs,
        pdu: PDUS[bytes[at] as number] as Pdu,
      })
      at = dataTo
    }
  }

  return (chunk: Buffer): void => {
    waiting.push(chunk)
    size += chunk.length
    const [first] = waiting
    if (first === undefined || (first.length >= 4 && size < first.readUInt32LE(0))) return
    const bytes = waiting.length === 1 ? first : Buffer.concat(waiting)
    let at = 0
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32LE(at)
      if (bytes.length - at < length) break
      readBatch(bytes, at)
      at += length
    }
    waiting = at === bytes.length ? [] : [bytes.subarray(at)]
    size = bytes.length - at
  }
}

/** Of its own: a view would hold the whole chunk as long as one report of it is kept. */
function copied(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const copy = new Uint8Array(to - from)
  for (let i = from; i < to; i += 1) copy[i - from] = bytes[i] as number
  return copy
}
