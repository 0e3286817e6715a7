// Bytes given to the codec as a line would, and what it made of them, in a form that can be compared.
import { decodeEvent, EVENT_LE } from '../../../../gateway/radio/hci/codec/events.ts'
import { createSplitter } from '../../../../gateway/radio/hci/codec/packets.ts'
import { createReportReader } from '../../../../gateway/radio/hci/codec/reports.ts'

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

/** Kind, address as printed, level, data as hex. */
export type Read = readonly [pdu: number, address: string, rssi: number, data: string]

/** `cuts`: the lengths of the first chunks. `isLate`: the rest of what waits is late, again and again. */
export function readAll(bytes: Uint8Array, cuts: readonly number[] = [], isLate = false) {
  const reports: Read[] = []
  const reader = createReportReader((pdu, from, addressAt, rssi, data, dataFrom, dataTo) => {
    const address = Buffer.from(from.slice(addressAt, addressAt + 6).reverse()).toString('hex')
    reports.push([
      pdu,
      address.replace(/..(?=.)/g, '$&:'),
      rssi,
      Buffer.from(data.slice(dataFrom, dataTo)).toString('hex'),
    ])
  })
  const splitter = createSplitter((packet, from, to) =>
    packet[from] === EVENT_LE ? reader.read(packet, from + 2, to) : decodeEvent(packet, from, to) !== null,
  )
  let at = 0
  for (const length of cuts) {
    splitter.feed(bytes.slice(at, at + length))
    at += length
  }
  splitter.feed(bytes.slice(at))
  for (let before = -1; isLate && splitter.waiting() !== before; ) {
    before = splitter.waiting()
    splitter.lookBehind()
  }
  return { reports, malformed: splitter.malformed() + reader.lost() }
}
