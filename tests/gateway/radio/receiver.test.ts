// A receiver around a radio and a link that the test holds: what goes at once, what comes again and how old it is, what it says of itself.
import { expect, test } from 'vitest'
import { receiverOnRadio } from '../../../gateway/radio/on-radio.ts'
import type { Waiting } from '../../../gateway/radio/queue.ts'
import type { Spool } from '../../../gateway/radio/spool/spool.ts'
import { ReceiverStatus } from '../../../schemas/report.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { fakeLinks, fakeRadio, sealed } from './fake-radio.ts'

const silent = { info() {}, warn() {}, error() {} }

function heldSpool(left: Waiting[] = []) {
  const done: string[] = []
  const spool: Spool = {
    left,
    firstId: 100,
    unreadable: 0,
    aside: null,
    add: (one, isUrgent) => done.push(`add ${one.id}${isUrgent ? ' at once' : ''}`),
    settle: those => done.push(`settle ${those.map(({ id }) => id)}`),
    sync: () => done.push('sync'),
    state: () => ({ bytes: 12 }),
    close: async () => {},
  }
  return { spool, done }
}

function setUp(spool?: Spool) {
  const clock = steppedClock(1_000)
  const air = fakeRadio()
  const net = fakeLinks()
  const receiver = receiverOnRadio({
    ...{ id: 'r-1', clock, log: silent, radio: air.radio, connect: net.connect },
    ...(spool && { spool, more: () => ({ spool: spool.state() }) }),
  })
  const ages = () => net.last().sent.map(({ body }) => body.reports.map(({ ageMs }) => ageMs))
  return { clock, air, net, receiver, ages }
}

test('a fresh frame goes at once, repeats wait for one another a quarter of a second', () => {
  const { clock, air, net, ages } = setUp()
  net.last().open()
  air.hear(sealed(1), 960)
  expect(ages()).toEqual([[40]])
  for (const at of [1_000, 1_100]) air.hear(sealed(1), at)
  clock.advance(249)
  expect(ages()).toHaveLength(1)
  clock.advance(1)
  expect(ages()[1]).toEqual([250, 150])
})

test('what was not confirmed comes again in its order on the next link, as old as it is then', () => {
  const { clock, air, net, ages } = setUp()
  net.last().open()
  air.hear(sealed(1), 1_000)
  air.hear(sealed(2), 1_000)
  net.last().drop()
  air.hear(sealed(3), 1_000)
  clock.advance(500)
  expect(net.links).toHaveLength(2)
  net.last().open()
  expect(ages()).toEqual([[500, 500, 500]])
  const [again] = net.last().sent
  expect(again?.batch.map(({ data }) => data[11])).toEqual([1, 2, 3])
  again?.confirm()
  net.last().drop()
  clock.advance(500)
  net.last().open()
  expect(ages(), 'and once confirmed not again').toEqual([])
})

test('a broker that stays away is tried ten times twice a second and then ever less often, down to each 5 s', () => {
  const { clock, net } = setUp()
  const waits: number[] = []
  for (let tries = 0; tries < 16; tries++) {
    net.last().drop()
    const fromMs = clock.nowMs()
    const before = net.links.length
    while (net.links.length === before) clock.advanceToNext()
    waits.push(clock.nowMs() - fromMs)
  }
  expect(waits).toEqual([...Array(11).fill(500), 1_000, 2_000, 4_000, 5_000, 5_000])
  net.last().open()
  net.last().drop()
  clock.advance(500)
  expect(net.links, 'once it was back, soon again').toHaveLength(18)
})

test('what an earlier life left goes first, without an age where nobody knows it, and its number is not given twice', () => {
  const left: Waiting[] = [
    {
      id: 7,
      address: 'c7:f9:36:dd:b0:ca',
      data: sealed(1),
      rssiDbm: -60,
      heardAtMs: 100,
      freshness: 'fresh',
    },
    {
      id: 8,
      address: 'c7:f9:36:dd:b0:ca',
      data: sealed(2),
      rssiDbm: -60,
      heardAtMs: null,
      freshness: 'fresh',
    },
  ]
  const { spool, done } = heldSpool(left)
  const { air, net } = setUp(spool)
  air.hear(sealed(3), 1_000)
  net.last().open()
  const [first] = net.last().sent
  expect(first?.batch.map(({ id }) => id)).toEqual([7, 8, 100])
  expect(first?.body.reports.map(report => report.ageMs)).toEqual([900, undefined, 0])
  first?.confirm()
  expect(done).toEqual(['add 100 at once', 'settle 7,8,100'])
})

test('on the disk a frame is forced at once where no link is there, and all of it when the link goes', () => {
  const { spool, done } = heldSpool()
  const { air, net } = setUp(spool)
  net.last().open()
  air.hear(sealed(1), 1_000)
  air.hear(sealed(1), 1_010)
  net.last().drop()
  air.hear(sealed(2), 1_020)
  expect(done).toEqual(['add 100', 'sync', 'add 102 at once'])
})

test('a heartbeat says what it counts, how the radio is and what waits, and at once when the radio changes', () => {
  const { clock, air, net } = setUp(heldSpool().spool)
  net.last().open()
  const said = () => net.last().said.map(each => ReceiverStatus.parse(each))
  expect(said()).toEqual([
    {
      ...{ v: 1, status: 'online', uptimeMs: 0, heard: 0, published: 0, dropped: 0, waiting: 0 },
      ...{ radio: 'starting', radioWhy: 'its radio has not answered yet', spool: { bytes: 12 } },
    },
  ])
  air.is('listening')
  air.counters.dropped = 3
  air.hear(Uint8Array.of(3, 0xff, 0x90, 0x05), 1_000)
  air.is('deaf', 'nothing heard for 10 s')
  air.is('recovered', 'was deaf')
  expect(said().slice(1)).toMatchObject([
    { radio: 'listening', dropped: 0 },
    { radio: 'deaf', radioWhy: 'nothing heard for 10 s', heard: 1, dropped: 3, waiting: 0 },
    { radio: 'listening' },
  ])
  expect(said().at(-1)).not.toHaveProperty('radioWhy')
  clock.advance(10_000)
  expect(said()).toHaveLength(5)
})

test('what is ordered is on the air until its time is up, or another order comes', () => {
  const { clock, air, net } = setUp()
  net.last().open()
  const order = (...beacons: [string, number][]) =>
    net.last().events.onOrder({ v: 1, beacons: beacons.map(([data, forMs]) => ({ data, forMs })) })
  order(['0201', 1_000], ['0302', 2_000])
  clock.advance(2_000)
  order(['0403', 5_000])
  order()
  expect(air.onAir).toEqual([['0201', '0302'], ['0302'], [], ['0403'], []])
})

test('a receiver that stops hears and broadcasts nothing any more', async () => {
  const { air, net, receiver } = setUp()
  net.last().open()
  await receiver.stop()
  air.hear(sealed(1), 1_000)
  expect(net.last().sent).toEqual([])
  expect(air.onAir.at(-1)).toEqual([])
})
