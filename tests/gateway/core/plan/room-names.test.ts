// What a room is called: its number once, beside a name that says more; on doors, in faults and on the card of an alarm.
import { expect, it, test } from 'vitest'
import { doorWords, planOf } from '../../../../gateway/core/plan/plan.ts'
import { cord, startBench } from '../../engine/engine-bench.ts'
import { site } from '../building.ts'

const named = (name: string | undefined) => {
  const { buildings, ...rest } = site()
  const floors = buildings.map(building => ({
    ...building,
    floors: building.floors.map(floor => ({
      ...floor,
      rooms: floor.rooms.map(({ name: _, ...room }) => (name === undefined ? room : { ...room, name })),
    })),
  }))
  return planOf({ ...rest, buildings: floors })
}

test.each([
  ['Group room', '1 Group room'],
  ['Room 1', 'Room 1'],
  ['room 1', 'room 1'],
  ['1', '1'],
  ['Interview room 1', '1 Interview room 1'],
  ['Room 12', '1 Room 12'],
  [undefined, '1'],
])('room 1 with the name %j is %s', (name, words) => {
  const plan = named(name)
  const first = [...plan.places].find(([, { room }]) => room.number === '1')
  expect(doorWords(plan, first?.[0] ?? null)).toBe(words)
})

it('has no name on the card of an alarm where that would only be its number again', async () => {
  for (const [name, roomName] of [
    ['Room 214', null],
    ['Group room', 'Group room'],
  ] as const) {
    const bench = await startBench({ plan: named(name) })
    await bench.submit(cord())
    expect(bench.engine.desk.snapshot().incidents).toMatchObject([{ roomNumber: '214', roomName }])
    await bench.engine.close()
  }
})
