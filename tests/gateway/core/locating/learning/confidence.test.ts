// How sure a model may be is learnt between walks: the same walk again agrees with itself, another body does not.
import { expect, it } from 'vitest'
import { calibrate } from '../../../../../gateway/core/locating/learning/calibrate.ts'
import { candourOf } from '../../../../../gateway/core/locating/learning/confidence.ts'
import { building, walk } from '../synthetic.ts'

const MOST = 0.73
const of = building(3, 6, 5)
const walker = { offsetDb: 0, bodyDb: 6, packetsPerS: 4, seconds: 240 }
const mine = walk(of, { ...walker, seed: 5 })
const candour = (...walks: (typeof mine)[]): number =>
  candourOf(walks, some => calibrate(of.layout, some), MOST)

it('one walk alone cannot say: what is usual stands', () => {
  expect(candour(mine)).toBe(MOST)
})

it('a walk that the others foretell leaves it as it is', () => {
  expect(candour(mine, mine)).toBe(MOST)
})

it('walks that contradict each other make it less sure', () => {
  const rooms = of.layout.rooms
  const elsewhere = (room: string | null): string | null =>
    room === null ? null : (rooms[(rooms.indexOf(room) + 1) % rooms.length] ?? null)
  const stays = mine.stays.map(stay => ({ ...stay, room: elsewhere(stay.room) }))
  expect(candour(mine, { ...mine, stays })).toBeLessThan(MOST - 0.2)
})

it('a model is no surer than its walks agree', () => {
  const other = walk(of, { ...walker, offsetDb: -6, bodyDb: 12, seed: 6 })
  const { tempo } = calibrate(of.layout, [mine, other])
  expect(tempo.candour).toBeCloseTo(candour(mine, other), 9)
  expect(tempo.candour).toBeLessThanOrEqual(MOST)
})
