// Pendants and receivers on one air: who hears whom, with a tiny firmware on the real simulated board.
import { expect, test } from 'vitest'
import { type Air, createModelledAir } from '../../../simulator/air/air.ts'
import { quietOffice } from '../../../simulator/air/radio.ts'
import { createRandom } from '../../../simulator/air/random.ts'
import { middleOf, northgatePlan, roomAt } from '../../../simulator/building/plan.ts'
import { createWorld, type Heard } from '../../../simulator/building/world.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { createPendantHost } from '../../../simulator/espruino/host.ts'
import { readSite } from '../../../simulator/gateway/site.ts'
import { createWearer } from '../../../simulator/people/wearer.ts'

const ADDRESS = 'c7:f9:36:dd:b0:ca'
const SENDS = `NRF.setAdvertising(new Uint8Array([7, 8, 9]), { interval: 100, connectable: false, scannable: false, manufacturer: false })`
const LISTENS = `NRF.setScan(d => print(d.rssi), { filters: [{ manufacturerData: { 1424: {} } }] })`
const site = await readSite('simulator/building/northgate.yaml')
const receivers = new Map(
  site.receivers.map(({ id, at: [x, y, height] = [0, 0, 0] }) => [id, { x, y, height }]),
)
const doors = new Map(site.buildings[0]?.floors[0]?.rooms.map(room => [room.id, room.adjacent]))

/** The first receiver hears everything at -50, nobody else hears anything. */
const onlyA1: Air = {
  up: receiver => (receiver === 'a1' ? -50 : null),
  down: receiver => (receiver === 'a1' ? -50 : null),
}

function setUp(bundle: string, air: Air = onlyA1) {
  const clock = steppedClock(1_000)
  const world = createWorld(clock)
  const host = createPendantHost({ bundle, address: ADDRESS, clock })
  const remove = world.addPendant(host, air)
  return { clock, world, host, remove }
}

test('each receiver that the air reaches hears what a pendant sends, and no other', () => {
  const { clock, world, host } = setUp(SENDS)
  const heard: Record<string, Heard[]> = { a1: [], a2: [] }
  for (const id of ['a1', 'a2']) world.listen(id, one => heard[id]?.push(one))
  host.powerOn()
  clock.advance(1_000)
  expect(heard.a2).toEqual([])
  expect(heard.a1?.length).toBeGreaterThan(5)
  const last = heard.a1?.at(-1)
  expect(last).toMatchObject({ address: ADDRESS, rssiDbm: -50, data: Uint8Array.of(7, 8, 9) })
  expect(last?.heardAtMs).toBeGreaterThan(1_800)
  expect(last?.heardAtMs).toBeLessThanOrEqual(2_000)
})

test('a receiver that is pulled out, or a pendant that has left, is heard no more', () => {
  const { clock, world, host, remove } = setUp(SENDS)
  let count = 0
  const pullOut = world.listen('a1', () => count++)
  let others = 0
  world.listen('a1', () => others++)
  host.powerOn()
  clock.advance(1_000)
  pullOut()
  const before = count
  clock.advance(1_000)
  expect(count).toBe(before)
  expect(others).toBeGreaterThan(before)
  remove()
  const left = others
  clock.advance(1_000)
  expect(others).toBe(left)
})

test('what a receiver broadcasts is heard by a pendant in its range that scans', () => {
  const { world, host } = setUp(LISTENS)
  host.powerOn()
  const beacon = Uint8Array.of(4, 0xff, 0x90, 0x05, 0xb1)
  world.broadcast('a2', beacon)
  expect(host.console()).toEqual([])
  world.broadcast('a1', beacon)
  expect(host.console()).toEqual(['-50'])
})

test('in the modelled building a pendant is heard most, and loudest, by the receiver of its room', () => {
  const { clock, world, host } = setUp(
    SENDS,
    createModelledAir({
      settings: quietOffice,
      plan: northgatePlan,
      receivers,
      random: createRandom(1),
      placeNow: () => ({ x: 8, y: 6, height: 1.3 }),
    }),
  )
  const levels = new Map<string, number[]>()
  for (const id of receivers.keys())
    world.listen(id, ({ rssiDbm }) => levels.set(id, [...(levels.get(id) ?? []), rssiDbm]))
  host.powerOn()
  clock.advance(10_000)
  const means = [...levels].map(([id, all]) => ({ id, mean: all.reduce((a, b) => a + b, 0) / all.length }))
  expect(means.sort((a, b) => b.mean - a.mean)[0]?.id).toBe('a6')
  expect(levels.get('a6')?.length).toBeGreaterThan(70)
})

test('a wearer walks through the doors, is drawn on the way, and the pins follow their hands', () => {
  const clock = steppedClock()
  const bundle = `setWatch(e => print('D1', e.state), D1, { repeat: true, edge: 'both' })
    setWatch(e => print('BTN', e.state), BTN, { repeat: true, edge: 'both', debounce: 5 })`
  const host = createPendantHost({ bundle, address: ADDRESS, clock })
  let drawn = 0
  const common = { id: 'p-07', name: 'Grace Okafor', host, clock, plan: northgatePlan, doors }
  const wearer = createWearer({ ...common, room: 'bedroom', onChange: () => drawn++ })
  wearer.start()
  wearer.pull()
  wearer.press(700)
  clock.advance(50)
  expect(wearer.view()).toMatchObject({ room: 'bedroom', cordParted: true, buttonDown: true })
  expect(() => wearer.press(700)).toThrow(/expected the button of p-07 to be up/)
  expect(() => wearer.press(-1)).toThrow(/came -1/)
  clock.advance(1_000)
  wearer.replaceCord()
  clock.advance(50)
  expect(wearer.view()).toMatchObject({ cordParted: false, buttonDown: false })
  expect(host.console()).toEqual(['D1 true', 'BTN true', 'BTN false', 'D1 false'])

  drawn = 0
  wearer.walkTo('annex')
  clock.advance(2_000)
  expect(wearer.view().room).toBe('bedroom')
  expect(drawn).toBeGreaterThan(5)
  clock.advance(60_000)
  expect(wearer.place()).toMatchObject(
    middleOf(northgatePlan.get('annex') ?? { x: 0, y: 0, width: 0, height: 0 }),
  )
  expect(roomAt(northgatePlan, wearer.place())).toBe('annex')
  expect(() => wearer.walkTo('cellar')).toThrow(/came cellar/)
})
