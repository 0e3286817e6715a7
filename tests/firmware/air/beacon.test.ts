import { expect, test } from 'vitest'
import { readBeacon } from '../../../firmware/air/beacon.ts'
import { benchOf } from '../../../firmware/air/seal.ts'
import vectors from '../../vectors/bthome.json' with { type: 'json' }
import { addressOf, aes, bytes } from './aes.ts'

const read = (vector: (typeof vectors.beacon)[number], data = bytes(vector.data), newerThan = -1) =>
  readBeacon(benchOf(aes, bytes(vector.key), addressOf(vector.address)), newerThan, data)

test.each(vectors.beacon)('opens the beacon "$name"', vector => {
  const { counter, told, number, frameCounter } = vector
  expect(read(vector)).toEqual({ counter, told, number, frameCounter })
})

test.each(vectors.beacon)(
  'a beacon "$name" no newer than the last believed one is not even opened',
  vector => {
    expect(read(vector, bytes(vector.data), vector.counter)).toBeNull()
    expect(read(vector, bytes(vector.data), vector.counter - 1)).not.toBeNull()
  },
)

test.each(vectors.beacon)('one wrong bit anywhere in "$name" and it says nothing', vector => {
  const data = bytes(vector.data)
  for (let bit = 0; bit < data.length * 8; bit++) {
    const wrong = data.slice()
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(read(vector, wrong), `bit ${bit}`).toBeNull()
  }
})

test.each(vectors.beacon)('a beacon "$name" too short or too long says nothing', vector => {
  const data = bytes(vector.data)
  for (let length = 0; length < data.length; length++) expect(read(vector, data.slice(0, length))).toBeNull()
  expect(read(vector, Uint8Array.from([...data, 0]))).toBeNull()
})
