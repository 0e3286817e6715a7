// An okay, a cancel and a duress ask too: each is answered, nothing is written down for it, and no cancel raises anything.
import { describe, expect, it } from 'vitest'
import {
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_DURESS_ASKING,
  KIND_DURESS_TESTING,
  KIND_DURESS_TURN,
  KIND_OKAY,
  TOLD_ARMED,
  TOLD_NOT_ARMED,
  TOLD_STORED,
  TOLD_TEST_PASSED,
} from '../../../../../schemas/frame.ts'
import { openBeacon } from '../../beacons.ts'
import { type Bench, createBench } from '../../engine.ts'

const proven = (bench: Bench): Bench => {
  bench.hear({ kind: 'desk', desk: 'a', by: null, isAudible: true })
  bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: null })
  return bench
}
const told = (decision: ReturnType<Bench['report']>) =>
  decision.told.map(({ data }) => openBeacon(data)).map(({ told, frameCounter }) => [told, frameCounter])
const rows = (bench: Bench) => bench.entries.map(({ change }) => change.is)

describe('an okay', () => {
  it('is answered as an ask is: armed or not, once through each receiver, and leaves no row', () => {
    const bench = proven(createBench())
    expect(told(bench.report({ counter: 10, packetId: 7, kind: KIND_OKAY }))).toEqual([[TOLD_ARMED, 10]])
    expect(told(bench.report({ counter: 11, packetId: 7, kind: KIND_OKAY }))).toEqual([])
    expect(
      bench.report({ counter: 11, packetId: 7, kind: KIND_OKAY }, { receiver: 'r-hall' }).told,
    ).toHaveLength(1)
    bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: 'no answer' })
    expect(told(bench.report({ counter: 20, packetId: 8, kind: KIND_OKAY }))).toEqual([[TOLD_NOT_ARMED, 20]])
    expect(bench.entries).toEqual([])
  })
})

describe('a cancel', () => {
  const resolved = (bench: Bench): Bench => {
    bench.report({ counter: 5, packetId: 1, kind: KIND_CORD, alarmNumber: 3 })
    bench.hear({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'false-alarm', reason: 'slipped' })
    return bench
  }
  it.each([
    { where: 'where there never was an alarm', make: () => proven(createBench()) },
    { where: 'of an incident that is resolved', make: () => resolved(proven(createBench())) },
    { where: 'of one resolved before a restart', make: () => proven(resolved(createBench()).restart()) },
  ])('$where raises nothing, writes nothing, and is answered', ({ make }) => {
    const bench = make()
    const before = rows(bench)
    const incidents = bench.incidents().map(({ state }) => state)
    const decision = bench.report({ counter: 900, packetId: 2, kind: KIND_CANCEL, alarmNumber: 3 })
    expect(told(decision)).toEqual([[TOLD_ARMED, 900]])
    expect(decision.pages).toEqual([])
    expect(rows(bench)).toEqual(before)
    expect(bench.incidents().map(({ state }) => state)).toEqual(incidents)
  })

  it('of the open alarm is a line in it, and is answered under a counter of its own', () => {
    const bench = proven(createBench())
    bench.report({ counter: 5, packetId: 1, kind: KIND_CORD, alarmNumber: 3 })
    const decision = bench.report({ counter: 9, packetId: 2, kind: KIND_CANCEL, alarmNumber: 3 })
    expect(told(decision)).toContainEqual([TOLD_ARMED, 9])
    expect(bench.incident()).toMatchObject({ state: 'raised', cancelledNumber: 3 })
  })
})

describe('a duress that seems to ask', () => {
  const asking = KIND_DURESS_ASKING
  it('raises as any, is told as any, and is answered besides, under one counter each', () => {
    const bench = proven(createBench())
    const decision = bench.report({ counter: 10, packetId: 7, kind: asking, alarmNumber: 4 })
    expect(bench.incident()).toMatchObject({ state: 'raised', kind: 'duress' })
    expect(told(decision)).toEqual([
      [TOLD_STORED, 10],
      [TOLD_ARMED, 10],
    ])
    const counters = decision.told.map(({ beaconCounter }) => beaconCounter)
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    counters.push(bench.incident().told?.beaconCounter ?? 0)
    expect(new Set(counters).size, 'no key seals two beacons under one counter').toBe(3)
    expect(counters).toEqual([...counters].sort((a, b) => a - b))
  })

  it('asks anew by its turn, or after frames that asked nothing, and never twice for one', () => {
    const bench = proven(createBench())
    const hear = (counter: number, kind: number) =>
      told(bench.report({ counter, packetId: 7, kind, alarmNumber: 4 })).filter(
        ([what]) => what === TOLD_ARMED,
      )
    expect(hear(10, asking)).toEqual([[TOLD_ARMED, 10]])
    expect(hear(11, asking)).toEqual([])
    expect(hear(12, asking + KIND_DURESS_TURN)).toEqual([[TOLD_ARMED, 12]])
    expect(hear(13, KIND_DURESS)).toEqual([])
    expect(hear(14, asking + KIND_DURESS_TURN)).toEqual([[TOLD_ARMED, 14]])
    expect(bench.incidents()).toHaveLength(1)
  })

  it('asks anew after a silence, in which one that nobody heard may have turned it twice', () => {
    const bench = proven(createBench())
    const hear = (counter: number, afterMs: number) => {
      bench.wait(afterMs)
      return told(bench.report({ counter, packetId: 7, kind: asking, alarmNumber: 4 })).filter(
        ([what]) => what === TOLD_ARMED,
      )
    }
    expect(hear(10, 0)).toEqual([[TOLD_ARMED, 10]])
    expect(hear(11, 1900)).toEqual([])
    expect(hear(20, 2000)).toEqual([[TOLD_ARMED, 20]])
    expect(hear(21, 1000)).toEqual([])
  })

  it('is tested anew after a silence, once the test before it has passed', () => {
    const bench = proven(createBench())
    const test = { packetId: 7, kind: KIND_DURESS_TESTING, alarmNumber: 4 }
    const passed = () => bench.wait(3000).told.map(({ data }) => openBeacon(data))
    bench.report({ ...test, counter: 10 })
    expect(passed()).toContainEqual(expect.objectContaining({ told: TOLD_TEST_PASSED, frameCounter: 10 }))
    bench.report({ ...test, counter: 20 })
    expect(passed()).toContainEqual(expect.objectContaining({ told: TOLD_TEST_PASSED, frameCounter: 20 }))
    expect(rows(bench).filter(is => is === 'tested')).toHaveLength(2)
  })

  it('is tested as any: a row, and the beacon that says so, again for each test', () => {
    const bench = proven(createBench())
    bench.report({ counter: 10, packetId: 7, kind: KIND_DURESS, alarmNumber: 4 })
    for (const counter of [20, 40]) {
      bench.report({ counter, packetId: 7, kind: KIND_DURESS_TESTING, alarmNumber: 4 })
      const passed = bench.wait(3000).told.map(({ data }) => openBeacon(data).told)
      expect(passed).toContain(TOLD_TEST_PASSED)
      bench.report({ counter: counter + 10, packetId: 7, kind: KIND_DURESS, alarmNumber: 4 })
    }
    expect(rows(bench).filter(is => is === 'tested')).toHaveLength(2)
    expect(bench.incidents()).toHaveLength(1)
  })
})
