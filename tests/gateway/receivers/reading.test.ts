// Each report of a message is read by itself: what can be read is, whatever stands beside it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReports } from '../../../gateway/receivers/payload/reading.ts'
import { PAYLOAD_BYTES_MAX } from '../../../schemas/report.ts'

const alarm = { address: 'c7:f9:36:dd:b0:ca', rssiDbm: -60, data: '020106', ageMs: 0 }
const neighbour = { ...alarm, address: 'd0:00:00:00:00:01' }
const read = (value: unknown) => readReports(JSON.stringify(value))

describe('an alarm stands in a message', () => {
  it.each<[string, object]>([
    ['a level that is not available', { rssiDbm: 127 }],
    ['a level that can be none', { rssiDbm: 45 }],
    ['a level in words', { rssiDbm: 'loud' }],
    ['a level that is null', { rssiDbm: null }],
    ['an age over the longest', { ageMs: 3_600_001 }],
    ['half a millisecond', { ageMs: 12.5 }],
    ['an age of the future', { ageMs: -1 }],
    ['an age in words', { ageMs: 'soon' }],
    ['an age that is null', { ageMs: null }],
    ['extended data', { data: 'ab'.repeat(256) }],
    ['data of a chain', { data: 'ab'.repeat(1_650) }],
    ['data that no radio has', { data: 'ab'.repeat(20_000) }],
    ['data that is none', { data: 7 }],
    ['half a byte', { data: 'abc' }],
    ['no data', { data: null }],
    ['capitals', { address: 'D0:00:00:00:00:01', data: 'AB' }],
    ['an address of another kind', { address: 17 }],
    ['one more field', { txPower: 4, nested: { a: [] } }],
  ])('beside a report with %s, and is read', (_, odd) => {
    for (const reports of [
      [{ ...neighbour, ...odd }, alarm],
      [alarm, { ...neighbour, ...odd }],
    ])
      expect(read({ v: 1, reports }).reports).toContainEqual(alarm)
  })

  it.each<[string, (reports: object[]) => unknown]>([
    ['of another version', reports => ({ v: 2, reports })],
    ['of no version', reports => ({ reports })],
    ['with more fields', reports => ({ v: 1, reports, gateway: null })],
    ['that is a list', reports => reports],
  ])('%s, and is read', (_, message) => {
    expect(read(message([neighbour, alarm])).reports).toEqual([neighbour, alarm])
  })

  it('that is the report alone, and is read', () => {
    expect(read(alarm).reports).toEqual([alarm])
  })

  it('of more reports than a batch may hold', () => {
    expect(read({ v: 1, reports: [...Array(4_000).fill(neighbour), alarm] }).reports).toHaveLength(4_001)
  })

  it('that is cut short, or has in it what is no JSON: the whole reports are read, and it is told', () => {
    const text = JSON.stringify({ v: 1, reports: [alarm, neighbour] })
    for (const broken of [
      text.slice(0, -30),
      text
        .replace('-60', 'NaN')
        .replace('"c7', '"c7')
        .replace(/(.*)NaN/s, '$1NaN'),
      text.replace('{"v":1,', '{"v":1,,'),
      `${text}]`,
    ]) {
      const { reports, unread } = readReports(broken)
      expect(reports.length).toBeGreaterThan(0)
      expect(unread?.example).toContain('which is not JSON')
    }
    expect(readReports(text.slice(0, -30)).reports).toEqual([alarm])
    expect(readReports(`\ufeff${text}`)).toEqual({ reports: [alarm, neighbour], unread: null })
  })
})

const bare = { ...alarm, rssiDbm: null, ageMs: null }
const ALARM = JSON.stringify(alarm)
const NEIGHBOUR = JSON.stringify(neighbour)
const odd = (report: string) => `{"v":1,"reports":[${NEIGHBOUR},${report}]}`

describe('an alarm stands where none should, and is read', () => {
  it.each<[string, string]>([
    ['as the one thing under reports', `{"v":1,"reports":${ALARM}}`],
    ['in a group under reports', `{"v":1,"reports":{"0":${NEIGHBOUR},"1":${ALARM}}}`],
    ['in a text under reports', JSON.stringify({ v: 1, reports: JSON.stringify([alarm]) })],
    ['in a text that is the message', JSON.stringify(JSON.stringify({ v: 1, reports: [alarm] }))],
    ['in a list in the list', `{"v":1,"reports":[[[${NEIGHBOUR},${ALARM}]]]}`],
    ['in one of several batches', `[{"v":1,"reports":[${NEIGHBOUR}]},{"v":1,"reports":[${ALARM}]}]`],
    ['in the first of two lists of one name', `{"v":1,"reports":[${ALARM}],"reports":[${NEIGHBOUR}]}`],
    ['before a null of the same name', `{"v":1,"reports":[${ALARM}],"reports":null}`],
    ['beside the list', `{"address":"${alarm.address}","data":"020106","reports":[]}`],
    ['as UTF-8 with a mark, and cut', `\ufeff{"v":1,"reports":[${ALARM},{"addr`],
  ])('%s', (_, text) => {
    const { reports, unread } = readReports(text)
    expect(reports.map(({ address, data }) => ({ address, data }))).toContainEqual({
      address: alarm.address,
      data: alarm.data,
    })
    if (_ !== 'beside the list') expect(unread?.count).toBeGreaterThan(0)
  })
})

