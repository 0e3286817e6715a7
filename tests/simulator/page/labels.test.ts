// Where words stand on the plan: nothing that is drawn covers them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { northgatePlan } from '../../../simulator/building/plan.ts'
import { readSite } from '../../../simulator/gateway/site.ts'
import type { ReceiverView, Rect, RoomView } from '../../../simulator/page/building.ts'
import {
  freest,
  markOf,
  overlap,
  receiverLabels,
  restOf,
  roomLabels,
} from '../../../simulator/page/ui/labels.ts'

const { buildings, receivers: ofSite } = await readSite('simulator/building/northgate.yaml')
const drawn = buildings
  .flatMap(({ floors }) => floors.flatMap(floor => floor.rooms.map(room => ({ ...room, floor: floor.name }))))
  .map(({ id, number, name = '', floor }) => ({
    room: { id, number, name, floor } as RoomView,
    rect: northgatePlan.get(id) as Rect,
  }))
const receiver = (id: string, room: string, x: number, y: number): ReceiverView => ({
  id,
  room,
  at: { x, y },
  isUp: true,
  heard: 0,
  published: 0,
})
const receivers = ofSite.map(({ id, room, at: [x, y] = [0, 0, 0] }) => receiver(id, room, x, y))

test('in the example building no word is covered, by a receiver, by its name or by a pendant at rest', () => {
  const ids = receiverLabels(drawn, receivers)
  const words = roomLabels(drawn, receivers).flatMap(({ number, name }) => [number.box, name.box])
  const marks = receivers.map(({ at }) => markOf(at))
  const resting = drawn.map(({ rect }) => restOf(rect))
  for (const [i, box] of words.entries()) {
    const covered = [...marks, ...ids, ...resting, ...words.filter((_, k) => k !== i)]
    expect(covered.map(each => overlap(box, each)).filter(area => area > 0)).toEqual([])
  }
  for (const [i, box] of ids.entries()) {
    const covered = [...marks, ...resting, ...ids.filter((_, k) => k !== i)]
    expect(covered.map(each => overlap(box, each)).filter(area => area > 0)).toEqual([])
  }
})

test('a room whose corners are taken but one writes there', () => {
  const rect = { x: 0, y: 0, width: 6, height: 4 }
  const room: RoomView = { id: 'a', number: '101', name: 'Group room', floor: 'Ground' }
  const taken = [receiver('r1', 'a', 1, 0.3), receiver('r2', 'a', 5, 0.3), receiver('r3', 'a', 1, 3.6)]
  const [label] = roomLabels([{ room, rect }], taken)
  expect(label?.name.anchor).toBe('end')
  expect(label?.number.box.y).toBeGreaterThan(3)
})

test('a name that is longer than its room is cut, and stays inside', () => {
  const rect = { x: 0, y: 0, width: 1.5, height: 2 }
  const room: RoomView = { id: 'a', number: '1', name: 'Archive of the probation service', floor: 'Ground' }
  const [label] = roomLabels([{ room, rect }], [])
  const { text, box } = label?.name ?? { text: '', box: rect }
  expect(text).toMatch(/^Archive?…$/)
  expect(box.x + box.width).toBeLessThan(1.5)
})

test('whatever is taken, what is chosen is covered no more than any other place would be', () => {
  const box = fc.record({
    x: fc.double({ min: 0, max: 5, noNaN: true }),
    y: fc.double({ min: 0, max: 5, noNaN: true }),
    width: fc.double({ min: 0.1, max: 2, noNaN: true }),
    height: fc.double({ min: 0.1, max: 2, noNaN: true }),
  })
  fc.assert(
    fc.property(
      fc.array(box, { minLength: 1, maxLength: 6 }),
      fc.array(box, { maxLength: 6 }),
      (boxes, marks) => {
        const covered = (one: Rect): number => marks.reduce((sum, mark) => sum + overlap(one, mark), 0)
        const chosen = covered(freest(boxes, each => [each], marks, undefined))
        for (const other of boxes) expect(chosen).toBeLessThanOrEqual(covered(other) + 1e-5)
      },
    ),
  )
})
