// Bytes from and to a controller: tables of what was captured and published, what must not be taken for a report, and junk between.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  encodeCommand,
  reset,
  setAdvertisingData,
  setEventMask,
  setExtendedScan,
  setExtendedScanParameters,
  setLeEventMask,
  setScan,
  setScanParameters,
  setSet,
  setSetParameters,
} from '../../../../gateway/radio/hci/codec/commands.ts'
import { decodeEvent, statusWords } from '../../../../gateway/radio/hci/codec/events.ts'
import { createSplitter } from '../../../../gateway/radio/hci/codec/packets.ts'
import { PDU } from '../../../../gateway/radio/hci/codec/reports.ts'
import { hex, type Read, readAll } from './reads.ts'

const addressBytes = '0100efbeadde'
const ADDRESS = 'de:ad:be:ef:00:01'
const AD = '02010609ffff05aabbccddeeff'
const legacy = (type: string, ad: string, rssi: string): string => {
  const length = (ad.length / 2).toString(16).padStart(2, '0')
  return `${type}01${addressBytes}${length}${ad}${rssi}`
}
const event = (subevent: string, ...reports: string[]): string => {
  const body = `${subevent}${reports.length.toString(16).padStart(2, '0')}${reports.join('')}`
  return `043e${(body.length / 2).toString(16).padStart(2, '0')}${body}`
}
const extended = (
  type: string,
  ad: string,
  { rssi = 'c4', address = addressBytes, sid = '05' } = {},
): string =>
  `${type}01${address}0101${sid}7f${rssi}0000${'00'.repeat(7)}${(ad.length / 2).toString(16).padStart(2, '0')}${ad}`

test.each([
  [reset(), '01030c00'],
  [setScanParameters('public'), '010b200700600060000000'],
  [setScan(true), '010c20020100'],
  [setExtendedScanParameters('random'), '0141200801000100' + '60006000'],
  [setExtendedScan(true), '01422006010000000000'],
  [setEventMask(), '01010c080080000200000020'],
  [setLeEventMask(false), '010120080200000000000000'],
  [setLeEventMask(true), '010120080210000000000000'],
  [setAdvertisingData(hex('020106')), `0108202003020106${'00'.repeat(28)}`],
  [
    setSetParameters(1, 'public', 100),
    '0136201901100' + '0a00000a0000007000000000000000000' + '7f0100010100',
  ],
  [setSet(1, true), '01392006010101000000'],
])('%o goes down the line as the specification has it', (command, bytes) => {
  expect(Buffer.from(encodeCommand(command)).toString('hex')).toBe(bytes)
})

type Row = [name: string, bytes: string, reports: Read[]]
const readable: Row[] = [
  ['a captured report', event('02', legacy('03', AD, 'b9')), [[PDU.nonconnectable, ADDRESS, -71, AD]]],
  [
    'two in one event',
    event('02', legacy('00', AD, 'b9'), legacy('04', '', '7f')),
    [
      [PDU.connectable, ADDRESS, -71, AD],
      [PDU.scanResponse, ADDRESS, 127, ''],
    ],
  ],
  ['a directed one', event('02', legacy('01', '', '80')), [[PDU.directed, ADDRESS, -128, '']]],
  ['a scannable one', event('02', legacy('02', AD, '14')), [[PDU.scannable, ADDRESS, 20, AD]]],
  ...(
    [
      ['1300', PDU.connectable],
      ['1500', PDU.directed],
      ['1200', PDU.scannable],
      ['1000', PDU.nonconnectable],
      ['1b00', PDU.scanResponse],
      ['1a00', PDU.scanResponse],
      ['0000', PDU.extended],
      ['0100', PDU.extended],
      ['0800', PDU.scanResponse],
    ] as const
  ).map<Row>(
    ([type, pdu]) =>
      [
        `an extended report of type ${type}`,
        event('0d', extended(type, AD)),
        [[pdu, ADDRESS, -60, AD]],
      ] as const,
  ),
]
test.each(readable)('%s is read', (_name, bytes, reports) => {
  expect(readAll(hex(bytes)).reports).toEqual(reports)
  expect(readAll(hex(bytes)).malformed).toBe(0)
})

test.each([
  ['no report', '043e020200'],
  [
    'more reports than there are',
    `043e1902${event('02', legacy('03', AD, 'b9'))
      .slice(8)
      .replace(/^01/, '02')}`,
  ],
  ['data longer than the event', event('02', `0301${addressBytes}1e${AD}b9`)],
  ['a byte too many', event('02', `${legacy('03', AD, 'b9')}00`)],
  ['an event type that is none', event('02', legacy('05', AD, 'b9'))],
  ['an address type that is none', event('02', legacy('03', AD, 'b9').replace(/^0301/, '0307'))],
  ['a legacy packet of no known kind', event('0d', extended('1700', AD))],
  ['an extended report that is cut', event('0d', extended('0000', AD).slice(0, -2))],
  ['no subevent', '043e00'],
])('%s is counted, and read as nothing', (_name, bytes) => {
  const { reports, malformed } = readAll(hex(bytes))
  expect(reports).toEqual([])
  expect(malformed).toBe(1)
})

