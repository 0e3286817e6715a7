import { createDecipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advertisement, nonceOf, plaintext, sealedData } from '../../firmware/frame.ts'
import { open, seal } from '../../firmware/seal.ts'
import { BTHOME_UUID } from '../../schemas/frame.ts'
import vectors from '../vectors/bthome.json' with { type: 'json' }
import { addressOf, aes, bytes, hex } from './aes.ts'

test.each(vectors.bthome)('seals the BTHome vector "$name" ($source)', vector => {
  const address = addressOf(vector.address)
  expect(hex(nonceOf(address, BTHOME_UUID, vector.info, vector.counter))).toBe(vector.nonce)
  const sealed = sealedData(aes, bytes(vector.key), address, vector.info, vector.counter, bytes(vector.plain))
  expect(hex(sealed)).toBe(vector.serviceData)
})

test.each(vectors.bthome)('opens the BTHome vector "$name"', vector => {
  const data = bytes(vector.serviceData)
  const sealed = { data: data.slice(1, -8), mic: data.slice(-4) }
  const opened = open(aes, bytes(vector.key), bytes(vector.nonce), sealed)
  expect(opened === null ? null : hex(opened)).toBe(vector.plain)
})

test('one wrong bit anywhere opens nothing', () => {
  const [vector] = vectors.bthome
  const data = bytes(vector?.serviceData ?? '')
  for (let bit = 8; bit < data.length * 8; bit++) {
    const wrong = data.slice()
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    // The counter is part of the nonce, which is rebuilt here as a reader would.
    const nonce = bytes(vector?.nonce ?? '')
    nonce.set(wrong.slice(-8, -4), 9)
    const sealed = { data: wrong.slice(1, -8), mic: wrong.slice(-4) }
    expect(open(aes, bytes(vector?.key ?? ''), nonce, sealed), `bit ${bit}`).toBeNull()
  }
})

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 })
const thirteen = fc.uint8Array({ minLength: 13, maxLength: 13 })

test('whatever is sealed is opened by node:crypto and by ourselves, over any number of blocks', () => {
  fc.assert(
    fc.property(sixteen, thirteen, fc.uint8Array({ maxLength: 70 }), (key, nonce, plain) => {
      const sealed = seal(aes, key, nonce, plain)
      const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: 4 })
      decipher.setAuthTag(sealed.mic)
      expect(hex(decipher.update(sealed.data))).toBe(hex(plain))
      decipher.final()
      expect(open(aes, key, nonce, sealed)).toEqual(plain)
    }),
  )
})

test('a frame is flags, then service data, 27 bytes of the 31 there are', () => {
  const [, , , , , vector] = vectors.bthome
  const frame = { packetId: 8, battery: 100, button: 4, kind: 1, number: 1, flags: 1 }
  expect(hex(plaintext(frame))).toBe(vector?.plain)
  const data = advertisement(aes, bytes(vector?.key ?? ''), addressOf(vector?.address ?? ''), 42, frame)
  expect(hex(data)).toBe(`0201061716d2fc${vector?.serviceData}`)
})

test('without a key the same frame goes out plain', () => {
  const frame = { packetId: 8, battery: 100, button: 4, kind: 1, number: 1, flags: 5 }
  expect(hex(advertisement(aes, null, addressOf('c7:f9:36:dd:b0:ca'), 42, frame))).toBe(
    '0201060f16d2fc44000801643a045403110105',
  )
})
