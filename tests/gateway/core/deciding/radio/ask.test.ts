import { describe, expect, it } from 'vitest'
import { withReserve } from '../../../../../gateway/core/deciding/decision/reserve.ts'
import type { Change } from '../../../../../gateway/core/plan/change.ts'
import { KIND_ASK, KIND_CORD, TOLD_ARMED, TOLD_NOT_ARMED } from '../../../../../schemas/frame.ts'
import { openBeacon } from '../../beacons.ts'
import { PLAIN_ADDRESS, plainFrame, sealedFrame } from '../../building.ts'
import { type Bench, createBench, T0 } from '../../engine.ts'

const mended = {
  is: 'journal-mended',
  edition: 2,
  file: 'journal.sqlite.damaged-1',
  why: 'the file is damaged',
  rows: 0,
  lost: [],
  doubtful: [],
  head: null,
} as const
const ask = (counter: number, packetId = 7) => ({ counter, packetId, kind: KIND_ASK, alarmNumber: 3 })
const proven = (bench: Bench): Bench => {
  bench.hear({ kind: 'desk', desk: 'a', by: null, isAudible: true })
  bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: null })
  return bench
}
const answers = (decision: ReturnType<Bench['report']>) =>
  decision.told.map(({ data, ...order }) => ({ ...openBeacon(data), receivers: order.receivers }))

describe('an ask', () => {
  it('is answered at once, through the receiver that heard it: armed, or not', () => {
    const bench = proven(createBench())
    expect(answers(bench.report(ask(10)))).toEqual([
      { told: TOLD_ARMED, counter: 1, alarmNumber: 3, frameCounter: 10, receivers: ['r-interview'] },
    ])
    bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: 'no answer' })
    expect(answers(bench.report(ask(20, 8)))).toMatchObject([{ told: TOLD_NOT_ARMED, counter: 2 }])
  })

  it('is one answer: the same bytes through each receiver that hears it, once each, however many frames', () => {
    const bench = proven(createBench())
    const first = bench.report(ask(10))
    expect(bench.report(ask(10)).told).toEqual([])
    const second = bench.report(ask(11), { receiver: 'r-hall' })
    expect(second.told).toMatchObject([{ data: first.told[0]?.data, receivers: ['r-interview', 'r-hall'] }])
    expect(bench.report(ask(12), { receiver: 'r-hall' }).told).toEqual([])
    expect([first.heard, second.heard]).toEqual([['ask'], []])
  })

  it('is no row, no incident, no page and no line at the desk', () => {
    const bench = proven(createBench())
    for (let i = 0; i < 100; i++) {
      bench.report(ask(10 + 5 * i, i))
      bench.wait(250)
    }
    expect(bench.entries).toEqual([])
    expect(bench.incidents()).toEqual([])
  })

  it('played again, kept back by a receiver for long, or sealed with another key, is not answered', () => {
    const bench = proven(createBench())
    bench.report(ask(10))
    bench.wait(120_000)
    proven(bench)
    expect(bench.report(ask(10)).told, 'the newest frame there is').toEqual([])
    bench.report({ counter: 12 })
    bench.wait(10_000)
    expect(bench.report(ask(11, 8))).toMatchObject({ told: [], counted: ['replayed'] })
    expect(bench.report({ ...ask(20, 9), key: '0'.repeat(32) })).toMatchObject({
      told: [],
      counted: ['wrong-key'],
    })
    expect(bench.report(ask(30, 10), { ageMs: 11_000 }).told).toEqual([])
    expect(bench.data(plainFrame(ask(40, 11)), { address: PLAIN_ADDRESS }).told, 'without a key').toEqual([])
  })

  it('while an incident is open changes nothing in it', () => {
    const bench = proven(createBench())
    bench.report({ counter: 5, kind: KIND_CORD, alarmNumber: 3 })
    const before = bench.incident()
    expect(answers(bench.report(ask(10)))).toMatchObject([{ told: TOLD_ARMED }])
    expect(bench.incident()).toEqual(before)
  })
})

describe('the counters of beacons', () => {
  it('are never used twice, though nothing of an ask is written down and the gateway is killed at any moment', () => {
    const used = new Set<number>()
    let bench = proven(createBench())
    for (let i = 0; i < 400; i++) {
      for (const { counter } of answers(bench.report(ask(10 + i, i)))) {
        expect(used.has(counter), `counter ${counter}`).toBe(false)
        used.add(counter)
      }
      if (i % 37 === 36) bench = proven(bench.restart())
    }
    expect(used.size).toBe(400)
  })

  it.each([
    ['its end was cut off', { is: 'journal-cut', noted: null, seq: 0, lastAtMs: null }, T0],
    ['it was damaged', mended, T0],
    ['it could not be read', { is: 'journal-unread', why: 'locked', firstNumber: 1 }, T0],
    ['an older copy was accepted', { is: 'journal-accepted', edition: 2 }, T0],
    [
      'it was cut, and the clock stands at 1970',
      { is: 'journal-cut', noted: null, seq: 0, lastAtMs: null },
      60_000,
    ],
  ] as const)(
    'are above all that were used by a journal of which something was lost: %s',
    (_how, change, atMs) => {
      const before = proven(createBench())
      for (let i = 0; i < 200; i++) before.report(ask(10 + i, i))
      const [last] = answers(before.report(ask(900, 201)))
      const after = proven(
        createBench({ entries: [{ seq: 1, atMs, actor: 'tocsin', change: change as Change }] }),
      )
      after.hear({ kind: 'start' })
      const [first] = answers(after.report(ask(1_000, 202)))
      expect(first?.counter).toBeGreaterThan(last?.counter ?? 0)
      expect(after.counters.get('beacon:p-07'), 'reserved').toBeGreaterThan(first?.counter ?? 0)
      const [told] = answers(after.report({ counter: 1_010, kind: KIND_CORD, alarmNumber: 1 }))
      expect(told?.counter, 'of an alarm too').toBeGreaterThan(first?.counter ?? 0)
      const [again] = answers(proven(after.restart()).report(ask(1_100, 203)))
      expect(again?.counter).toBeGreaterThan(told?.counter ?? 0)
    },
  )

  it('are reserved in blocks: one row of its own table for some thirty asks', () => {
    const bench = proven(createBench())
    bench.hear({ kind: 'start' })
    expect(bench.counters.get('beacon:p-07')).toBe(64)
    expect(bench.counters.has('beacon:p-08'), 'one that cannot hear needs none').toBe(false)
    let rows = 0
    for (let i = 0; i < 320; i++) {
      const { counters } = bench.report(ask(10 + i, i))
      rows += counters.filter(([key]) => key === 'beacon:p-07').length
    }
    expect(rows).toBe(9)
    expect(bench.counters.get('beacon:p-07')).toBeGreaterThan(320)
  })

  it('are asked for once, not again with each decision while the disk is silent', () => {
    const bench = createBench()
    const told = bench.data(sealedFrame({ counter: 5, kind: KIND_CORD, alarmNumber: 1 }))
    expect(told.counters.map(([key]) => key)).toContain('beacon:p-07')
    const again = withReserve(bench.state, { ...told, counters: [], observations: [] })
    expect(again.counters).toEqual([])
  })
})
