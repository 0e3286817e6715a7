// Cutting SIP messages out of a TCP stream, however it arrives.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStream } from '../../../../../gateway/pagers/sip/wire/stream.ts'

const OK = 'SIP/2.0 200 OK\r\nCall-ID: a\r\nContent-Length: 3\r\n\r\nabc'
const BYE = 'BYE sip:a@b SIP/2.0\r\nCall-ID: b\r\nl: 0\r\n\r\n'

test('messages come out whole wherever the stream was cut', () => {
  const whole = Buffer.from(`${OK}\r\n\r\n${BYE}${OK}`)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 12 }), cuts => {
      const take = createStream()
      const ends = [...new Set(cuts), whole.length].sort((a, b) => a - b)
      const texts = ends.flatMap((end, i) => take(whole.subarray(ends[i - 1] ?? 0, end)))
      expect(texts.filter(text => text.trim() !== '')).toEqual([OK, BYE, OK])
    }),
  )
})

test('a body is counted in bytes, not letters', () => {
  const text = 'MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 3\r\n\r\n€'
  expect(createStream()(Buffer.from(text))).toEqual([text])
})

test('half a message waits', () => {
  const take = createStream()
  expect(take(Buffer.from(OK.slice(0, -1)))).toEqual([])
  expect(take(Buffer.from('c'))).toEqual([OK])
})

test('a head without an end is refused', () => {
  expect(() => createStream()(Buffer.alloc(40_000, 'x'))).toThrow('expected a SIP head within')
})

test('a body beyond all reason is refused', () => {
  const text = 'BYE sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n'
  expect(() => createStream()(Buffer.from(text))).toThrow('came 99999999')
})
