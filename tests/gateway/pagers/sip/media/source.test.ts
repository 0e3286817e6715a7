// Whose packets are the telephone's, and where our sound goes.
import { describe, expect, test } from 'vitest'
import { createSource, type Packet, type Place } from '../../../../../gateway/pagers/sip/media/source.ts'

const PHONE = { host: '192.0.2.7', port: 4000 }
const OTHER_PORT = { host: '192.0.2.7', port: 4002 }
const STRANGER = { host: '203.0.113.9', port: 666 }

function aimed(at: Place = PHONE) {
  const source = createSource()
  source.aim(at)
  const hear = (from: Place, more: Partial<Packet> = {}): boolean =>
    source.isBelieved({ from, ssrc: 7, sequence: 1, atMs: 0, ...more })
  const stream = (from: Place, packets: number, more: Partial<Packet> = {}): boolean[] =>
    Array.from({ length: packets }, (_, i) => hear(from, { sequence: 1 + i, atMs: 20 * i, ...more }))
  return { source, hear, stream }
}

describe('whose packets they are', () => {
  test('those from the place that the description says', () => {
    expect(aimed().hear(PHONE)).toBe(true)
  })

  test.each([
    ['another port', OTHER_PORT],
    ['another host', STRANGER],
  ])(
    'nobody else’s: %s before the telephone has said anything, and the telephone is heard after it',
    (_name, from) => {
      const { source, hear, stream } = aimed()
      expect(stream(from, 200)).not.toContain(true)
      expect(source.target()).toEqual(PHONE)
      expect(hear(PHONE, { ssrc: 8 })).toBe(true)
    },
  )

  test('another stream from the telephone’s place is the telephone’s: it may begin anew', () => {
    const { hear } = aimed()
    expect([hear(PHONE), hear(PHONE, { ssrc: 9, sequence: 50_000 })]).toEqual([true, true])
  })

  test('a source that moves is followed: the same stream goes on, and the old place is silent', () => {
    const { source, hear } = aimed()
    hear(PHONE, { sequence: 100, atMs: 0 })
    expect(hear(OTHER_PORT, { sequence: 101, atMs: 1_500 })).toBe(true)
    expect(source.target()).toEqual(OTHER_PORT)
    expect(hear(OTHER_PORT, { sequence: 102, atMs: 1_520 })).toBe(true)
    expect(hear(PHONE, { sequence: 103, atMs: 1_540 }), 'and its own place is always believed').toBe(true)
    expect(source.target()).toEqual(PHONE)
  })

  test.each<[string, Partial<Packet>]>([
    ['of another stream', { ssrc: 8, sequence: 101, atMs: 5_000 }],
    ['that does not go on', { sequence: 100, atMs: 5_000 }],
    ['that goes back', { sequence: 40, atMs: 5_000 }],
    ['that leaps', { sequence: 9_000, atMs: 5_000 }],
    ['while the old place still speaks', { sequence: 101, atMs: 500 }],
  ])('one %s is not followed', (_name, packet) => {
    const { hear } = aimed()
    hear(PHONE, { sequence: 100, atMs: 0 })
    expect(hear(OTHER_PORT, packet)).toBe(false)
  })

  test('a new description ends the old place', () => {
    const { source, hear } = aimed()
    hear(PHONE)
    source.aim(OTHER_PORT)
    expect([hear(PHONE, { sequence: 2 }), hear(OTHER_PORT, { ssrc: 9 })]).toEqual([false, true])
    expect(source.target()).toEqual(OTHER_PORT)
  })

  test('an address is the same however it is spelled', () => {
    const { hear } = aimed({ host: '2001:DB8:0:0:0:0:0:1', port: 4000 })
    expect(hear({ host: '2001:db8::1', port: 4000 })).toBe(true)
  })
})

describe('where our sound goes', () => {
  test('to the described place, whatever comes from elsewhere', () => {
    const { source, stream } = aimed()
    stream(OTHER_PORT, 500)
    expect(source.target()).toEqual(PHONE)
  })

  test('where that cannot be reached, to the one stream that comes; its keys are still nobody’s', () => {
    const { source, hear, stream } = aimed()
    source.cannotReach()
    expect(source.target()).toEqual(PHONE)
    stream(STRANGER, 30)
    expect(source.target()).toEqual(STRANGER)
    expect(hear(STRANGER, { sequence: 31, atMs: 900 })).toBe(false)
  })
})
