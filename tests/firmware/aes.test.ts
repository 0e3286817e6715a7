// AES in plain JavaScript against the standard's own vectors and node:crypto, and what it works out ahead.
import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { softAes } from '../../firmware/aes.ts'
import { sealerOn } from '../../firmware/frame.ts'
import { benchOf } from '../../firmware/seal.ts'
import { asleep } from '../../firmware/state.ts'
import { addressOf, bytes, hex, aes as theirs } from './aes.ts'

const idle = (_run: () => void): void => {}

test.each([
  // FIPS 197, appendix B and C.1; SP 800-38A F.1.1, block 1.
  [
    '2b7e151628aed2a6abf7158809cf4f3c',
    '3243f6a8885a308d313198a2e0370734',
    '3925841d02dc09fbdc118597196a0b32',
  ],
  [
    '000102030405060708090a0b0c0d0e0f',
    '00112233445566778899aabbccddeeff',
    '69c4e0d86a7b0430d8cdb78070b4c55a',
  ],
  [
    '2b7e151628aed2a6abf7158809cf4f3c',
    '6bc1bee22e409f96e93d7e117393172a',
    '3ad77bb40d7a3660a89ecaf32466ef97',
  ],
])('under key %s the block %s becomes %s', (key, plain, cipher) => {
  expect(hex(new Uint8Array(softAes(idle).ecb(bytes(plain), bytes(key))))).toBe(cipher)
})

test('any blocks under any key are as node:crypto has them, in both modes', () => {
  const aes = softAes(idle)
  const key16 = fc.uint8Array({ minLength: 16, maxLength: 16 })
  const blocks = fc.uint8Array({ minLength: 48, maxLength: 48 })
  fc.assert(
    fc.property(key16, blocks, (key, data) => {
      const node = (mode: string, iv: Uint8Array | null): string =>
        createCipheriv(`aes-128-${mode}`, key, iv).setAutoPadding(false).update(data).toString('hex')
      expect(hex(new Uint8Array(aes.ecb(data, key)))).toBe(node('ecb', null))
      expect(hex(new Uint8Array(aes.cbc(data, key)))).toBe(node('cbc', new Uint8Array(16)))
    }),
  )
})

test('what was asked for ahead is worked out while idle, a block at a time, and comes out the same', () => {
  const waiting: (() => void)[] = []
  const aes = softAes(run => waiting.push(run))
  const key = bytes('231d39c1d7cc1ab1aee224cd096db932')
  const address = addressOf('c7:f9:36:dd:b0:ca')
  const quiet = Object.assign(asleep(), { hasKey: 1, packetId: 255, number: 255, frameCounter: 511 })
  const alarm = Object.assign({}, quiet, {
    ...{ packetId: 0, alarmKind: 1, number: 1, isCordParted: 1, frameCounter: 512 },
  })
  const sealer = sealerOn(benchOf(aes, key, address))
  sealer.frame(quiet)
  expect(waiting).toHaveLength(1)
  let turns = 0
  for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
    run()
    turns++
  }
  // Two blocks of key stream, and the frames of a pulled cord and of a held button.
  expect(turns).toBe(4)
  // A block encrypted anew would make an Int32Array of its words: with nothing to look up, four numbers in and as many a round.
  const real = globalThis.Int32Array
  let made = 0
  globalThis.Int32Array = new Proxy(real, {
    construct: (target, given) => {
      if (given[0] === 4) made++
      return Reflect.construct(target, given)
    },
  })
  const frame = sealer.frame(alarm).slice()
  globalThis.Int32Array = real
  expect(made).toBe(0)
  expect(hex(frame)).toBe(hex(sealerOn(benchOf(theirs, key, address)).frame(alarm)))
})
