// Keys: each press once, from RFC 4733 packets and both kinds of INFO body; and nothing that is not wholly a key.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createPresses,
  type EventPacket,
  keyOfEvent,
  keyOfInfo,
  readEvent,
} from '../../../../../gateway/pagers/sip/media/keys.ts'
import { eventPayloads } from '../../../../../simulator/phones/sound/keys.ts'

test('every key of a telephone is read from its event', () => {
  for (const key of '0123456789*#ABCD') {
    for (const { payload } of eventPayloads(key)) expect(keyOfEvent(readEvent(payload)?.code ?? -1)).toBe(key)
  }
})

test('flash and what is beyond it are no key, and what is not made of whole events is none', () => {
  for (let code = 16; code < 256; code += 1) expect(keyOfEvent(code)).toBe(null)
  for (const bytes of [[], [1], [1, 0, 0], [1, 0, 0, 160, 0], Array(160).fill(1)])
    expect(readEvent(Uint8Array.from(bytes))).toBe(null)
})

type Sent = Partial<EventPacket>
/** How many presses a sender's packets are; each goes on by one in its sequence unless it says otherwise. */
function presses(...packets: Sent[]): number {
  const isPress = createPresses()
  return packets.filter((packet, i) =>
    isPress({
      ssrc: 7,
      sequence: 100 + i,
      timestamp: 1000,
      isMarked: false,
      code: 1,
      isEnd: false,
      duration: 160,
      ...packet,
    }),
  ).length
}
const begin = (more: Sent = {}): Sent => ({ isMarked: true, ...more })
const going = (more: Sent = {}): Sent => ({ duration: 320, ...more })
const end = (more: Sent = {}): Sent => ({ isEnd: true, duration: 480, ...more })
const whole = (more: Sent = {}): Sent[] => [begin(more), going(more), end(more), end(more), end(more)]

describe('one press', () => {
  test.each<[string, Sent[]]>([
    ['begins, goes on, and ends three times', whole()],
    ['whose beginning was lost', [going(), end(), end()]],
    ['of which only an end came', [end()]],
    ['whose ends are marked too', [begin(), end(begin()), end(begin()), end(begin())]],
    [
      'held for long',
      Array.from({ length: 400 }, (_, i) => going({ isMarked: i === 0, duration: 160 * (i + 1) })),
    ],
    [
      'held for longer than an event may say, in segments',
      [
        begin(),
        going({ duration: 0xffff }),
        going({ timestamp: 1000 + 0xffff, duration: 160 }),
        going({ timestamp: 1000 + 0xffff, duration: 0xffff }),
        end({ timestamp: 1000 + 2 * 0xffff }),
      ],
    ],
    [
      'whose sender moves the timestamp with each packet',
      [
        begin(),
        going({ timestamp: 1160 }),
        going({ timestamp: 1320 }),
        end({ timestamp: 1480 }),
        end({ timestamp: 1480 }),
      ],
    ],
    ['a packet of which came twice', [begin(), begin({ sequence: 100 }), end()]],
  ])('%s', (_name, packets) => {
    expect(presses(...packets)).toBe(1)
  })
})

describe('two presses', () => {
  test.each<[string, Sent[]]>([
    ['one after the other', [...whole(), ...whole({ timestamp: 4000 })]],
    ['of another key under the same timestamp', [...whole({ code: 2 }), ...whole()]],
    ['of another key under an earlier one', [...whole({ code: 2, timestamp: 9000 }), ...whole()]],
    ['of one key under the same timestamp, marked after an end', [...whole(), ...whole()]],
    ['of one key under the same timestamp, not marked', [...whole(), going({ duration: 160 }), end()]],
    ['of one key under an earlier timestamp', [...whole({ timestamp: 9000 }), ...whole()]],
    [
      'the first of which lost its ends',
      [begin(), going(), begin({ timestamp: 4000 }), end({ timestamp: 4000 })],
    ],
    ['of another stream', [...whole(), ...whole({ ssrc: 8 })]],
    ['as the timestamp wraps', [...whole({ timestamp: 2 ** 32 - 10 }), ...whole({ timestamp: 5000 })]],
    [
      'whose sender begins its numbers anew',
      [...whole({ timestamp: 9000 }), begin({ sequence: 30_000 }), end({ sequence: 30_001 })],
    ],
    ['whose sender does not move its numbers', [begin({ code: 2, sequence: 5 }), begin({ sequence: 5 })]],
  ])('%s', (_name, packets) => {
    expect(presses(...packets)).toBe(2)
  })

  test('a late packet of the first is no third', () => {
    const late = { ...going({ code: 2 }), sequence: 101 }
    expect(presses(...whole({ code: 2 }), ...whole({ timestamp: 4000 }), late)).toBe(2)
  })
})

