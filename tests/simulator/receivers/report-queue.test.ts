// What a receiver publishes at once, what may wait, and what is never dropped for room.
import { expect, test } from 'vitest'
import { REPORT_AGE_MS_MAX, ReportBatch } from '../../../schemas/report.ts'
import { createReportQueue, FRESH_MAX, REPEATS_MAX } from '../../../simulator/receivers/report-queue.ts'

const sealed = (counter: number, info = 0x45) =>
  Uint8Array.of(2, 1, 6, 12, 0x16, 0xd2, 0xfc, info, 1, 2, 3, counter, counter >> 8, 0, 0, 9)
const heard = (data: Uint8Array, heardAtMs = 0, address = 'c7:f9:36:dd:b0:ca') => ({
  address,
  data,
  rssiDbm: -60,
  heardAtMs,
})

test('a frame whose bytes changed is fresh, the same bytes again are a repeat', () => {
  const queue = createReportQueue()
  expect([1, 1, 2, 2, 1].map(counter => queue.add(heard(sealed(counter))))).toEqual([
    'fresh',
    'repeat',
    'fresh',
    'repeat',
    'fresh',
  ])
})

test('each pendant has its own last frame', () => {
  const queue = createReportQueue()
  queue.add(heard(sealed(1)))
  expect(queue.add(heard(sealed(1), 0, 'd4:1e:8a:07:5c:31'))).toBe('fresh')
})

test.each([
  ['0x45', 0x45],
  ['0x44', 0x44],
  ['0x41', 0x41],
  ['0x40', 0x40],
])('a press of a button whose info byte is %s is fresh', (_name, info) => {
  const queue = createReportQueue()
  expect([7, 7, 8, 8].map((counter, at) => queue.add(heard(sealed(counter, info), at)))).toEqual([
    'fresh',
    'repeat',
    'fresh',
    'repeat',
  ])
})

test('of one that is not trigger based and seals each repeat anew, two frames a second are fresh', () => {
  const queue = createReportQueue()
  const all = Array.from({ length: 30 }, (_, i) => queue.add(heard(sealed(i, 0x41), i * 100)))
  expect(all.flatMap((each, i) => (each === 'fresh' ? [i] : []))).toEqual([0, 1, 10, 11, 20, 21])
})

test('a press beyond those two is fresh in the next second, if it is still sent', () => {
  const queue = createReportQueue()
  for (const counter of [1, 2]) queue.add(heard(sealed(counter, 0x41), 0))
  const press = [100, 900, 1_000, 1_100].map(at => queue.add(heard(sealed(3, 0x41), at)))
  expect(press).toEqual(['repeat', 'repeat', 'fresh', 'repeat'])
})

test('an alarm is fresh however often it is sealed anew', () => {
  const queue = createReportQueue()
  const all = Array.from({ length: 30 }, (_, i) => queue.add(heard(sealed(i), i * 10)))
  expect(new Set(all)).toEqual(new Set(['fresh']))
})

test('other beacons and bytes that end too soon may wait', () => {
  const queue = createReportQueue()
  const others = [Uint8Array.of(3, 0xff, 0x90, 0x05), Uint8Array.of(9, 0x16, 0xd2), Uint8Array.of()]
  expect(others.map(data => queue.add(heard(data)))).toEqual(['repeat', 'repeat', 'repeat'])
})

test('a batch holds fresh frames before repeats, each oldest first', () => {
  const queue = createReportQueue()
  for (const [at, counter] of [1, 1, 2].entries()) queue.add(heard(sealed(counter), at))
  expect(queue.take(10).map(({ heardAtMs }) => heardAtMs)).toEqual([0, 2, 1])
  expect(queue.waiting()).toBe(0)
})

test('no number of repeats drops a fresh frame', () => {
  const queue = createReportQueue()
  queue.add(heard(sealed(1)))
  for (let count = 0; count < REPEATS_MAX + 10; count++) queue.add(heard(sealed(1), count))
  expect(queue.dropped()).toBe(10)
  expect(queue.take(0)[0]?.freshness).toBe('fresh')
})

test('the queue is bounded: the oldest fresh frame goes last of all, and is counted', () => {
  const queue = createReportQueue()
  for (let count = 0; count <= FRESH_MAX; count++) queue.add(heard(sealed(count), count))
  expect([queue.waiting(), queue.dropped()]).toEqual([FRESH_MAX, 1])
  expect(queue.take(0)[0]?.heardAtMs).toBe(1)
})

test('an unconfirmed batch comes back in front, in its order', () => {
  const queue = createReportQueue()
  for (const at of [1, 2]) queue.add(heard(sealed(at), at))
  const batch = queue.take(5)
  queue.add(heard(sealed(3), 3))
  queue.giveBack(batch)
  expect(queue.take(5).map(({ heardAtMs }) => heardAtMs)).toEqual([1, 2, 3])
})

test('what is older than the gateway takes is dropped and counted', () => {
  const queue = createReportQueue()
  queue.add(heard(sealed(1), 0))
  queue.add(heard(sealed(2), 10))
  expect(queue.take(REPORT_AGE_MS_MAX + 5).map(({ heardAtMs }) => heardAtMs)).toEqual([10])
  expect(queue.dropped()).toBe(1)
})

test('a full batch of the longest frames stays under the payload limit', () => {
  const queue = createReportQueue()
  for (let count = 0; count < 1_000; count++) {
    const data = new Uint8Array(31).fill(0xff)
    data.set(sealed(count))
    queue.add({ ...heard(data), rssiDbm: -127.5 })
  }
  const reports = queue.take(0).map(({ address, rssiDbm, data }) => ({
    address,
    rssiDbm,
    data: Buffer.from(data).toString('hex'),
    ageMs: REPORT_AGE_MS_MAX,
  }))
  expect(JSON.stringify(ReportBatch.parse({ v: 1, reports })).length).toBeLessThanOrEqual(65_536)
})
