// What a receiver publishes at once, what may wait, and what is never dropped for room.
import { expect, test } from 'vitest'
import { createReportQueue, FRESH_MAX, REPEAT_AGE_MS_MAX, REPEATS_MAX } from '../../../gateway/radio/queue.ts'
import { reportsOf } from '../../../gateway/radio/reports.ts'
import { REPORT_AGE_MS_MAX, ReportBatch } from '../../../schemas/report.ts'

const sealed = (counter: number, info = 0x45) =>
  Uint8Array.of(2, 1, 6, 12, 0x16, 0xd2, 0xfc, info, 1, 2, 3, counter, counter >> 8, 0, 0, 9)
const heard = (data: Uint8Array, heardAtMs = 0, address = 'c7:f9:36:dd:b0:ca') => ({
  address,
  data,
  rssiDbm: -60,
  heardAtMs,
})

const freshness = (queue: ReturnType<typeof createReportQueue>, each: ReturnType<typeof heard>) =>
  queue.add(each)?.freshness

test('a frame whose bytes changed is fresh, the same bytes again are a repeat', () => {
  const queue = createReportQueue()
  expect([1, 1, 2, 2, 1].map(counter => freshness(queue, heard(sealed(counter))))).toEqual([
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
  expect(freshness(queue, heard(sealed(1), 0, 'd4:1e:8a:07:5c:31'))).toBe('fresh')
})

test.each([
  ['0x45', 0x45],
  ['0x44', 0x44],
  ['0x41', 0x41],
  ['0x40', 0x40],
])('a press of a button whose info byte is %s is fresh', (_name, info) => {
  const queue = createReportQueue()
  expect([7, 7, 8, 8].map((counter, at) => freshness(queue, heard(sealed(counter, info), at)))).toEqual([
    'fresh',
    'repeat',
    'fresh',
    'repeat',
  ])
})

test('of one that is not trigger based and seals each repeat anew, two frames a second are fresh', () => {
  const queue = createReportQueue()
  const all = Array.from({ length: 30 }, (_, i) => freshness(queue, heard(sealed(i, 0x41), i * 100)))
  expect(all.flatMap((each, i) => (each === 'fresh' ? [i] : []))).toEqual([0, 1, 10, 11, 20, 21])
})

test('a press beyond those two is fresh in the next second, if it is still sent', () => {
  const queue = createReportQueue()
  for (const counter of [1, 2]) queue.add(heard(sealed(counter, 0x41), 0))
  const press = [100, 900, 1_000, 1_100].map(at => freshness(queue, heard(sealed(3, 0x41), at)))
  expect(press).toEqual(['repeat', 'repeat', 'fresh', 'repeat'])
})

test('an alarm is fresh however often it is sealed anew', () => {
  const queue = createReportQueue()
  const all = Array.from({ length: 30 }, (_, i) => freshness(queue, heard(sealed(i), i * 10)))
  expect(new Set(all)).toEqual(new Set(['fresh']))
})

test('other devices and bytes that end too soon are told to nobody', () => {
  const queue = createReportQueue()
  const others = [Uint8Array.of(3, 0xff, 0x90, 0x05), Uint8Array.of(9, 0x16, 0xd2), Uint8Array.of()]
  expect(others.map(data => queue.add(heard(data)))).toEqual([null, null, null])
  expect([queue.waiting(), queue.dropped()]).toEqual([0, 0])
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

const addressOf = (n: number) =>
  `c0:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`

test('of a long packet its frame alone is told', () => {
  const long = Uint8Array.of(200, 0xff, ...Array(199).fill(7), ...sealed(1).subarray(3))
  const one = createReportQueue().add(heard(long))
  expect([...(one?.data ?? [])]).toEqual([...sealed(1).subarray(3)])
})

test('where there is no room for one more of each pendant, the oldest goes, is counted and told of', () => {
  const gone: number[] = []
  const queue = createReportQueue(those => gone.push(...those.map(({ heardAtMs }) => heardAtMs ?? -1)))
  for (let count = 0; count <= FRESH_MAX; count++) queue.add(heard(sealed(1), count, addressOf(count)))
  expect([queue.waiting(), queue.dropped()]).toEqual([FRESH_MAX, 1])
  expect(gone).toEqual([0])
  expect(queue.take(0)[0]?.heardAtMs).toBe(1)
})

test('for want of room heartbeats are thinned, and of an alarm in their midst some frames stay', () => {
  const queue = createReportQueue()
  const pendants = 20
  const seconds = (2 * FRESH_MAX * 2) / pendants
  const alarm = { address: addressOf(3), fromMs: 605_000, toMs: 615_000 }
  for (let second = 0; second < seconds; second++)
    for (let pendant = 0; pendant < pendants; pendant++) {
      const [atMs, address] = [second * 1_000, addressOf(pendant)]
      const isAlarm = address === alarm.address && atMs >= alarm.fromMs && atMs < alarm.toMs
      if (isAlarm || second % 2 === 0) queue.add(heard(sealed(second), atMs, address))
    }
  expect(queue.waiting()).toBeLessThanOrEqual(FRESH_MAX)
  const kept = queue.take(0, FRESH_MAX)
  const inAlarm = kept.filter(
    ({ address, heardAtMs }) =>
      address === alarm.address && (heardAtMs ?? 0) >= alarm.fromMs && (heardAtMs ?? 0) < alarm.toMs,
  )
  expect(inAlarm.length).toBeGreaterThan(0)
  // The first minute is still there of each pendant.
  expect(
    new Set(kept.filter(({ heardAtMs }) => (heardAtMs ?? 0) < 60_000).map(({ address }) => address)).size,
  ).toBe(pendants)
})

test('presses of a button that seals no heartbeats are not thinned', () => {
  const queue = createReportQueue()
  const button = 'd4:1e:8a:07:5c:31'
  for (let press = 0; press < 5; press++) queue.add(heard(sealed(press, 0x45), press * 500, button))
  for (let count = 0; count <= FRESH_MAX; count++) queue.add(heard(sealed(count), 3_000 + count * 100))
  expect(queue.take(0, FRESH_MAX).filter(({ address: by }) => by === button)).toHaveLength(5)
})

test('an unconfirmed batch comes back in front, in its order', () => {
  const queue = createReportQueue()
  for (const at of [1, 2]) queue.add(heard(sealed(at), at))
  const batch = queue.take(5)
  queue.add(heard(sealed(3), 3))
  queue.giveBack(batch)
  expect(queue.take(5).map(({ heardAtMs }) => heardAtMs)).toEqual([1, 2, 3])
})

test('a repeat of an hour ago is dropped and counted; a fresh frame is told however old it is', () => {
  const queue = createReportQueue()
  for (const at of [0, 0, 10]) queue.add(heard(sealed(1), at))
  const kept = queue.take(REPEAT_AGE_MS_MAX + 5)
  expect(kept.map(({ heardAtMs, freshness: is }) => [heardAtMs, is])).toEqual([
    [0, 'fresh'],
    [10, 'repeat'],
  ])
  expect(queue.dropped()).toBe(1)
})

test('a frame says how old it is, at most a week; nothing where nobody knows, and no level where there was none', () => {
  const one = createReportQueue().add({ ...heard(sealed(1), 1_000), rssiDbm: null })
  if (one === null) throw new Error('expected a frame that counts')
  const reportAt = (nowMs: number, heardAtMs: number | null = one.heardAtMs) =>
    ReportBatch.parse(reportsOf([{ ...one, heardAtMs }], nowMs)).reports[0]
  expect(reportAt(1_234)).toEqual({
    address: one.address,
    data: Buffer.from(one.data).toString('hex'),
    ageMs: 234,
  })
  expect(reportAt(900)?.ageMs).toBe(0)
  expect(reportAt(2_000 + REPORT_AGE_MS_MAX)?.ageMs).toBe(REPORT_AGE_MS_MAX)
  expect(reportAt(1_234, null)).not.toHaveProperty('ageMs')
})

test('a full batch of the longest frames stays under the payload limit', () => {
  const queue = createReportQueue()
  for (let count = 0; count < 1_000; count++) {
    const data = new Uint8Array(31).fill(0xff)
    data.set(sealed(count))
    queue.add({ ...heard(data), rssiDbm: -127.5 })
  }
  const batch = ReportBatch.parse(reportsOf(queue.take(0), REPORT_AGE_MS_MAX))
  expect(JSON.stringify(batch).length).toBeLessThanOrEqual(65_536)
})
