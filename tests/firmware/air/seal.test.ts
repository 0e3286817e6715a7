import { createDecipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainFrame, sealerOn, textOf } from '../../../firmware/air/frame.ts'
import { benchOf, COUNTER_AT, STREAM_AT, TEXT_AT, TEXT_BYTES_MAX } from '../../../firmware/air/seal.ts'
import { asleep } from '../../../firmware/state.ts'
import { BTHOME_UUID } from '../../../schemas/frame.ts'
import vectors from '../../vectors/bthome.json' with { type: 'json' }
import { addressOf, aes, bytes, hex } from './aes.ts'

/** Counters near every carry, and any. */
const counters = fc.oneof(
  fc.constantFrom(
    0,
    1,
    254,
    255,
    256,
    65_535,
    65_536,
    2 ** 24 - 1,
    2 ** 31 - 2,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 2,
  ),
  fc.nat(0xfffffffe),
)
const benchFor = (key: string, address: string) => benchOf(aes, bytes(key), addressOf(address))

test.each(vectors.bthome)('seals the BTHome vector "$name" ($source)', vector => {
  const bench = benchFor(vector.key, vector.address)
  const plain = bytes(vector.plain)
  bench.lay(BTHOME_UUID, vector.info, vector.counter, plain)
  expect(hex(bench.bytes.subarray(1, 14))).toBe(vector.nonce)
  bench.seal()
  const info = vector.info.toString(16).padStart(2, '0')
  const counter = hex(bench.bytes.subarray(COUNTER_AT, COUNTER_AT + 4))
  expect(info + hex(bench.out.subarray(0, plain.length)) + counter + hex(bench.mic)).toBe(vector.serviceData)
})

test.each(vectors.bthome)('opens the BTHome vector "$name"', vector => {
  const bench = benchFor(vector.key, vector.address)
  const data = bytes(vector.serviceData)
  bench.lay(BTHOME_UUID, vector.info, vector.counter, data.slice(1, -8))
  expect(bench.open(data.slice(-4))).toBe(true)
  expect(hex(bench.bytes.subarray(TEXT_AT, TEXT_AT + data.length - 9))).toBe(vector.plain)
})

test('one wrong bit anywhere opens nothing', () => {
  const [vector] = vectors.bthome
  const data = bytes(vector?.serviceData ?? '')
  const bench = benchFor(vector?.key ?? '', vector?.address ?? '')
  for (let bit = 8; bit < data.length * 8; bit++) {
    const wrong = data.slice()
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    // The counter is part of the nonce, which is rebuilt here as a reader would.
    const counter = Buffer.from(wrong.slice(-8, -4)).readUInt32LE()
    bench.lay(BTHOME_UUID, vector?.info ?? 0, counter, wrong.slice(1, -8))
    expect(bench.open(wrong.slice(-4)), `bit ${bit}`).toBe(false)
  }
})

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 })
const six = fc.uint8Array({ minLength: 6, maxLength: 6 })
const texts = fc.uint8Array({ minLength: 1, maxLength: TEXT_BYTES_MAX })

test('whatever is sealed is opened by node:crypto and by ourselves, whatever lay on the bench before', () => {
  fc.assert(
    fc.property(sixteen, six, fc.array(fc.tuple(counters, texts), { minLength: 1 }), (key, address, all) => {
      const bench = benchOf(aes, key, address)
      for (const [counter, plain] of all) {
        bench.lay(BTHOME_UUID, 0x45, counter, plain)
        const nonce = bench.bytes.slice(1, 14)
        expect(Buffer.from(nonce).readUInt32LE(9)).toBe(counter)
        bench.seal()
        const [sealed, mic] = [bench.out.slice(0, plain.length), bench.mic.slice()]
        const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: 4 })
        decipher.setAuthTag(mic)
        expect(hex(decipher.update(sealed))).toBe(hex(plain))
        decipher.final()
        bench.lay(BTHOME_UUID, 0x45, counter, sealed)
        expect(bench.open(mic)).toBe(true)
        expect(hex(bench.bytes.subarray(TEXT_AT, TEXT_AT + plain.length))).toBe(hex(plain))
      }
    }),
  )
})

const saying = (more: object) => Object.assign(asleep(), { hasKey: 1, packetId: 8, ...more })
const pressed = saying({ alarmKind: 1, number: 1, isCordParted: 1, frameCounter: 42 })

test('a frame is flags, then service data, 27 bytes of the 31 there are', () => {
  const [, , , , , vector] = vectors.bthome
  expect(hex(Uint8Array.from(textOf(pressed)))).toBe(vector?.plain)
  const data = sealerOn(benchFor(vector?.key ?? '', vector?.address ?? ''))(pressed)
  expect(hex(data)).toBe(`0201061716d2fc${vector?.serviceData}`)
})

test('without a key the same frame goes out plain', () => {
  expect(hex(plainFrame(saying({ ...pressed, hasKey: 0 })))).toBe('0201060f16d2fc44000801643a045403110105')
})

test('the heartbeat, which changes two bytes of the frame before, is byte for byte what is sealed from nothing', () => {
  const state = fc.record({
    packetId: fc.nat(255),
    battery: fc.nat(100),
    number: fc.nat(255),
    daysLeft: fc.nat(7),
    isCordParted: fc.nat(1),
    isCordFaulty: fc.nat(1),
    frameCounter: counters,
  })
  fc.assert(
    fc.property(sixteen, six, state, fc.nat(255), (key, address, start, packetId) => {
      const bench = benchOf(aes, key, address)
      const quick = sealerOn(bench)
      const whole = sealerOn(benchOf(aes, key, address))
      const s = saying(start)
      quick(s)
      for (let i = 0; i < 4; i++) {
        s.packetId = (packetId + i) & 0xff
        s.frameCounter++
        // Over a carry sending.ts takes a whole turn.
        if (s.frameCounter % 256 === 0) quick(s)
        expect(hex(bench.again(s.packetId, s.frameCounter % 256))).toBe(hex(whole(s)))
      }
    }),
  )
  expect(STREAM_AT).toBe(32)
})
