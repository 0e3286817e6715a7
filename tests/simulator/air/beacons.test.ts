// What a receiver was ordered to broadcast: in turn, for as long as told, replaced by the next order.
import { expect, test } from 'vitest'
import { createBeacons } from '../../../gateway/radio/beacons.ts'
import { BEACON_INTERVAL_MS, inTurns } from '../../../simulator/air/turns.ts'
import { steppedClock } from '../../../simulator/clock.ts'

function setUp() {
  const clock = steppedClock()
  const sent: { atMs: number; hex: string }[] = []
  const send = (data: Uint8Array) =>
    sent.push({ atMs: clock.nowMs(), hex: Buffer.from(data).toString('hex') })
  const beacons = createBeacons(clock, inTurns(clock, send))
  const order = (...all: [string, number][]) =>
    beacons.order({ v: 1, beacons: all.map(([data, forMs]) => ({ data, forMs })) })
  return { clock, sent, beacons, order }
}

test('two beacons take turns at the interval of an advertisement', () => {
  const { clock, sent, order } = setUp()
  order(['aa', 10_000], ['bb', 10_000])
  clock.advance(3 * BEACON_INTERVAL_MS)
  expect(sent).toEqual([
    { atMs: 0, hex: 'aa' },
    { atMs: 100, hex: 'bb' },
    { atMs: 200, hex: 'aa' },
    { atMs: 300, hex: 'bb' },
  ])
})

test('each stops by itself when its time is up', () => {
  const { clock, sent, order } = setUp()
  order(['aa', 250], ['bb', 10_000])
  clock.advance(1_000)
  expect(sent.map(({ hex }) => hex).slice(0, 3)).toEqual(['aa', 'bb', 'aa'])
  expect(sent.slice(3).every(({ hex }) => hex === 'bb')).toBe(true)
})

test('a new order replaces the old one at once and never doubles the rate', () => {
  const { clock, sent, order } = setUp()
  order(['aa', 10_000])
  clock.advance(150)
  order(['bb', 10_000])
  clock.advance(1_000)
  expect(sent.map(({ hex }) => hex)).toEqual(['aa', 'aa', ...Array(9).fill('bb'), 'bb'])
})

test('an empty order and a stop both end it', () => {
  const { clock, sent, beacons, order } = setUp()
  order(['aa', 10_000])
  order()
  clock.advance(1_000)
  expect(sent).toHaveLength(1)
  order(['aa', 10_000])
  beacons.stop()
  clock.advance(1_000)
  expect(sent).toHaveLength(2)
})
