// The example building's plan against the recorded flat's own layout, and the way people walk through it.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { middleOf, northgatePlan, roomAt, wallsBetween } from '../../../simulator/building/plan.ts'
import { readSite } from '../../../simulator/gateway/site.ts'
import { placeOn, wayTo } from '../../../simulator/people/walk.ts'

const layout: {
  rooms: string[]
  receivers: Record<string, string>
  receiver_xyz: Record<string, number[]>
  adjacency: string[][]
} = JSON.parse(readFileSync('tests/data/flat_kolakowski/layout.json', 'utf8'))
const site = await readSite('simulator/building/northgate.yaml')
const rooms = site.buildings[0]?.floors[0]?.rooms ?? []
const doors = new Map(rooms.map(room => [room.id, room.adjacent]))

test('the example site has the rooms, receivers and doors of the recorded flat', () => {
  expect(rooms.map(room => room.id)).toEqual(layout.rooms)
  expect([...northgatePlan.keys()].sort()).toEqual([...layout.rooms].sort())
  const doorsBothWays = layout.adjacency.flatMap(([a, b]) => [`${a}-${b}`, `${b}-${a}`]).sort()
  expect(rooms.flatMap(room => room.adjacent.map(to => `${room.id}-${to}`)).sort()).toEqual(doorsBothWays)
  for (const receiver of site.receivers) {
    expect(receiver.room).toBe(layout.receivers[receiver.id])
    expect(receiver.at).toEqual(layout.receiver_xyz[receiver.id])
  }
})

test('each receiver hangs in the room that the site says', () => {
  for (const { room, at } of site.receivers)
    expect(roomAt(northgatePlan, { x: at?.[0] ?? -1, y: at?.[1] ?? -1 })).toBe(room)
})

test('the middle of each room is in that room, and rooms do not overlap', () => {
  for (const [id, rect] of northgatePlan) expect(roomAt(northgatePlan, middleOf(rect))).toBe(id)
  expect(roomAt(northgatePlan, { x: -1, y: 3 })).toBeNull()
})

test('a line within a room goes through no wall, to the next room one, across the building two', () => {
  expect(wallsBetween(northgatePlan, { x: 1, y: 3 }, { x: 2, y: 6 })).toBe(0)
  expect(wallsBetween(northgatePlan, { x: 1, y: 4 }, { x: 4, y: 4 })).toBe(1)
  expect(wallsBetween(northgatePlan, { x: 1, y: 4 }, { x: 8, y: 4 })).toBe(2)
})

test('somebody who walks to another room passes only rooms that open into each other', () => {
  const way = wayTo(northgatePlan, doors, { x: 1, y: 5 }, 'bedroom', 'annex')
  const passed: string[] = []
  for (let atMs = 0; atMs < 30_000; atMs += 50) {
    const room = roomAt(northgatePlan, placeOn(way, atMs))
    if (room !== null && passed.at(-1) !== room) passed.push(room)
  }
  expect(passed).toEqual(['bedroom', 'entry', 'hall', 'living', 'annex'])
})

test('a room that the plan does not have is refused by name', () => {
  expect(() => wayTo(northgatePlan, doors, { x: 1, y: 5 }, 'bedroom', 'cellar')).toThrow(
    /expected a room.*came cellar/,
  )
})
