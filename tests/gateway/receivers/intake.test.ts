import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { intake } from '../../../gateway/receivers/mqtt/intake.ts'
import { PAYLOAD_BYTES_MAX, topicOf } from '../../../schemas/report.ts'

const REPORTS = topicOf('rx-1', 'reports')
const STATUS = topicOf('rx-1', 'status')
const heard = { address: 'c7:f9:36:dd:b0:ca', rssiDbm: -60.5, data: '020106', ageMs: 0 }
const said = (topic: string, payload: string | Buffer, retain = false) =>
  intake('rx-1', { topic, payload: Buffer.from(payload), retain, dup: false })
const batchOf = (...reports: unknown[]) => JSON.stringify({ v: 1, reports })

describe('what a receiver publishes', () => {
  it('becomes its reports, in their order', () => {
    const reports = [heard, { ...heard, ageMs: 250 }]
    expect(said(REPORTS, batchOf(...reports))).toEqual({
      kind: 'reports',
      receiver: 'rx-1',
      reports,
      wasRedelivered: false,
    })
  })

  it.each([
    [
      'a field that is missing',
      batchOf({ ...heard, data: undefined }),
      'reports[0].data: expected text (in quotes), came nothing',
    ],
    [
      'an address that is none',
      batchOf({ ...heard, address: 'c7:f9:36:dd:b0' }),
      'reports[0].address: expected an address like c7:f9:36:dd:b0:ca, came "c7:f9:36:dd:b0"',
    ],
    [
      'half a byte',
      batchOf({ ...heard, data: '0' }),
      'reports[0].data: expected whole bytes as hex, came "0"',
    ],
    ['nothing but zeros', batchOf(...Array(501).fill(0)), 'reports[0]: expected a group of fields, came 0'],
    ['a number', '5', 'message: expected a group of fields, came 5'],
    ['a prototype', '{"__proto__":{"v":1,"reports":[]}}', 'expected'],
  ])('with %s is refused, saying what was expected and what came', (_name, payload, detail) => {
    const event = said(REPORTS, payload)
    expect(event).toMatchObject({ kind: 'refused', reason: 'malformed', receiver: 'rx-1' })
    expect(event.kind === 'refused' && event.detail).toContain(detail)
  })

  it('may retain a status, never reports', () => {
    expect(said(STATUS, '{"v":1,"status":"offline"}', true)).toMatchObject({ kind: 'receiver-status' })
    expect(said(REPORTS, batchOf(heard), true)).toMatchObject({ kind: 'refused', reason: 'retained' })
  })

  it('is read as far as it may be long, and what is beyond is told of', () => {
    const long = batchOf(heard).padEnd(PAYLOAD_BYTES_MAX + 1)
    expect(said(REPORTS, long)).toMatchObject({ reports: [heard], unread: { reason: 'oversized', count: 1 } })
    expect(said(REPORTS, long.slice(0, PAYLOAD_BYTES_MAX))).not.toHaveProperty('unread')
    expect(said(REPORTS, ' '.repeat(PAYLOAD_BYTES_MAX + 1))).toMatchObject({
      kind: 'refused',
      reason: 'oversized',
    })
  })

  it('says whether it is there in a status of any version, with fields missing, null or new', () => {
    for (const more of [{}, { v: 2, heard: 7 }, { v: 1, uptimeMs: null, heard: null, rssiFloor: -99 }])
      expect(said(STATUS, JSON.stringify({ ...more, status: 'online' }))).toEqual({
        kind: 'receiver-status',
        receiver: 'rx-1',
        status: { status: 'online', ...(more.heard === 7 && { heard: 7 }) },
      })
  })

  it('is never thrown at, whatever bytes it has', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(text => Buffer.from(text)),
    )
    fc.assert(
      fc.property(anything, fc.constantFrom(REPORTS, STATUS, 'x'), fc.boolean(), (bytes, topic, retain) => {
        const event = said(topic, Buffer.from(bytes), retain)
        if (event.kind === 'refused') expect(event.detail.length).toBeLessThanOrEqual(300)
        if (event.kind === 'reports') for (const each of event.reports) expect(each.address).toHaveLength(17)
      }),
    )
  })
})
