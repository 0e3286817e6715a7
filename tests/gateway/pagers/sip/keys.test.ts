// Keys: each press once, from RFC 4733 packets and both kinds of INFO body.
import { describe, expect, test } from 'vitest'
import { createPresses, keyOfEvent, keyOfInfo } from '../../../../gateway/pagers/sip/keys.ts'
import { eventPayloads } from '../../../../simulator/phones/keys.ts'

test('every key of a telephone is read from its event', () => {
  for (const key of '0123456789*#ABCD') {
    for (const { payload } of eventPayloads(key)) expect(keyOfEvent(payload)).toBe(key)
  }
})

test.each([
  ['flash', Uint8Array.of(16, 0, 0, 0)],
  ['too short', Uint8Array.of(1, 0)],
  ['nothing', Uint8Array.of()],
])('%s is no key', (_name, payload) => {
  expect(keyOfEvent(payload)).toBe(null)
})

test('the packets of one press count once, the next press counts again', () => {
  const isPress = createPresses()
  expect([1000, 1000, 1000, 2600, 2600].map(timestamp => isPress(7, timestamp))).toEqual([
    true,
    false,
    false,
    true,
    false,
  ])
})

test('a late packet of an earlier press is no new press', () => {
  const isPress = createPresses()
  expect([1000, 2600, 1000].map(timestamp => isPress(7, timestamp))).toEqual([true, true, false])
})

test('a press after the timestamp wrapped counts', () => {
  const isPress = createPresses()
  expect([2 ** 32 - 10, 500].map(timestamp => isPress(7, timestamp))).toEqual([true, true])
})

test('another stream starts anew', () => {
  const isPress = createPresses()
  expect(isPress(7, 5000)).toBe(true)
  expect(isPress(8, 10)).toBe(true)
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
    ['application/dtmf-relay', 'Signal=10', '*'],
  ])('%s %j is key %s', (type, body, key) => {
    expect(keyOfInfo(type, body)).toBe(key)
  })

  test.each([
    ['application/dtmf', ''],
    ['application/dtmf', 'hello'],
    ['application/dtmf-relay', '1'],
    ['application/media_control+xml', '1'],
    ['text/plain', 'Signal=1'],
  ])('%s %j is no key', (type, body) => {
    expect(keyOfInfo(type, body)).toBe(null)
  })
})
