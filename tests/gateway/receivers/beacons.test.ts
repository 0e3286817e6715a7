import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beacons } from '../../../gateway/receivers/beacons.ts'
import { BeaconOrder } from '../../../schemas/report.ts'

const order = (pendant: string, data: string, forMs: number) => ({ pendant, data, forMs })

describe('the list of beacons', () => {
  it("has each pendant's newest order, the newest first, for as long as it still lasts", () => {
    const list = beacons()
    list.take([order('a', 'a1', 1000), order('b', 'b1', 5000)], 0)
    list.take([order('a', 'a2', 2000)], 500)
    expect(list.current(600, 'r').order.beacons).toEqual([
      { data: 'a2', forMs: 1900 },
      { data: 'b1', forMs: 4400 },
    ])
  })

  it('drops what has ended and says when the next one ends', () => {
    const list = beacons()
    list.take([order('a', 'aa', 1000), order('b', 'bb', 5000)], 0)
    expect(list.current(0, 'r').nextEndAtMs).toBe(1000)
    expect(list.current(1000, 'r')).toEqual({
      order: { v: 1, beacons: [{ data: 'bb', forMs: 4000 }] },
      nextEndAtMs: 5000,
    })
    expect(list.current(5000, 'r')).toEqual({ order: { v: 1, beacons: [] }, nextEndAtMs: null })
  })

  it('ends an order that is replaced by one of no time at all', () => {
    const list = beacons()
    list.take([order('a', 'aa', 1000)], 0)
    list.take([order('a', 'aa', 0)], 1)
    expect(list.current(1, 'r').order.beacons).toEqual([])
  })

  it('of more than fit it has the newest always and each of the others in turn', () => {
    const list = beacons()
    for (let i = 0; i < 70; i++) list.take([order(`p-${i}`, `b${i}`, 600_000)], 0)
    const told = new Map<string, number>()
    let nowMs = 0
    for (let turn = 0; turn < 40; turn++) {
      const { order: now, nextEndAtMs } = list.current(nowMs, 'r')
      expect(now.beacons).toHaveLength(32)
      expect(new Set(now.beacons.map(({ data }) => data)).size).toBe(32)
      expect(now.beacons.slice(0, 2).map(({ data }) => data)).toEqual(['b69', 'b68'])
      for (const { data } of now.beacons) told.set(data, (told.get(data) ?? 0) + 1)
      nowMs = nextEndAtMs ?? Number.NaN
    }
    expect(told.size).toBe(70)
    expect(Math.min(...told.values())).toBeGreaterThanOrEqual(10)
  })

  it('is always one that a receiver accepts, with no pendant twice', () => {
    const orders = fc.array(
      fc.tuple(
        fc.array(
          fc.record({
            pendant: fc.integer({ min: 0, max: 50 }).map(String),
            data: fc.constant('aa'),
            forMs: fc.integer({ min: 0, max: 2_000_000 }),
          }),
          { maxLength: 60 },
        ),
        fc.integer({ min: -5000, max: 5000 }),
      ),
    )
    fc.assert(
      fc.property(orders, steps => {
        const list = beacons()
        let nowMs = 1_000_000
        for (const [taken, stepMs] of steps) {
          // Also backwards: a clock that is set must not make an order the receivers refuse.
          nowMs += stepMs
          list.take(taken, nowMs)
          BeaconOrder.parse(list.current(nowMs, 'r').order)
        }
      }),
    )
  })
})
