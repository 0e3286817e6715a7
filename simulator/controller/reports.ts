// What a controller says of a packet that it heard, as bytes on the line. In: the packet. Out: an LE Advertising Report, or as many
// LE Extended Advertising Reports as it takes. Source: Bluetooth Core Specification 5.4, Vol 4 Part E, 7.7.65.

export type PacketKind =
  | 'connectable'
  | 'scannable'
  | 'nonconnectable'
  | 'directed'
  | 'scan-response'
  | 'extended'
export type HeardPacket = {
  /** As printed, with colons. */
  address: string
  data: Uint8Array
  /** Null: the chip does not know. */
  rssiDbm: number | null
  kind?: PacketKind
}

/** By the older event; the number is the event type. */
const LEGACY: Record<Exclude<PacketKind, 'extended'>, number> = {
  connectable: 0,
  directed: 1,
  scannable: 2,
  nonconnectable: 3,
  'scan-response': 4,
}
/** A legacy packet by the newer event. */
const LEGACY_AS_EXTENDED: typeof LEGACY = {
  connectable: 0x13,
  directed: 0x15,
  scannable: 0x12,
  nonconnectable: 0x10,
  'scan-response': 0x1b,
}
/** The most that one extended report carries: 255 bytes of an event, less what stands before the data. */
const PART_BYTES = 229
const UNKNOWN_LEVEL = 127
const RANDOM = 1

const addressOf = (address: string): Buffer => Buffer.from(address.replaceAll(':', ''), 'hex').reverse()
const levelOf = (rssiDbm: number | null): number => (rssiDbm === null ? UNKNOWN_LEVEL : rssiDbm & 0xff)
const leEvent = (...parts: (number[] | Uint8Array)[]): Buffer => {
  const body = Buffer.concat(parts.map(part => Buffer.from(part)))
  return Buffer.concat([Buffer.from([0x04, 0x3e, body.length]), body])
}

/** By the older event; null for a packet that only the newer one can tell. */
export function legacyReport({
  address,
  data,
  rssiDbm,
  kind = 'nonconnectable',
}: HeardPacket): Buffer | null {
  if (kind === 'extended') return null
  return leEvent([0x02, 1, LEGACY[kind], RANDOM], addressOf(address), [data.length], data, [levelOf(rssiDbm)])
}

/** By the newer event: in one, or for a long packet in parts. */
export function extendedReports({ address, data, rssiDbm, kind = 'nonconnectable' }: HeardPacket): Buffer[] {
  const parts: Buffer[] = []
  const isLegacy = kind !== 'extended'
  for (let at = 0; at === 0 || at < data.length; at += PART_BYTES) {
    const more = at + PART_BYTES < data.length ? 0x20 : 0
    const type = isLegacy ? LEGACY_AS_EXTENDED[kind] : more
    const part = data.subarray(at, at + PART_BYTES)
    parts.push(
      leEvent(
        [0x0d, 1, type, 0, RANDOM],
        addressOf(address),
        // Primary channel 1M; a secondary one and a set where it is no legacy packet; no power, no period.
        [1, isLegacy ? 0 : 1, isLegacy ? 0xff : 3, 0x7f, levelOf(rssiDbm), 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
        [part.length],
        part,
      ),
    )
  }
  return parts
}