test('whatever the network loses, doubles or delays of presses told apart, none is counted twice', () => {
  const keys = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 6 })
  const fates = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 6 })), {
    minLength: 40,
    maxLength: 40,
  })
  fc.assert(
    fc.property(keys, fates, (codes, fate) => {
      const sent = codes
        .flatMap((code, i) => whole({ code, timestamp: 1000 + 4000 * i }))
        .map((packet, i) => ({ ...packet, sequence: 100 + i }))
      const order = sent.flatMap((packet, i) => {
        const [isLost, delay] = fate[i % fate.length] ?? [false, 0]
        return isLost ? [] : [{ packet, at: i + delay }]
      })
      order.sort((a, b) => a.at - b.at)
      expect(presses(...order.map(({ packet }) => packet))).toBeLessThanOrEqual(codes.length)
    }),
  )
})

describe('INFO', () => {
  test.each([
    ['application/dtmf', '1', '1'],
    ['application/dtmf', '#\r\n', '#'],
    ['Application/DTMF; charset=utf-8', ' 5 ', '5'],
    ['application/dtmf', 'Signal=9\r\nDuration=100', '9'],
    ['application/dtmf', '11', '#'],
    ['application/dtmf-relay', 'Signal=1\r\nDuration=160\r\n', '1'],
    ['application/dtmf-relay', 'Signal= *\r\nDuration= 160\r\n', '*'],
    ['application/dtmf-relay', 'Duration=160\nSignal=d\n', 'D'],
    ['application/dtmf-relay', 'Duration=160\r\nSignal=1', '1'],
    ['application/dtmf-relay', '\r\nSIGNAL = 1 \r\nduration=160\r\n\r\n', '1'],
    ['application/dtmf-relay', 'signal\t=\t1\n', '1'],
    ['application/dtmf-relay', 'Signal=10', '*'],
    ['application/dtmf-relay', 'Signal=11\n', '#'],
    ['application/dtmf-relay', 'Signal=12\r\n', 'A'],
    ['application/dtmf-relay', 'Signal=15\r\n', 'D'],
  ])('%s %j is key %s', (type, body, key) => {
    expect(keyOfInfo(type, body)).toBe(key)
  })

  test.each([
    ['application/dtmf', ''],
    ['application/dtmf', 'hello'],
    ['application/dtmf', '1\r\n2'],
    ['application/dtmf-relay', '1'],
    ['application/dtmf-relay', 'Signal=16'],
    ['application/dtmf-relay', 'Signal=17'],
    ['application/dtmf-relay', 'Signal=111'],
    ['application/dtmf-relay', 'Signal=01'],
    ['application/dtmf-relay', 'Signal=1x'],
    ['application/dtmf-relay', 'Signal=1 2'],
    ['application/dtmf-relay', 'Signal=１'],
    ['application/dtmf-relay', 'Signal='],
    ['application/dtmf-relay', 'Signal=2\r\nSignal=1'],
    ['application/dtmf-relay', 'Signal=1\r\nnothing of this kind'],
    ['application/dtmf-relay', 'Duration=1'],
    ['application/dtmf-relay', 'NoSignal=1'],
    ['application/dtmf-relay2', 'Signal=1'],
    ['application/media_control+xml', '1'],
    ['text/plain', 'Signal=1'],
    ['', 'Signal=1'],
  ])('%s %j is no key', (type, body) => {
    expect(keyOfInfo(type, body)).toBe(null)
  })
})
