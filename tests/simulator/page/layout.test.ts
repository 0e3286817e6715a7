// Where things are drawn on the plan.
import { expect, test } from 'vitest'
import { planOf, spread } from '../../../simulator/page/ui/layout.ts'
import { scriptBuilding } from './scripted-building.ts'

test('a floor shows its own rooms, with all of them in sight', () => {
  const plan = planOf(scriptBuilding().view(), 'First floor')
  expect(plan.rooms.map(({ room }) => room.id)).toEqual(['bedroom', 'living', 'entry', 'hall'])
  expect(plan.bounds.x).toBeLessThan(0)
  expect(plan.bounds.x + plan.bounds.width).toBeGreaterThan(6.32)
  expect(plan.bounds.y + plan.bounds.height).toBeGreaterThan(7.12)
})

test('rooms without a rectangle are drawn below the plan, none on another', () => {
  const view = scriptBuilding().view()
  const bare = Array.from({ length: 6 }, (_, i) => ({
    id: `s${i}`,
    number: `${i}`,
    name: '',
    floor: 'First floor',
  }))
  const { rooms } = planOf({ ...view, rooms: [...view.rooms, ...bare] }, 'First floor')
  const spare = rooms.filter(({ room }) => room.id.startsWith('s'))
  expect(Math.min(...spare.map(({ rect }) => rect.y))).toBeGreaterThanOrEqual(7.12)
  expect(new Set(spare.map(({ rect }) => `${rect.x},${rect.y}`)).size).toBe(6)
})

test('a building with no rooms still has a plan to look at', () => {
  const { bounds, rooms } = planOf({ ...scriptBuilding().view(), rooms: [] }, 'First floor')
  expect(rooms).toEqual([])
  expect(bounds.width).toBeGreaterThan(0)
})

test('pendants in one place are drawn side by side, and others where they are', () => {
  const drawn = spread([{ at: { x: 1, y: 1 } }, { at: { x: 1, y: 1 } }, { at: { x: 5, y: 1 } }], 0.6)
  expect(drawn.map(({ drawnAt }) => drawnAt.x)).toEqual([1, 1.6, 5])
})
