// The radio model: nearer is louder, walls cost, and the same seed gives the same building.
import { expect, test } from 'vitest'
import { middleOf, northgatePlan } from '../../simulator/plan.ts'
import { hearPacket, meanLevel, type Place, quietOffice } from '../../simulator/radio.ts'
import { createRandom } from '../../simulator/random.ts'
import { readSite } from '../../simulator/site.ts'

const flat = { ...quietOffice, shadowDb: 0 }
const at = (x: number, y: number): Place => ({ x, y, height: 1.3 })
const packets = (meanDbm: number, seed: number, count = 2_000) => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => hearPacket(quietOffice, meanDbm, random))
}

test('twice as far costs 10 n log 2 dB, and a wall costs its own', () => {
  const near = meanLevel(flat, new Map(), at(0, 0), at(2, 0), 0)
  const far = meanLevel(flat, new Map(), at(0, 0), at(4, 0), 0)
  expect(near - far).toBeCloseTo(22 * Math.log10(2), 6)
  const free = meanLevel(flat, new Map(), at(1, 4), at(4, 4), 0)
  expect(free - meanLevel(flat, northgatePlan, at(1, 4), at(4, 4), 0)).toBeCloseTo(flat.wallDb, 6)
})

test('the path is as loud one way as the other', () => {
  const there = meanLevel(quietOffice, northgatePlan, at(1, 4), at(8, 1), 4)
  expect(meanLevel(quietOffice, northgatePlan, at(8, 1), at(1, 4), 4)).toBe(there)
})

test('a seed gives the same packets again, another seed gives others', () => {
  expect(packets(-70, 5)).toEqual(packets(-70, 5))
  expect(packets(-70, 5)).not.toEqual(packets(-70, 6))
})

test('a loud pendant is heard about as often as the receiver listens, a faint one hardly ever', () => {
  const share = (meanDbm: number) => packets(meanDbm, 1).filter(level => level !== null).length / 2_000
  expect(share(-60)).toBeCloseTo(quietOffice.duty * (1 - quietOffice.collided), 1)
  expect(share(-95)).toBeGreaterThan(0.3)
  expect(share(-95)).toBeLessThan(0.6)
  expect(share(-110)).toBeLessThan(0.01)
})

test('fading spreads packets around the mean by its deviation', () => {
  const heard = packets(-60, 3).filter(level => level !== null)
  const mean = heard.reduce((sum, level) => sum + level, 0) / heard.length
  const variance = heard.reduce((sum, level) => sum + (level - mean) ** 2, 0) / heard.length
  expect(mean).toBeCloseTo(-60, 0)
  expect(Math.sqrt(variance)).toBeCloseTo(quietOffice.fadingDb, 0)
})

test('in the middle of a room that has a receiver, that room has the loudest one', async () => {
  const { receivers } = await readSite('simulator/northgate.yaml')
  for (const [room, rect] of northgatePlan) {
    if (!receivers.some(receiver => receiver.room === room)) continue
    const levels = receivers.map(({ room, at: [x, y, height] = [0, 0, 0] }) => ({
      room,
      dbm: meanLevel(flat, northgatePlan, { ...middleOf(rect), height: 1.3 }, { x, y, height }, 4),
    }))
    expect(levels.sort((a, b) => b.dbm - a.dbm)[0]?.room).toBe(room)
  }
})
