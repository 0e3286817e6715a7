// The same bytes read by us and by noble's own HCI layer, which shares no code with ours.
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PDU } from '../../../../gateway/radio/hci/codec/reports.ts'
import { extendedReports, legacyReport } from '../../../../simulator/controller/reports.ts'
import { type Read, readAll } from './reads.ts'

const LEGACY_KINDS = ['connectable', 'directed', 'scannable', 'nonconnectable', 'scan-response'] as const

/** What noble tells of whole packets: its kinds as numbers, addresses, levels, data. */
function nobleReads(packets: readonly Buffer[]): Read[] {
  const need = createRequire(import.meta.url)
  const Hci = need('@stoprocent/noble/lib/hci-socket/hci')
  const hci = Object.assign(Object.create(Hci.prototype), EventEmitter.prototype)
  EventEmitter.call(hci)
  const reports: Read[] = []
  type Told = [status: number, type: number, address: string, addressType: string]
  hci.on('leAdvertisingReport', (...[_, type, address, __, data, rssi]: [...Told, Buffer, number]) =>
    reports.push([type, address, rssi, data.toString('hex')]),
  )
  hci.on(
    'leExtendedAdvertisingReport',
    (...[_, type, address, __, ___, rssi, data]: [...Told, number, number, Buffer]) =>
      reports.push([KIND_OF[type] ?? -1, address, rssi, data.toString('hex')]),
  )
  for (const packet of packets) hci.onSocketData(packet)
  return reports
}

/** Of the specification's event types (7.7.65.13), read here once more. */
const KIND_OF: Readonly<Record<number, number>> = {
  19: PDU.connectable,
  21: PDU.directed,
  18: PDU.scannable,
  16: PDU.nonconnectable,
  27: PDU.scanResponse,
  0: PDU.extended,
}

const packet = fc.record({
  address: fc.uint8Array({ minLength: 6, maxLength: 6 }).map(bytes =>
    Buffer.from(bytes)
      .toString('hex')
      .replace(/..(?=.)/g, '$&:'),
  ),
  data: fc.uint8Array({ maxLength: 31 }),
  rssiDbm: fc.option(fc.integer({ min: -127, max: 20 })),
  kind: fc.constantFrom(...LEGACY_KINDS),
})

test('noble and we read the same of every legacy report', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 10 }), list => {
      const packets = list.map(one => legacyReport(one) as Buffer)
      expect(readAll(Buffer.concat(packets)).reports).toEqual(nobleReads(packets))
    }),
  )
})

test('noble and we read the same of every extended report that is whole', () => {
  const long = packet.chain(one =>
    fc
      .record({ data: fc.uint8Array({ maxLength: 229 }) })
      .map(({ data }) => ({ ...one, data, kind: 'extended' as const })),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(packet, long), { maxLength: 10 }), list => {
      const packets = list.flatMap(extendedReports)
      expect(packets).toHaveLength(list.length)
      expect(readAll(Buffer.concat(packets)).reports).toEqual(nobleReads(packets))
    }),
  )
})
