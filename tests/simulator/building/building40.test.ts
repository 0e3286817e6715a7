// The forty rooms: the same seed, the same house; every room can be reached, and nobody walks through a wall.
import { expect, test } from 'vitest'
import { createBuilding40, ROOMS } from '../../../simulator/building/building40.ts'
import { roomAt } from '../../../simulator/building/plan.ts'
import { createRounds } from '../../../simulator/people/rounds.ts'
import { hearRounds } from './building40.ts'

const house = createBuilding40(1)
const rooms = [...house.plan.keys()]

test('a seed draws the same building again, another seed another', () => {
  expect(createBuilding40(1)).toEqual(house)
  expect(createBuilding40(2).plan).not.toEqual(house.plan)
})

test('it has forty rooms on two storeys, and far fewer receivers', () => {
  expect(rooms).toHaveLength(ROOMS)
  expect([...house.plan.values()].filter(({ storey }) => storey === 1)).toHaveLength(ROOMS / 2)
  expect(house.receivers.size).toBeGreaterThanOrEqual(14)
  expect(house.receivers.size).toBeLessThan(ROOMS / 2)
})

test('each receiver hangs in the room that the site says', () => {
  for (const { id, room } of house.site.receivers) {
    const place = house.receivers.get(id)
    expect(place === undefined ? null : roomAt(house.plan, place)).toBe(room)
  }
})

test('rooms do not overlap, and doors are both ways', () => {
  const all = [...house.plan]
  for (const [id, a] of all)
    for (const [other, b] of all) {
      if (id === other || a.storey !== b.storey) continue
      const isApart =
        a.x + a.width <= b.x + 1e-9 ||
        b.x + b.width <= a.x + 1e-9 ||
        a.y + a.height <= b.y + 1e-9 ||
        b.y + b.height <= a.y + 1e-9
      expect(isApart, `${id} and ${other}`).toBe(true)
    }
  for (const [id, next] of house.doors)
    for (const other of next) expect(house.doors.get(other), `${other} opens into ${id}`).toContain(id)
})

test('rounds reach every room, step from room to room by doors, and climb the stairs', () => {
  const rounds = createRounds({ ...house, rooms, secondsARoom: 20, seed: 3 })
  expect(new Set(rounds.stays.map(({ room }) => room)).size).toBe(ROOMS)
  rounds.stays.slice(1).forEach(({ room }, i) => {
    const before = rounds.stays[i]?.room ?? ''
    expect(house.doors.get(before), `${before} to ${room}`).toContain(room)
  })
  for (let atMs = 0; atMs < rounds.lengthMs; atMs += 500) expect(rounds.room(atMs)).not.toBeNull()
})

test('a pendant is heard by several receivers in every room', () => {
  const rounds = createRounds({ ...house, rooms, secondsARoom: 20, seed: 3 })
  const walk = hearRounds(house, rounds, { seed: 1 })
  for (const { room, fromMs, toMs } of walk.stays.filter(stay => stay.toMs - stay.fromMs > 15_000)) {
    const heard = new Set(walk.readings.filter(([tMs]) => tMs >= fromMs && tMs < toMs).map(([, id]) => id))
    expect(heard.size, room ?? '').toBeGreaterThanOrEqual(3)
  }
})