describe('an alarm that is itself broken, and is read as far as it goes', () => {
  const { address, data } = alarm
  it.each<[string, string, object]>([
    ['no number', odd(ALARM.replace('-60', 'NaN')), { rssiDbm: null }],
    ['an endless age', odd(ALARM.replace('"ageMs":0', '"ageMs":-Infinity')), { ageMs: null }],
    ['a number that is too large', odd(ALARM.replace('-60', '1e999')), { rssiDbm: null }],
    ['another language’s nothing', odd(ALARM.replace('-60', 'None')), { rssiDbm: null }],
    ['a comma too many', odd(ALARM.replace('0}', '0,}')), {}],
    ['single quotes', odd(ALARM).replaceAll('"', "'"), {}],
    ['a cut in its last field', odd(ALARM).slice(0, -6), { ageMs: null }],
    ['braces in a text', odd(`{"address":"${address}","name":"a}b{","data":"${data}",,}`), bare],
    ['a group in it', odd(ALARM.replace('}', ',"of":{"a":1}}')).replace('"v":1', '"v":NaN'), {}],
    ['half a byte more', odd(`{"address":"${address}","data":"${data}f"}`), bare],
    ['no hex after its bytes', odd(`{"address":"${address}","data":"${data}=="}`), bare],
    ['signs between its bytes', odd(`{"address":"${address}","data":"02:01-06"}`), bare],
    ['0x before its bytes', odd(`{"address":"${address}","data":"0x${data}"}`), bare],
    ['its bytes as numbers', odd(`{"address":"${address}","data":[2,1,6]}`), bare],
  ])('by %s', (_, text, is) => {
    expect(readReports(text).reports).toEqual([neighbour, { ...alarm, ...is }])
  })

  it('by a neighbour that lacks what it has: neither is given to the other', () => {
    const without = `{"rssiDbm":NaN,"address":"${neighbour.address}"}`
    expect(readReports(odd(`${without},${ALARM}`)).reports).toEqual([neighbour, alarm])
  })
})

describe('what is read of a report', () => {
  it.each<[string, object, object]>([
    ['capitals are small letters', { address: 'C7:F9:36:DD:B0:CA', data: '02010A' }, { data: '02010a' }],
    ['an address may have other signs between its bytes', { address: 'C7-F9-36-DD-B0-CA' }, {}],
    ['or none', { address: 'c7f936ddb0ca' }, {}],
    ['127 is no level', { rssiDbm: 127 }, { rssiDbm: null }],
    ['above 20 is no level', { rssiDbm: 21 }, { rssiDbm: null }],
    ['null is no level', { rssiDbm: null }, { rssiDbm: null }],
    ['a level may be written as text', { rssiDbm: '-71.5' }, { rssiDbm: -71.5 }],
    ['ages are whole', { ageMs: 12.5 }, { ageMs: 13 }],
    ['ages are not of the future', { ageMs: -400 }, { ageMs: 0 }],
    ['an old alarm keeps its age', { ageMs: 4_200_000 }, { ageMs: 4_200_000 }],
    ['a week is the oldest', { ageMs: 1e300 }, { ageMs: 604_800_000 }],
    ['null is no age', { ageMs: null }, { ageMs: null }],
    ['what is more is left out', { channel: 37 }, {}],
  ])('%s', (_, came, is) => {
    expect(read({ v: 1, reports: [{ ...alarm, ...came }] }).reports).toEqual([{ ...alarm, ...is }])
  })

  it('a missing level and a missing age are nothing to complain of; what can be none is counted, with the first of them', () => {
    const { address, data } = alarm
    expect(read({ v: 1, reports: [{ address, data }] })).toEqual({
      reports: [{ address, data, rssiDbm: null, ageMs: null }],
      unread: null,
    })
    const reports = [
      alarm,
      { ...alarm, rssiDbm: 45 },
      { ...alarm, ageMs: 'soon' },
      7,
      { ...alarm, address: 'x' },
    ]
    expect(read({ v: 1, reports }).unread).toEqual({
      count: 4,
      reason: 'malformed',
      example: 'reports[1].rssiDbm: expected a level of -127 to 20 dBm, came 45',
    })
  })
})

it('no JSON whatever costs an alarm that stands beside it', () => {
  const garbage = fc.oneof(
    fc.jsonValue(),
    fc.record(
      { address: fc.jsonValue(), rssiDbm: fc.jsonValue(), data: fc.jsonValue(), ageMs: fc.jsonValue() },
      { requiredKeys: [] },
    ),
  )
  fc.assert(
    fc.property(
      fc.array(garbage),
      fc.array(garbage),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (before, after, more) => {
        const { reports, unread } = read({ ...more, reports: [...before, alarm, ...after] })
        expect(reports).toContainEqual(alarm)
        expect(reports.length + (unread?.count ?? 0)).toBeGreaterThanOrEqual(before.length + after.length + 1)
      },
    ),
    { numRuns: 500 },
  )
})

it('no text of the longest kind is slow or thrown at', () => {
  for (const part of ['{', '{"address":', '[', '{"address":"c7f936ddb0ca","data":"', 'a', '{}', '\u0000'])
    expect(() => readReports(part.repeat(PAYLOAD_BYTES_MAX / part.length))).not.toThrow()
})
