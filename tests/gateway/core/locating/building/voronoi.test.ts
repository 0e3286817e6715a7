// Where rooms are placed on a storey of which only the receivers are known.
import { expect, it } from 'vitest'
import type { Layout } from '../../../../../gateway/core/locating/building/layout.ts'
import { spotsOf } from '../../../../../gateway/core/locating/building/spots.ts'

/** Four rooms of a square, six metres to a side, doors in a ring; receivers in three of them, by their outer walls. */
const SQUARE: Layout = {
  rooms: ['south-west', 'south-east', 'north-east', 'north-west'],
  doors: [
    ['south-west', 'south-east'],
    ['south-east', 'north-east'],
    ['north-east', 'north-west'],
    ['north-west', 'south-west'],
  ],
  receivers: [
    { id: 'r-1', room: 'south-west', at: [0.2, 0.5, 2] },
    { id: 'r-2', room: 'south-east', at: [5.8, 0.5, 2] },
    { id: 'r-3', room: 'north-east', at: [5.5, 5.8, 2] },
  ],
  storeys: new Map(),
  buildings: new Map(),
  boxes: new Map(),
}

const middleOf = (layout: Layout, room: string): [number, number] => {
  const spots = spotsOf(layout).spots?.[layout.rooms.indexOf(room)] ?? []
  const mean = (axis: 0 | 1): number => spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length
  return [mean(0), mean(1)]
}

it('a room without a receiver lies in the corner that is nobody else’s', () => {
  const [x, y] = middleOf(SQUARE, 'north-west')
  expect(x).toBeLessThan(2.2)
  expect(y).toBeGreaterThan(3.8)
})

it('where most rooms have no receiver the ground plan stays open, and a room lies between its neighbours', () => {
  const few = { ...SQUARE, receivers: SQUARE.receivers.slice(0, 1) }
  expect(middleOf(few, 'north-west')).toEqual(middleOf(few, 'south-east'))
})
