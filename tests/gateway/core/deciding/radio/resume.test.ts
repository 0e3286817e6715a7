// A pendant that goes on with an old alarm: after a reset, with a new cell weeks later, or enrolled again so that its numbers
// begin anew. Whatever it was, it is never silence, and the wearer is told of it.
import { describe, expect, it } from 'vitest'
import {
  KIND_CANCEL,
  KIND_CORD,
  KIND_OKAY,
  TOLD_ACKNOWLEDGED,
  TOLD_RESOLVED,
} from '../../../../../schemas/frame.ts'
import { openBeacon } from '../../beacons.ts'
import { type FrameOf, PLAIN_ADDRESS, plainFrame } from '../../building.ts'
import { type Bench, createBench } from '../../engine.ts'

const MINUTE_MS = 60_000
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS
/** As the firmware has it: a new block of counters and another packet id after each power-on, the alarm's own number. */
const BLOCK = 4096
const cord = (counter: number, more: Partial<FrameOf> = {}): FrameOf => ({
  counter,
  kind: KIND_CORD,
  alarmNumber: 7,
  packetId: 60,
  ...more,
})
const resumed = (counter = 3 * BLOCK): FrameOf =>
  cord(counter, { packetId: (Math.floor(counter / BLOCK) + 1) & 0xff })
const resolve = (bench: Bench, incident = 'i-0001') =>
  bench.hear({ kind: 'resolve', incident, by: 'Ann', outcome: 'false-alarm', reason: 'slipped' })
/** An alarm that was raised and resolved. */
const resolved = (): Bench => {
  const bench = createBench()
  bench.report(cord(10))
  resolve(bench)
  return bench
}
const kinds = (bench: Bench) => bench.incidents().map(({ state, alarmNumber }) => [state, alarmNumber])

describe('an alarm that was resolved weeks ago and is on the air again', () => {
  it.each([
    ['', (bench: Bench) => bench],
    [', the gateway restarted meanwhile', (bench: Bench) => bench.restart()],
  ])('with a new cell is raised anew and paged%s', (_, meanwhile) => {
    const before = resolved()
    before.nowMs += 3 * WEEK_MS
    const bench = meanwhile(before)
    const { changes, pages } = bench.report(resumed())
    expect(changes.map(change => change.is)).toEqual(['raised', 'told', 'page-due'])
    expect(pages).toMatchObject([{ target: '5150' }])
    expect(kinds(bench)).toEqual([
      ['resolved', 7],
      ['raised', 7],
    ])
    bench.report(resumed(3 * BLOCK + 1))
    bench.report(resumed(3 * BLOCK + 1), { receiver: 'r-hall' })
    expect(bench.incidents()).toHaveLength(2)
  })

  it('tells the wearer about frames that the pendant remembers, also that it is resolved', () => {
    const bench = resolved()
    bench.nowMs += 3 * WEEK_MS
    const raised = openBeacon(bench.report(resumed()).told[0]?.data ?? '')
    expect(raised).toMatchObject({ alarmNumber: 7, frameCounter: 3 * BLOCK })
    const over = openBeacon(resolve(bench, 'i-0002').told[0]?.data ?? '')
    expect(over).toMatchObject({ told: TOLD_RESOLVED, alarmNumber: 7, frameCounter: 3 * BLOCK })
    expect(over.counter).toBeGreaterThan(raised.counter)
  })

  it('from a pendant without a key is raised too', () => {
    const bench = createBench()
    const plain = () => bench.data(plainFrame(cord(0)), { address: PLAIN_ADDRESS })
    plain()
    resolve(bench)
    bench.nowMs += WEEK_MS
    plain()
    expect(kinds(bench)).toEqual([
      ['resolved', 7],
      ['raised', 7],
    ])
  })
})

