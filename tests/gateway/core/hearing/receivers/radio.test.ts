// What a receiver says of its own radio and disk, and what people are told of one that is gone: when, in which words, and that it is over.
import { expect, test } from 'vitest'
import { technicalView } from '../../../../../gateway/core/view/health-view.ts'
import type { ReceiverStatus } from '../../../../../schemas/report.ts'
import { type Bench, createBench, heardByAll } from '../../engine.ts'

type Online = Extract<ReceiverStatus, { status: 'online' }>
const technical = ({ state }: Bench) =>
  technicalView(state).flatMap(({ key, text }) => (key.startsWith('receiver') ? [`${key}: ${text}`] : []))

let count = 0
function say(bench: Bench, more: Partial<Online>, receiver = 'r-hall'): void {
  count += 1
  const counts = { uptimeMs: 1, heard: count, published: count, dropped: 0 }
  bench.hear({ kind: 'receiver-status', receiver, status: { v: 1, status: 'online', ...counts, ...more } })
}
/** Both receivers are there and hear. */
function well(): Bench {
  const bench = createBench()
  for (let beat = 0; beat < 2; beat++) {
    heardByAll(bench)
    bench.wait(10_000)
  }
  return bench
}

test.each([
  ['deaf', 'is deaf, its radio hears nothing at all'],
  ['gone', 'has lost its radio'],
  ['refused', 'cannot use its radio'],
  ['restarting', 'starts its radio again and again'],
  ['starting', 'has a radio that does not answer'],
] as const)(
  'a radio that is %s is said with its room within 6 s, and mended when it listens',
  (radio, words) => {
    const bench = well()
    say(bench, { radio, radioWhy: 'nothing heard for 10 s' })
    bench.wait(1_000)
    expect(technical(bench)).toEqual([])
    bench.wait(5_000)
    expect(technical(bench)).toEqual([
      `receiver-deaf:r-hall: Receiver r-hall (1) ${words}: no alarm is heard through it (nothing heard for 10 s)`,
    ])
    expect(bench.state.armed.uncovered).not.toEqual([])
    say(bench, { radio: 'listening' })
    bench.wait(250)
    expect(technical(bench)).toEqual([])
  },
)

test('a radio that is begun anew within 5 s is nothing to say', () => {
  const bench = well()
  say(bench, { radio: 'restarting', radioWhy: 'it died' })
  bench.wait(3_000)
  say(bench, { radio: 'listening' })
  bench.wait(10_000)
  expect(technical(bench)).toEqual([])
})

test('another reason is said anew, the same one in other words is not', () => {
  const bench = well()
  say(bench, { radio: 'deaf', radioWhy: 'nothing heard for 10 s' })
  bench.wait(6_000)
  const rows = bench.entries.length
  say(bench, { radio: 'deaf', radioWhy: 'nothing heard for 20 s' })
  bench.wait(1_000)
  expect(bench.entries).toHaveLength(rows)
  say(bench, { radio: 'gone', radioWhy: 'hci0 is not there' })
  bench.wait(1_000)
  expect(technical(bench)).toEqual([expect.stringContaining('has lost its radio')])
})

test('one that cannot broadcast hears all the same, and one whose disk is full says so; each is mended', () => {
  const bench = well()
  say(bench, { radio: 'mute', radioWhy: 'refused (0x0c)', spool: { bytes: 0, fault: 'ENOSPC' } })
  bench.wait(6_000)
  expect(technical(bench)).toEqual([
    'receiver-mute:r-hall: Receiver r-hall (1) hears, and cannot tell the wearers anything: what their pendants show may be old (refused (0x0c))',
    'receiver-spool:r-hall: Receiver r-hall (1) keeps nothing of what it hears over a restart (ENOSPC)',
  ])
  expect(bench.state.armed.uncovered).toEqual([])
  say(bench, { radio: 'listening', spool: { bytes: 40 } })
  expect(technical(bench)).toEqual([])
})

test('one that could not read what it had kept says so until somebody has taken it away', () => {
  const bench = well()
  say(bench, { spool: { bytes: 40, unread: 'it lies there in r-hall.spool.unread' } })
  expect(technical(bench)).toEqual([
    'receiver-unread:r-hall: Receiver r-hall (1) could not read all that it had kept before it was started: an alarm may be among it (it lies there in r-hall.spool.unread)',
  ])
  expect(bench.state.armed.uncovered).toEqual([])
  say(bench, { spool: { bytes: 40 } })
  expect(technical(bench)).toEqual([])
})

test('a silent receiver is shown after 30 s; after 90 s it is out of order, and the rooms that nobody hears are named; then it is back', () => {
  const bench = well()
  const goOn = (ms: number) => {
    for (let left = ms; left > 0; left -= 5_000) {
      say(bench, {}, 'r-interview')
      bench.wait(Math.min(5_000, left))
    }
  }
  goOn(15_000)
  expect(technical(bench)).toEqual([])
  goOn(15_000)
  expect(technical(bench)).toEqual([
    expect.stringMatching(
      /^receiver:r-hall: Receiver r-hall \(1\) has said nothing for 3\d s: what it hears does not arrive\. /,
    ),
  ])
  goOn(45_000)
  expect(technical(bench)[0]).toContain('has said nothing')
  goOn(20_000)
  expect(technical(bench)).toEqual([
    expect.stringMatching(
      /^receiver:r-hall: Receiver r-hall \(1\) is out of order: nothing of it for 9\d s\. No alarm is heard in: 1\. Look at its power and its network$/,
    ),
  ])
  const rows = bench.entries.length
  goOn(60_000)
  expect(bench.entries, 'said once').toHaveLength(rows)
  say(bench, {})
  expect(technical(bench)).toEqual([])
  expect(bench.entries.at(-1)?.change).toEqual({ is: 'technical-mended', key: 'receiver:r-hall' })
})
