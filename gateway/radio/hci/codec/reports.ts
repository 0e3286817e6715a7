// Advertising reports out of LE Meta events. In: one whole event. Out: each report by a call, fragments of an extended one put
// together; false where lengths do not fit, and then nothing was told of it. Pure but for the fragments it keeps.
// Source: Bluetooth Core Specification 5.4, Vol 4 Part E, 7.7.65.2 and 7.7.65.13.

/** A kind of packet as one byte; the order is that of `PDUS` where a report leaves its process. */
export const PDU = {
  connectable: 0,
  directed: 1,
  scannable: 2,
  nonconnectable: 3,
  scanResponse: 4,
  extended: 5,
}

/** The address is six bytes from `addressAt`, last byte first; `rssi` 127: not known. What is handed over is overwritten later. */
export type TakeReport = (
  pdu: number,
  bytes: Uint8Array,
  addressAt: number,
  rssi: number,
  data: Uint8Array,
  dataFrom: number,
  dataTo: number,
) => void

export type ReportReader = {
  /** `from` is at the subevent code. False: not readable. */
  read(bytes: Uint8Array, from: number, to: number): boolean
  /** Fragments that were thrown away: of packets whose rest did not come. */
  lost(): number
}

export const SUBEVENT_LEGACY = 0x02
export const SUBEVENT_EXTENDED = 0x0d

const LEGACY_HEAD = 9
const EXTENDED_HEAD = 24
/** No address: an anonymous advertisement. */
const ANONYMOUS = 0xff
/** The most that one advertising set can send. */
const JOINED_BYTES_MAX = 1650
/** Packets that are put together at once; a controller can hold a few. */
const JOINED_AT_ONCE_MAX = 32

const BIT_SCAN_RESPONSE = 0x08
const BIT_LEGACY = 0x10
const DATA_STATUS = 0x60
const MORE_FOLLOWS = 0x20
const LEGACY_PDUS: Readonly<Record<number, number>> = {
  19: PDU.connectable,
  21: PDU.directed,
  18: PDU.scannable,
  16: PDU.nonconnectable,
  27: PDU.scanResponse,
  26: PDU.scanResponse,
}

export function createReportReader(take: TakeReport): ReportReader {
  const fragments = createFragments()

  const readLegacy = (bytes: Uint8Array, from: number, to: number): boolean => {
    if (!isLegacy(bytes, from, to)) return false
    for (let at = from + 1; at < to; ) {
      const dataFrom = at + LEGACY_HEAD
      const dataTo = dataFrom + (bytes[at + 8] as number)
      take(bytes[at] as number, bytes, at + 2, signed(bytes[dataTo] as number), bytes, dataFrom, dataTo)
      at = dataTo + 1
    }
    return true
  }

  const readExtended = (bytes: Uint8Array, from: number, to: number): boolean => {
    if (!isExtended(bytes, from, to)) return false
    for (let at = from + 1; at < to; ) {
      const dataTo = at + EXTENDED_HEAD + (bytes[at + 23] as number)
      readOne(bytes, at, dataTo)
      at = dataTo
    }
    return true
  }

  const readOne = (bytes: Uint8Array, at: number, dataTo: number): void => {
    const type = bytes[at] as number
    const dataFrom = at + EXTENDED_HEAD
    const rssi = signed(bytes[at + 13] as number)
    if ((type & BIT_LEGACY) !== 0) {
      take(LEGACY_PDUS[type & 0x1f] as number, bytes, at + 3, rssi, bytes, dataFrom, dataTo)
      return
    }
    const pdu = (type & BIT_SCAN_RESPONSE) !== 0 ? PDU.scanResponse : PDU.extended
    const hasMore = (type & DATA_STATUS) === MORE_FOLLOWS
    if (!hasMore && fragments.isEmpty()) {
      take(pdu, bytes, at + 3, rssi, bytes, dataFrom, dataTo)
      return
    }
    const whole = fragments.add(bytes, at, dataFrom, dataTo, hasMore)
    if (whole !== null) take(pdu, bytes, at + 3, rssi, whole, 0, whole.length)
  }

  return {
    read(bytes, from, to) {
      if (from >= to) return false
      const subevent = bytes[from] as number
      if (subevent === SUBEVENT_LEGACY) return readLegacy(bytes, from + 1, to)
      if (subevent === SUBEVENT_EXTENDED) return readExtended(bytes, from + 1, to)
      // No other was asked for (setLeEventMask): it is junk that looks like one.
      return false
    },
    lost: fragments.lost,
  }
}

const signed = (byte: number): number => (byte << 24) >> 24

/** Whether [from, to) is a number of reports, and so many whole ones. Each follows the other, as every controller sends them. */
function isLegacy(bytes: Uint8Array, from: number, to: number): boolean {
  let count = from < to ? (bytes[from] as number) : 0
  if (count === 0) return false
  let at = from + 1
  for (; count > 0; count -= 1) {
    if (at + LEGACY_HEAD > to) return false
    if ((bytes[at] as number) > PDU.scanResponse || (bytes[at + 1] as number) > 3) return false
    at += LEGACY_HEAD + (bytes[at + 8] as number) + 1
  }
  return at === to
}

function isExtended(bytes: Uint8Array, from: number, to: number): boolean {
  let count = from < to ? (bytes[from] as number) : 0
  if (count === 0) return false
  let at = from + 1
  for (; count > 0; count -= 1) {
    if (at + EXTENDED_HEAD > to) return false
    const type = bytes[at] as number
    const addressType = bytes[at + 2] as number
    if ((bytes[at + 1] as number) !== 0 || (type & 0x80) !== 0) return false
    if ((type & BIT_LEGACY) !== 0 && LEGACY_PDUS[type & 0x1f] === undefined) return false
    if (addressType > 3 && addressType < 0xfe) return false
    at += EXTENDED_HEAD + (bytes[at + 23] as number)
  }
  return at === to
}

type Joined = { parts: Uint8Array[]; size: number }

/** Parts of one packet come one after the other, those of several mixed; known by address, its type and the set. */
function createFragments() {
  const open = new Map<string, Joined>()
  let lost = 0

  const keyOf = (bytes: Uint8Array, at: number): string => {
    let key = `${bytes[at + 11]}`
    const type = bytes[at + 2]
    if (type === ANONYMOUS) return key
    for (let i = 2; i < 9; i += 1) key += `,${bytes[at + i]}`
    return key
  }

  return {
    isEmpty: (): boolean => open.size === 0,
    lost: (): number => lost,
    /** The whole data, or null while more is to follow, and where it became too long. */
    add(bytes: Uint8Array, at: number, from: number, to: number, hasMore: boolean): Uint8Array | null {
      const key = keyOf(bytes, at)
      const joined = open.get(key) ?? { parts: [], size: 0 }
      open.delete(key)
      joined.size += to - from
      // Of one that is too long the rest is waited for all the same: it is not the beginning of another.
      if (joined.size > JOINED_BYTES_MAX) joined.parts = []
      else joined.parts.push(bytes.slice(from, to))
      if (!hasMore) {
        if (joined.size <= JOINED_BYTES_MAX) return concat(joined)
        lost += 1
        return null
      }
      open.set(key, joined)
      if (open.size > JOINED_AT_ONCE_MAX) {
        const [oldest = ''] = open.keys()
        open.delete(oldest)
        lost += 1
      }
      return null
    },
  }
}

function concat({ parts, size }: Joined): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
