// A walk's readings as text and back again.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packReadings, unpackReadings } from '../../../../gateway/core/walk/pack.ts'
import type { WalkReading } from '../../../../schemas/walk.ts'

const RECEIVERS = Array.from({ length: 300 }, (_, i) => `r-${i}`)
const reading = fc.tuple(
  fc.integer({ min: 0, max: 2 ** 33 }),
  fc.constantFrom(...RECEIVERS),
  fc.integer({ min: -1270, max: 200 }).map(tenths => tenths / 10),
)

describe('packing a walk', () => {
  test('and unpacking it is the identity, in order of time', () => {
    fc.assert(
      fc.property(fc.array(reading), readings => {
        const sorted = [...readings].sort((a, b) => a[0] - b[0])
        expect(unpackReadings(packReadings(readings, RECEIVERS), RECEIVERS)).toEqual(sorted)
      }),
    )
  })

  test('is about a megabyte for the largest walk: 40 rooms of a minute, ten beacons a second, eight receivers', () => {
    const readings = Array.from(
      { length: 192_000 },
      (_, i): WalkReading => [i * 12.5, `r-${i % 8}`, -60 - ((i * 7) % 23)],
    )
    const text = packReadings(readings, RECEIVERS.slice(0, 8))
    expect(text.length).toBeLessThan(1.1e6)
    expect(unpackReadings(text, RECEIVERS.slice(0, 8))).toHaveLength(192_000)
  })

  test('a text cut short, or one that names a receiver that is not there, is refused', () => {
    const text = packReadings([[1_000, 'r-1', -60]], ['r-0', 'r-1'])
    expect(unpackReadings(text.slice(0, 4), ['r-0', 'r-1'])).toBeNull()
    expect(unpackReadings(text, ['r-0'])).toBeNull()
  })
})
