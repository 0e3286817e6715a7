// AES in plain JavaScript against the standard's own vectors and node:crypto, and what it works out ahead.
import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Look, lanesOf, scheduleOf, tablesOf } from '../../../firmware/air/aes.ts'
import { sealerOn } from '../../../firmware/air/frame.ts'
import { softAes } from '../../../firmware/air/ready.ts'
import { benchOf } from '../../../firmware/air/seal.ts'
import type { Aes } from '../../../firmware/board.ts'
import type { State } from '../../../firmware/fields.ts'
import { asleep } from '../../../firmware/state.ts'
import { addressOf, bytes, hex, aes as theirs } from './aes.ts'

const KEY = bytes('231d39c1d7cc1ab1aee224cd096db932')
const ADDRESS = addressOf('c7:f9:36:dd:b0:ca')

/** A chip that counts what it is asked to look up, and whose hands can be moved at the next time they are looked at. */
const chip = () => {
  const waiting: (() => void)[] = []
  const outside = { looks: 0, hands: 0, looksAtHands: 0, whenLooked: () => {} }
  const aes = softAes({
    look: (from, to, map) => {
      outside.looks++
      look(from, to, map)
    },
    named: given => Buffer.from(given).toString('latin1'),
    later: run => waiting.push(run),
    hands: () => {
      outside.looksAtHands++
      outside.whenLooked()
      return outside.hands
    },
  })
  /** Lets it work until it rests, or so many pieces; the answer is how many it were. */
  const idle = (most = 50): number => {
    let pieces = 0
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      run()
      if (++pieces === most) break
    }
    return pieces
  }
  return { aes, outside, idle }
}

const look: Look = (from, to, map) => {
  from.forEach((place, i) => {
    to[i] = map[place] as number
  })
}
const tables = tablesOf()
const encrypted = (count: 1 | 3, blocks: Uint8Array, key: Uint8Array): string => {
  const lanes = lanesOf(look, tables, count)
  lanes.blocks.set(blocks)
  expect(lanes.run(scheduleOf(tables, key), null)).toBe(true)
  return hex(lanes.blocks)
}

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
])('under key %s the block %s becomes %s', (key, text, cipher) => {
  expect(encrypted(1, bytes(text), bytes(key))).toBe(cipher)
})

test.each([1, 3] as const)('any %d blocks under any key are as node:crypto has them', count => {
  const key16 = fc.uint8Array({ minLength: 16, maxLength: 16 })
  const blocks = fc.uint8Array({ minLength: count * 16, maxLength: count * 16 })
  fc.assert(
    fc.property(key16, blocks, (key, data) => {
      const node = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(data)
      expect(encrypted(count, data, key)).toBe(node.toString('hex'))
    }),
  )
})

/** A pendant that has been idle under every counter up to this one, near carries of all that counts. */
const quiet: State = Object.assign(asleep(), { hasKey: 1, packetId: 254, number: 255, frameCounter: 510 })
const next = (s: State): State => ({
  ...s,
  packetId: (s.packetId + 1) & 255,
  frameCounter: s.frameCounter + 1,
})
const pulled = (s: State): State => ({ ...next(s), alarmKind: 1, number: 1, isCordParted: 1 })
const held = (s: State): State => ({ ...next(s), alarmKind: 2, number: 1 })
const assisted = (s: State): State => ({ ...next(s), alarmKind: 3, number: 1 })
/** As main has it: what was sealed is told. */
const sealingOn = (aes: Aes): ((s: State) => Uint8Array) => {
  const bench = benchOf(aes, KEY, ADDRESS)
  const seal = sealerOn(bench)
  return s => {
    const frame = seal(s).slice()
    bench.ahead?.()
    return frame
  }
}
const frameOf = (s: State): string => hex(sealerOn(benchOf(theirs, KEY, ADDRESS))(s))

/** What is ready is forgotten; then, for each of two counters, it is seen what is missing, a nonce opened, the frames made. */
const PIECES = 7

/** Looks of one block by itself: ten times the rows, nine times the columns, and the S-box. */
const BLOCK_LOOKS = 9 * 5 + 2

test.each([
  { what: 'the next idle frame', of: next },
  { what: 'a pulled cord', of: pulled },
  { what: 'a held button', of: held },
])('$what is ready while idle, and the first alarm again at the instant of the next idle frame', ({ of }) => {
  const { aes, outside, idle } = chip()
  const sealer = sealingOn(aes)
  sealer(quiet)
  expect(idle()).toBe(PIECES)
  outside.looks = 0
  // The one after an idle frame that nothing was worked out for since.
  expect(hex(sealer(next(quiet)))).toBe(frameOf(next(quiet)))
  expect(hex(sealer(of(next(quiet))))).toBe(frameOf(of(next(quiet))))
  expect(outside.looks).toBe(0)
})

test('of what nobody could know the text is all there is to do', () => {
  const { aes, outside, idle } = chip()
  const sealer = sealingOn(aes)
  sealer(quiet)
  idle()
  outside.looks = 0
  expect(hex(sealer(assisted(quiet)))).toBe(frameOf(assisted(quiet)))
  expect(outside.looks).toBe(BLOCK_LOOKS)
})

test('in an alarm the next frame of it is ready, and the next alarm, and nothing beyond', () => {
  const { aes, outside, idle } = chip()
  const sealer = sealingOn(aes)
  const first = pulled(quiet)
  sealer(first)
  expect(idle()).toBe(PIECES)
  outside.looks = 0
  const second = { ...first, frameCounter: first.frameCounter + 1 }
  expect(hex(sealer(second))).toBe(frameOf(second))
  const graver = { ...held(first), number: 2 }
  expect(hex(sealer(graver))).toBe(frameOf(graver))
  expect(outside.looks).toBe(0)
})

test('a hand that moves stops what is worked out ahead within two rounds, and it is begun anew', () => {
  const { aes, outside, idle } = chip()
  const sealer = sealingOn(aes)
  sealer(quiet)
  outside.looks = 0
  // Up to the first nonce.
  expect(idle(2)).toBe(2)
  expect(outside.looks).toBe(0)
  outside.looksAtHands = 0
  outside.whenLooked = () => {
    if (outside.looksAtHands === 3) outside.hands = 1
  }
  expect(idle(1)).toBe(1)
  expect(outside.looks).toBeGreaterThan(0)
  expect(outside.looks).toBeLessThanOrEqual(2 * 5)
  idle()
  outside.looks = 0
  expect(hex(sealer(pulled(quiet)))).toBe(frameOf(pulled(quiet)))
  expect(outside.looks).toBe(0)
})

test('stopped or not, frames are the same as node:crypto seals them, whatever follows what', () => {
  const kinds = fc.array(
    fc.record({
      of: fc.constantFrom(next, pulled, held, assisted),
      pieces: fc.nat(PIECES),
      moves: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(kinds, fc.constantFrom(0, 253, 65_534, 2 ** 32 - 20), (all, counter) => {
      const { aes, outside, idle } = chip()
      const sealer = sealingOn(aes)
      let s: State = { ...quiet, frameCounter: counter }
      expect(hex(sealer(s))).toBe(frameOf(s))
      for (const { of, pieces, moves } of all) {
        outside.whenLooked = () => {
          if (moves && outside.looksAtHands % 5 === 0) outside.hands++
        }
        if (pieces > 0) idle(pieces)
        s = of({ ...s, alarmKind: 0, isCordParted: 0 })
        expect(hex(sealer(s))).toBe(frameOf(s))
      }
    }),
  )
})