describe('the number of an alarm that was resolved is on the air', () => {
  it.each([
    ['an idle frame', { counter: 11, alarmNumber: 7 }],
    ['a cancel', { counter: 11, kind: KIND_CANCEL, alarmNumber: 7 }],
    ['an okay', { counter: 11, kind: KIND_OKAY, alarmNumber: 7 }],
  ])('after %s: it is a new alarm, of a pendant whose numbers began anew', (_, between) => {
    const bench = resolved()
    bench.nowMs += MINUTE_MS
    bench.report(between)
    bench.nowMs += MINUTE_MS
    expect(bench.report(cord(12)).pages).toHaveLength(1)
    expect(kinds(bench)).toEqual([
      ['resolved', 7],
      ['raised', 7],
    ])
  })

  it('after a reset a minute later: nobody has this one, and it is raised', () => {
    const bench = resolved()
    bench.nowMs += MINUTE_MS
    expect(bench.report(resumed()).pages).toHaveLength(1)
    expect(bench.incidents()).toHaveLength(2)
  })

  it('as the rest of it, while it lasts, however long, and after a restart of the gateway: nothing more', () => {
    let bench = resolved()
    for (let i = 1; i <= 90; i++) {
      bench.nowMs += MINUTE_MS
      if (i === 30) bench = bench.restart()
      bench.report(cord(10 + i))
    }
    expect(bench.incidents()).toHaveLength(1)
  })

  it('in a frame of it that is played again after a restart, hours later: refused, for the pendant was idle since', () => {
    const before = resolved()
    before.report(cord(300))
    before.report({ counter: 301, alarmNumber: 7 })
    before.nowMs += 5 * 60 * MINUTE_MS
    const bench = before.restart()
    expect(bench.report(cord(300)).counted).toEqual(['replayed'])
    expect(bench.incidents()).toHaveLength(1)
  })

  it('in a late report of a receiver that was cut off: nothing more, though the pendant was idle since', () => {
    const bench = resolved()
    bench.report(cord(20))
    bench.nowMs += MINUTE_MS
    bench.report({ counter: 40, alarmNumber: 7 })
    bench.nowMs += MINUTE_MS
    bench.report(cord(15), { receiver: 'r-hall', ageMs: 2 * MINUTE_MS + 1000 })
    expect(bench.incidents()).toHaveLength(1)
  })
})

describe('a reset in an alarm that is open', () => {
  const open = (): Bench => {
    const bench = createBench()
    bench.report(cord(10))
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    bench.nowMs += MINUTE_MS
    return bench
  }

  it.each([
    ['', (bench: Bench) => bench],
    [', the gateway restarted too', (bench: Bench) => bench.restart()],
  ])(
    'is a line in it and no new press; the wearer is told again, about what the pendant remembers%s',
    (_, meanwhile) => {
      const bench = meanwhile(open())
      const { changes, pages, told } = bench.report(resumed())
      expect(changes.map(change => change.is)).toEqual(['resumed', 'told'])
      expect(pages).toEqual([])
      expect(openBeacon(told[0]?.data ?? '')).toMatchObject({
        told: TOLD_ACKNOWLEDGED,
        alarmNumber: 7,
        frameCounter: 3 * BLOCK,
      })
      expect(bench.incident()).toMatchObject({ state: 'acknowledged', presses: 1 })
      expect(bench.incident().lines.some(({ text }) => text.includes('lost its power'))).toBe(true)
      bench.nowMs += MINUTE_MS
      for (const receiver of ['r-hall', 'r-interview']) {
        const { changes: later } = bench.report(resumed(3 * BLOCK + 1), { receiver })
        expect(later.filter(change => change.is !== 'located')).toEqual([])
      }
      expect(openBeacon(resolve(bench).told[0]?.data ?? '')).toMatchObject({ frameCounter: 3 * BLOCK })
    },
  )

  it('again and again, by a dying cell, is told anew each time, but no oftener than each five seconds', () => {
    const bench = open()
    const rows: number[] = []
    for (let i = 1; i <= 20; i++) {
      bench.nowMs += 1000
      rows.push(bench.report(resumed(i * BLOCK)).changes.filter(change => change.is === 'resumed').length)
    }
    expect(rows.reduce((sum, row) => sum + row, 0)).toBe(4)
    const counters = bench.entries.flatMap(({ change }) =>
      change.is === 'told' ? [change.beaconCounter] : [],
    )
    expect(new Set(counters).size).toBe(counters.length)
  })

  it('is not taken from a late frame, nor from a journal of before, which has no packet ids', () => {
    const bench = open()
    bench.report(cord(200))
    expect(bench.report(cord(150, { packetId: 99 }), { ageMs: 1000 }).changes).toEqual([])
    const old = createBench({
      atMs: bench.nowMs,
      counters: bench.counters,
      entries: bench.entries.map(({ change, ...entry }) => {
        if (change.is !== 'raised') return { ...entry, change }
        const { packetId: _, ...rest } = change
        return { ...entry, change: rest }
      }),
    })
    expect(old.report(resumed()).changes).toEqual([])
  })
})