test('parts of several long packets, mixed, are put together each for itself', () => {
  const other = { address: '0200efbeadde', sid: '01' }
  const bytes = [
    event('0d', extended('2000', 'aa'.repeat(200))),
    event('0d', extended('2000', 'bb'.repeat(229), other)),
    event('0d', extended('2000', 'ac'.repeat(200))),
    event('0d', extended('0000', 'b0', other)),
    event('0d', extended('0000', 'ad')),
    event('0d', extended('0000', 'ee')),
  ].join('')
  expect(readAll(hex(bytes)).reports).toEqual([
    [PDU.extended, 'de:ad:be:ef:00:02', -60, `${'bb'.repeat(229)}b0`],
    [PDU.extended, ADDRESS, -60, `${'aa'.repeat(200)}${'ac'.repeat(200)}ad`],
    [PDU.extended, ADDRESS, -60, 'ee'],
  ])
})

test('of a packet that its controller cut off what came is told; one longer than any can be is counted', () => {
  const cut = event('0d', extended('2000', 'aa')) + event('0d', extended('4000', 'bb'))
  expect(readAll(hex(cut)).reports).toEqual([[PDU.extended, ADDRESS, -60, 'aabb']])
  const endless =
    event('0d', extended('2000', 'aa'.repeat(229))).repeat(8) + event('0d', extended('0000', 'bb'))
  expect(readAll(hex(endless))).toMatchObject({ reports: [], malformed: 1 })
})

test('beginnings whose rest never comes are kept in bounds, and counted', () => {
  const begun = Array.from({ length: 100 }, (_, i) => {
    const address = `${i.toString(16).padStart(2, '0')}00efbeadde`
    return event('0d', extended('2000', 'aa', { address }))
  })
  expect(readAll(hex(begun.join(''))).malformed).toBe(100 - 32)
})

test.each([
  ['040e0401030c00', { is: 'answer', opcode: 0x0c03, status: 0, credits: 1, result: hex('') }],
  [
    '040e0a01091000010000eeffc0',
    { is: 'answer', opcode: 0x1009, status: 0, credits: 1, result: hex('010000eeffc0') },
  ],
  ['040f0400010d20', { is: 'answer', opcode: 0x200d, status: 0, credits: 1, result: hex('') }],
  ['040e03050000', { is: 'answer', opcode: 0, status: 0, credits: 5, result: hex('') }],
  ['04100142', { is: 'hardware-error', code: 0x42 }],
  ['041a0101', { is: 'overflow' }],
  ['040e03010120', null],
  ['040e0101', null],
  ['040f03000120', null],
  ['041000', null],
  ['04ff0101', null],
])('the event %s', (bytes, decoded) => {
  const given = hex(bytes)
  expect(decodeEvent(given, 1, given.length)).toEqual(decoded)
})

test('a status is told in words and as a number', () => {
  expect(statusWords(0x0c)).toBe('not allowed in its present state (status 0x0c)')
  expect(statusWords(0x99)).toBe('refused (status 0x99)')
})

const report = fc
  .record({ ad: fc.uint8Array({ maxLength: 31 }), rssi: fc.integer({ min: -127, max: 20 }) })
  .map(({ ad, rssi }) => ({
    bytes: event(
      '02',
      legacy('03', Buffer.from(ad).toString('hex'), (rssi & 0xff).toString(16).padStart(2, '0')),
    ),
    told: [PDU.nonconnectable, ADDRESS, rssi, Buffer.from(ad).toString('hex')],
  }))

test('however the stream is cut, the same reports come', () => {
  fc.assert(
    fc.property(
      fc.array(report, { maxLength: 20 }),
      fc.array(fc.nat(60), { maxLength: 60 }),
      (reports, cuts) => {
        const bytes = hex(reports.map(one => one.bytes).join(''))
        expect(readAll(bytes, cuts)).toEqual({ reports: reports.map(one => one.told), malformed: 0 })
      },
    ),
  )
})

test('junk that is no beginning of a packet costs no report, and each run of it counts once', () => {
  const junk = fc.constantFrom('ff', '00', '0101', '0400', '04ff', '04130501', '0302')
  fc.assert(
    fc.property(fc.array(fc.tuple(junk, report), { minLength: 1, maxLength: 20 }), list => {
      const bytes = hex(list.map(([noise, one]) => noise + one.bytes).join(''))
      expect(readAll(bytes)).toEqual({ reports: list.map(([, one]) => one.told), malformed: list.length })
    }),
  )
})

test('junk that begins like a packet holds reports up until its rest is late, and then none is lost', () => {
  const first = event('02', legacy('03', AD, 'b9'))
  const junk = ['04', '043e', '043eff', '043e1f0d', '043eff02', '043e2b0d01'].map(noise => noise + first)
  for (const noise of junk) {
    const { reports } = readAll(hex(noise + first), [], true)
    expect(reports, noise).toEqual(new Array(2).fill([PDU.nonconnectable, ADDRESS, -71, AD]))
  }
})

test('no bytes make it throw, and what it keeps is never longer than one packet', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 10 }), chunks => {
      const splitter = createSplitter(() => false)
      for (const chunk of chunks) splitter.feed(chunk)
      expect(splitter.waiting()).toBeLessThanOrEqual(258)
      expect(readAll(Buffer.concat(chunks))).toBeDefined()
    }),
  )
})
