// Every figure on /metrics is moved by an event: one that never moves says that all is well.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMetrics } from '../../gateway/metrics.ts'
import { KIND_CORD, KIND_OKAY } from '../../schemas/frame.ts'
import { cord, type EngineBench, heldJournal, report, startBench } from './engine/engine-bench.ts'

const journal = heldJournal()
let bench: EngineBench

beforeAll(async () => {
  bench = await startBench({ journal })
})
afterAll(() => bench.engine.close())

/** Its value now; 0 where it is not there yet. */
async function value(name: string): Promise<number> {
  const line = (await bench.metrics.render()).split('\n').find(each => each.startsWith(`${name} `))
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1))
}
const online = (receiver: string) =>
  bench.submit({
    kind: 'receiver-status',
    receiver,
    status: { v: 1, status: 'online', uptimeMs: 1, heard: 1, published: 1, dropped: 0 },
  })
const failing = (asked: Promise<unknown>) => bench.within(asked.catch(() => undefined))

const MOVED: [metric: string, by: string, moves: () => Promise<unknown>, to: number][] = [
  [
    'tocsin_reports_total{receiver="r-hall"}',
    'a report',
    () => bench.submit(report({ counter: 5 }, 'r-hall')),
    1,
  ],
  [
    'tocsin_refused_total{reason="wrong-key"}',
    'a frame under another key',
    () => bench.submit(report({ counter: 6, key: '0'.repeat(32) })),
    1,
  ],
  [
    'tocsin_pendant_events_total{kind="okay"}',
    'an okay',
    () => bench.submit(report({ counter: 7, kind: KIND_OKAY })),
    1,
  ],
  [
    'tocsin_unread_total{receiver="r-hall"}',
    'a report that cannot be read',
    () => bench.submit({ kind: 'refused', receiver: 'r-hall', reason: 'malformed', detail: 'no JSON' }),
    1,
  ],
  ['tocsin_incidents_total{kind="cord"}', 'a press', () => bench.submit(cord()), 1],
  ['tocsin_open_incidents', 'that press', async () => undefined, 1],
  ['tocsin_press_to_journal_seconds_count', 'that press', async () => undefined, 1],
  ['tocsin_pages_total{outcome="busy"}', 'a call that is busy', () => bench.busy(), 1],
  [
    'tocsin_technical_alarms',
    'a fault',
    () => bench.submit({ kind: 'fault', key: 'speech', text: 'gone' }),
    1,
  ],
  [
    'tocsin_rows_waiting',
    'a disk that refuses',
    () => {
      journal.failWith(new Error('disk full'))
      return failing(bench.submit({ kind: 'fault', key: 'sip', text: 'gone' }))
    },
    1,
  ],
  [
    'tocsin_rows_waiting',
    'a disk that takes them again',
    () => {
      journal.failWith(null)
      return bench.wait(250)
    },
    0,
  ],
  [
    'tocsin_open_incidents',
    'whoever resolves it',
    () => bench.submit({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'test', reason: 'test' }),
    0,
  ],
]

it.each(MOVED)('%s is moved by %s', async (metric, _, moves, to) => {
  await moves()
  expect(await value(metric)).toBe(to)
})

it('tocsin_queue_waiting is moved by what waits behind a disk that does not answer', async () => {
  journal.hold()
  const settled = Promise.allSettled([
    bench.submit(cord(50, 9)),
    bench.submit(report({ counter: 51 })),
    bench.submit(report({ counter: 52 }, 'r-hall')),
  ])
  expect(await value('tocsin_queue_waiting')).toBeGreaterThan(0)
  await bench.within(settled)
  journal.letGo()
  await bench.wait(250)
  expect(await value('tocsin_queue_waiting')).toBe(0)
})

it('tocsin_press_to_journal_seconds is from the report’s arrival to the row on disk, however long the disk takes', async () => {
  const beforeSeconds = await value('tocsin_press_to_journal_seconds_sum')
  journal.hold()
  const press = bench.submit(report({ counter: 80, kind: KIND_CORD, alarmNumber: 30 }))
  await failing(press)
  await bench.wait(4_000)
  journal.letGo()
  await bench.wait(250)
  expect((await value('tocsin_press_to_journal_seconds_sum')) - beforeSeconds).toBeGreaterThanOrEqual(4)
  expect(await value('tocsin_press_to_journal_seconds_count')).toBe(3)
})

it('tocsin_event_seconds is moved by every event', async () => {
  const before = await value('tocsin_event_seconds_count')
  await bench.wait(500)
  expect(await value('tocsin_event_seconds_count')).toBeGreaterThan(before)
})

it('tocsin_armed is 1 once desk, telephone and receivers are proven', async () => {
  expect(await value('tocsin_armed')).toBe(0)
  await online('r-hall')
  await online('r-interview')
  for (const target of ['5150', '5151'])
    await bench.submit({ kind: 'target', channel: 'sip', target, fault: null })
  await bench.submit({ kind: 'desk', desk: 'd', by: 'Ann', isAudible: true })
  await bench.wait(250)
  expect(await value('tocsin_armed')).toBe(1)
})

it('these are all there are', async () => {
  const tested =
    /^tocsin_(reports_total|refused_total|pendant_events_total|incidents_total|open_incidents|press_to_journal_seconds|pages_total|technical_alarms|rows_waiting|queue_waiting|event_seconds|armed|unread_total|log_dropped_total)$/
  const names = [...(await createMetrics().render()).matchAll(/^# TYPE (tocsin_\w+)/gm)].map(
    each => each[1] ?? '',
  )
  expect(names.filter(name => !tested.test(name))).toEqual([])
})
