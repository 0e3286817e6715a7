// Our encoder against the telephone's decoder, which share no code.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode } from '../../../../../gateway/pagers/sip/media/g711.ts'
import { decodeSound } from '../../../../../simulator/phones/sound/g711.ts'

const anySample = fc.integer({ min: -32_768, max: 32_767 })

describe.each(['PCMU', 'PCMA'] as const)('%s', codec => {
  const through = (sample: number): number => decodeSound(codec, encode(codec, Int16Array.of(sample)))[0] ?? 0

  test('a sample comes back within its quantization step', () => {
    fc.assert(
      fc.property(anySample, sample => {
        // A step is at most 1/16 of the level (one sign, eight segments of sixteen steps), 16 at the lowest.
        expect(Math.abs(through(sample) - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16))
      }),
    )
  })

  test('every decoded level encodes to itself', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const level = decodeSound(codec, Uint8Array.of(byte))
      expect(decodeSound(codec, encode(codec, level))).toEqual(level)
    }
  })
})

test('known bytes of the recommendation', () => {
  expect([...encode('PCMU', Int16Array.of(0, 32_767, -32_768))]).toEqual([0xff, 0x80, 0x00])
  expect([...encode('PCMA', Int16Array.of(0, 32_767, -32_768))]).toEqual([0xd5, 0xaa, 0x2a])
})
