// `npm start -- …`: a site of the user's on a plan that is made up, and ports that are had or refused.
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { createBuilding40 } from '../../simulator/building/building40.ts'
import { roomAt, wallsBetween } from '../../simulator/building/plan.ts'
import { gridPlan, hungIn } from '../../simulator/building/plan-grid.ts'
import { readOptions } from '../../simulator/options.ts'
import { portFor } from '../../simulator/port.ts'
import { site } from '../gateway/core/building.ts'

const argv = (...args: string[]): string[] => ['node', 'main.ts', ...args]

it('reads a site file and ports', () => {
  expect(readOptions(argv('--site', 'a.yaml', '--desk-port', '18080', '--sip-port', '5062'))).toEqual({
    site: 'a.yaml',
    ports: { desk: 18_080, sip: 5062 },
    radios: new Map(),
  })
  expect(readOptions(argv())).toEqual({ ports: {}, radios: new Map() })
})

it('reads which receivers are programs of one’s own, and where their radios are put', () => {
  expect(readOptions(argv('--radio', 'a3=/tmp/a3', '--radio', 'a1=/tmp/a=1')).radios).toEqual(
    new Map([
      ['a3', '/tmp/a3'],
      ['a1', '/tmp/a=1'],
    ]),
  )
  expect(() => readOptions(argv('--radio', 'a3'))).toThrow(/expected RECEIVER=PATH, came "a3"/)
})

it.each(['0', '65536', 'abc', '-1', '1.5', ''])('refuses %s for a port, with what was expected', text => {
  expect(() => readOptions(argv('--page-port', text))).toThrow(/expected a port from 1 to 65535/)
})

it('a port that was asked for is had or refused, never another', async () => {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await expect(portFor('desk', port)).rejects.toThrow(
    `--desk-port: expected a port that is free, came ${port}`,
  )
  await new Promise(done => server.close(done))
  expect(await portFor('desk', port)).toBe(port)
})

it.each([
  ['two rooms', site()],
  ['forty rooms on two storeys', createBuilding40(7).site],
])(
  'draws a site of %s: every room, none over another, a wall between neighbours, receivers in their rooms',
  (_, drawn) => {
    const plan = gridPlan(drawn)
    const rooms = drawn.buildings.flatMap(({ floors }) => floors.flatMap(floor => floor.rooms))
    expect([...plan.keys()].sort()).toEqual(rooms.map(({ id }) => id).sort())
    for (const [id, { x, y, width, height, storey = 0 }] of plan) {
      const middle = { x: x + width / 2, y: y + height / 2, height: storey * 3.2 + 1 }
      expect(roomAt(plan, middle)).toBe(id)
      const other = [...plan].find(([name, each]) => name !== id && (each.storey ?? 0) === storey)?.[1]
      if (other !== undefined)
        expect(
          wallsBetween(plan, middle, { ...middle, x: other.x + width / 2, y: other.y + height / 2 }),
        ).toBeGreaterThanOrEqual(1)
    }
    for (const { room, atDoorTo, at } of hungIn(plan, drawn.receivers)) {
      const [x, y, height] = at ?? [-1, -1, -1]
      if (atDoorTo === undefined) expect(roomAt(plan, { x, y, height })).toBe(room)
    }
  },
)
