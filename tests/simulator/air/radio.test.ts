// The radio model: nearer is louder, walls cost, and the same seed gives the same building.
import { expect, test } from 'vitest'
import { fadeOf, hearPacket, meanLevel, type Place, quietOffice } from '../../../simulator/air/radio.ts'
import { createRandom } from '../../../simulator/air/random.ts'
import { middleOf, northgatePlan, STOREY_METRES } from '../../../simulator/building/plan.ts'
import { readSite } from '../../../simulator/gateway/site.ts'

const flat = { ...quietOffice, shadowDb: 0 }
const at = (x: number, y: number): Place => ({ x, y, height: 1.3 })
const packets = (meanDbm: number, seed: number, count = 2_000) => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => hearPacket(quietOffice, meanDbm, random))
}

test('twice as far costs 10 n log 2 dB, and a wall costs its own', () => {
  const near = meanLevel(flat, new Map(), at(0, 0), at(2, 0), 0)
  const far = meanLevel(flat, new Map(), at(0, 0), at(4, 0), 0)
  expect(near - far).toBeCloseTo(10 * flat.exponent * Math.log10(2), 6)
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

test('noise spreads packets around the mean by its deviation', () => {
  const heard = packets(-60, 3).filter(level => level !== null)
  const mean = heard.reduce((sum, level) => sum + level, 0) / heard.length
  const variance = heard.reduce((sum, level) => sum + (level - mean) ** 2, 0) / heard.length
  expect(mean).toBeCloseTo(-60, 0)
  expect(Math.sqrt(variance)).toBeCloseTo(quietOffice.noiseDb, 0)
})

test('in the middle of a room that has a receiver, that room has the loudest one', async () => {
  const { receivers } = await readSite('simulator/building/northgate.yaml')
  for (const [room, rect] of northgatePlan) {
    if (!receivers.some(receiver => receiver.room === room)) continue
    const levels = receivers.map(({ room, at: [x, y, height] = [0, 0, 0] }) => ({
      room,
      dbm: meanLevel(flat, northgatePlan, { ...middleOf(rect), height: 1.3 }, { x, y, height }, 4),
    }))
    expect(levels.sort((a, b) => b.dbm - a.dbm)[0]?.room).toBe(room)
  }
})

test('a floor costs its own, and walls of both storeys by half', () => {
  const up: Place = { x: 4, y: 4, height: 1.3 + STOREY_METRES }
  const open = { ...flat, exponent: 0 }
  const level = (to: Place) => meanLevel(open, northgatePlan, at(4, 4), to, 0)
  expect(level(at(5, 4)) - level(up)).toBeCloseTo(flat.floorDb, 6)
})

test('the wearer’s body takes most from a receiver behind them, half from the side, nothing in front', () => {
  const facing = (radians: number) =>
    meanLevel(flat, new Map(), { ...at(0, 0), facing: radians }, at(3, 0), 0)
  const unworn = meanLevel(flat, new Map(), at(0, 0), at(3, 0), 0)
  expect(unworn - facing(0)).toBeCloseTo(0, 6)
  expect(unworn - facing(Math.PI / 2)).toBeCloseTo(flat.bodyDb / 2, 6)
  expect(unworn - facing(Math.PI)).toBeCloseTo(flat.bodyDb, 6)
})

test('shadowing changes smoothly: a hand’s breadth changes little, two rooms away it is another', () => {
  const shadow = (x: number) => meanLevel({ ...quietOffice, exponent: 0 }, new Map(), at(x, 1), at(0, 0), 0)
  const rms = (metres: number) => {
    const differences = Array.from({ length: 400 }, (_, i) => shadow(i * 0.7) - shadow(i * 0.7 + metres))
    return Math.sqrt(differences.reduce((sum, each) => sum + each * each, 0) / differences.length)
  }
  expect(rms(0.1)).toBeLessThan(0.3 * quietOffice.shadowDb)
  expect(rms(8)).toBeGreaterThan(1.1 * quietOffice.shadowDb)
})

test('interference is the same in one place on one channel, another a wavelength on, and loses nothing on average', () => {
  const steady = () => 0
  const fade = (x: number) => fadeOf(quietOffice, at(x, 1), at(0, 0), steady)
  expect(fade(3.03)).toBe(fade(3.05))
  const fades = Array.from({ length: 2_000 }, (_, i) => fade(1 + i * 0.07))
  const power = fades.reduce((sum, db) => sum + 10 ** (db / 10), 0) / fades.length
  expect(10 * Math.log10(power)).toBeCloseTo(0, 0)
  expect(Math.min(...fades)).toBeLessThan(-8)
})
