// Ears: a desk and a telephone are no use where no receiver hears. Who hears, who is there and deaf, and which rooms that
// leaves without anybody who would hear an alarm.
import { describe, expect, it } from 'vitest'
import { coverOf } from '../../../../../gateway/core/hearing/receivers/cover.ts'
import { modelFor } from '../../../../../gateway/core/locating/learning/calibrate.ts'
import { type Plan, planOf } from '../../../../../gateway/core/plan/plan.ts'
import { armedView, technicalView } from '../../../../../gateway/core/view/health-view.ts'
import { KIND_ASK, TOLD_ARMED, TOLD_NOT_ARMED } from '../../../../../schemas/frame.ts'
import { Site } from '../../../../../schemas/site.ts'
import { openBeacon } from '../../beacons.ts'
import { site } from '../../building.ts'
import { type Bench, createBench, heardByAll } from '../../engine.ts'

const HEARTBEAT_MS = 10_000
const OFFLINE = { v: 1, status: 'offline' } as const

/** Desk and telephone are proven, whoever hears. */
function prove(bench: Bench): void {
  bench.hear({ kind: 'desk', desk: 'a', by: null, isAudible: true })
  bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: null })
}
/** All is well for so long; those that are `deaf` are there, and their counts stand still. */
function goOn(bench: Bench, ms: number, deaf: readonly string[] = []): void {
  for (let left = ms; left > 0; left -= HEARTBEAT_MS) {
    prove(bench)
    heardByAll(bench, deaf)
    for (const receiver of deaf) {
      const heard = bench.state.ears.get(receiver)?.count ?? 7
      const counts = { uptimeMs: 1, heard, published: heard, dropped: 0 }
      bench.hear({ kind: 'receiver-status', receiver, status: { v: 1, status: 'online', ...counts } })
    }
    bench.wait(Math.min(HEARTBEAT_MS, left))
  }
}
const shown = ({ state }: Bench) => armedView(state.plan, state.armed)
const technical = ({ state }: Bench) => technicalView(state).map(({ key, text }) => `${key}: ${text}`)
const well = (plan?: Plan): Bench => {
  const bench = createBench(plan === undefined ? {} : { plan })
  goOn(bench, HEARTBEAT_MS)
  return bench
}

describe('armed', () => {
  it('is not said while no receiver has been proven to hear, though desk and telephone are', () => {
    const bench = createBench()
    prove(bench)
    bench.wait(250)
    expect(shown(bench)).toMatchObject({
      isArmed: false,
      reasons: ['No receiver has been proven to hear yet.'],
    })
    const counts = { uptimeMs: 1, heard: 90_000, published: 0, dropped: 0 }
    bench.hear({
      kind: 'receiver-status',
      receiver: 'r-hall',
      status: { v: 1, status: 'online', ...counts },
    })
    bench.wait(250)
    expect(shown(bench).isArmed, 'one count may have stood there for days').toBe(false)
  })

  it('is said once each receiver’s count has moved, or a report came of it', () => {
    expect(shown(well())).toEqual({ isArmed: true, reasons: [], sinceMs: expect.any(Number) })
    const bench = createBench()
    prove(bench)
    bench.report({ counter: 1 }, { receiver: 'r-hall' })
    bench.report({ counter: 1 }, { receiver: 'r-interview' })
    bench.wait(250)
    expect(shown(bench)).toEqual({ isArmed: true, reasons: [], sinceMs: expect.any(Number) })
  })

  it('is not said with every receiver gone, at once, and loudly within a minute', () => {
    const bench = well()
    for (const receiver of ['r-hall', 'r-interview'])
      bench.hear({ kind: 'receiver-status', receiver, status: OFFLINE })
    bench.wait(250)
    expect(shown(bench)).toMatchObject({
      isArmed: false,
      reasons: ['No receiver is there: no pendant can be heard.'],
    })
    for (let second = 0; second < 60; second += 10) {
      prove(bench)
      bench.wait(10_000)
    }
    expect(technical(bench)).toContain(
      'not-armed: An alarm now might reach nobody. No receiver is there: no pendant can be heard.',
    )
  })

  it('is said in part, with the rooms as on their doors, where one receiver is gone', () => {
    const bench = well()
    bench.hear({ kind: 'receiver-status', receiver: 'r-interview', status: OFFLINE })
    bench.wait(250)
    expect(shown(bench)).toEqual({
      isArmed: true,
      reasons: [],
      uncovered: ['214 Interview room'],
      sinceMs: bench.nowMs,
    })
    goOn(bench, HEARTBEAT_MS)
    expect(shown(bench)).not.toHaveProperty('uncovered')
  })

  it('is told to a pendant that asks in a part that hears, and not where nobody would come', () => {
    const bench = well()
    bench.hear({ kind: 'receiver-status', receiver: 'r-interview', status: OFFLINE })
    bench.wait(250)
    const ask = (counter: number, packetId: number) => {
      const [order] = bench.report({ counter, kind: KIND_ASK, packetId }, { receiver: 'r-hall' }).told
      return openBeacon(order?.data ?? '').told
    }
    expect(ask(10, 1)).toBe(TOLD_ARMED)
    bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: 'gone' })
    expect(ask(20, 2)).toBe(TOLD_NOT_ARMED)
  })
})

describe('a receiver that is there and deaf', () => {
  it('is said within 70 s while one near it hears on, is not armed for, and is mended when it hears', () => {
    const bench = well()
    goOn(bench, 50_000, ['r-interview'])
    expect(technical(bench)).toEqual([])
    goOn(bench, 10_000, ['r-interview'])
    expect(technical(bench)).toEqual([
      'receiver-deaf:r-interview: Receiver r-interview (214 Interview room) is there and has heard nothing for 70 s: it may be deaf. Test a pendant beside it',
    ])
    expect(shown(bench)).toMatchObject({ isArmed: true, uncovered: ['214 Interview room'] })
    expect([...bench.state.deafness.toFrames.ids], 'and its silence tells no room').toEqual(['r-interview'])
    goOn(bench, HEARTBEAT_MS)
    expect(technical(bench)).toEqual([])
    expect(bench.state.deafness.toFrames.ids.size).toBe(0)
  })

  it('is said of one that never heard anything', () => {
    const bench = createBench()
    goOn(bench, 80_000, ['r-interview'])
    expect(technical(bench)).toHaveLength(1)
    expect(shown(bench)).toMatchObject({ uncovered: ['214 Interview room'] })
  })

  it('is still said after a restart, until it hears', () => {
    const bench = well()
    goOn(bench, 70_000, ['r-interview'])
    const after = bench.restart()
    after.hear({ kind: 'start' })
    expect(technical(after)).toHaveLength(1)
    goOn(after, HEARTBEAT_MS)
    expect(technical(after)).toEqual([])
  })

  it('is not said where nobody hears anything: then it is not armed, within five minutes', () => {
    const bench = well()
    const both = ['r-hall', 'r-interview']
    goOn(bench, 290_000, both)
    expect(shown(bench).isArmed).toBe(true)
    goOn(bench, 20_000, both)
    expect(shown(bench)).toMatchObject({
      isArmed: false,
      reasons: ['No receiver hears anything: test a pendant.'],
    })
    expect(technical(bench)).toEqual([])
  })

  it('is not said of one that had no time: who comes into an empty building is heard by some before others', () => {
    const bench = well()
    goOn(bench, 240_000, ['r-hall', 'r-interview'])
    goOn(bench, 50_000, ['r-interview'])
    expect(technical(bench)).toEqual([])
  })
})

describe('a room is covered', () => {
  const rooms = (adjacency: Record<string, string[]>) => [
    {
      id: 'main',
      name: 'Main',
      floors: [
        {
          id: 'g',
          name: 'Ground',
          rooms: Object.entries(adjacency).map(([id, adjacent]) => ({ id, number: id, adjacent })),
        },
      ],
    },
  ]
  const planned = (over: object): Plan => planOf(Site.parse({ ...site(), ...over }))
  const receiver = (id: string, room: string, more: object = {}) => ({
    id,
    room,
    password: 'password',
    ...more,
  })

  it.each<{ name: string; buildings: object; receivers: object[]; cover: Record<string, string[]> }>([
    {
      name: 'by the receivers in it alone: what its walls let through, nobody knows',
      buildings: rooms({ a: ['b'], b: [] }),
      receivers: [receiver('ra', 'a'), receiver('rb', 'b')],
      cover: { a: ['ra'], b: ['rb'] },
    },
    {
      name: 'by one in its doorway',
      buildings: rooms({ a: ['b'], b: [] }),
      receivers: [receiver('ra', 'a', { atDoorTo: 'b' })],
      cover: { a: ['ra'], b: ['ra'] },
    },
    {
      name: 'by those next to it where it has none, whichever of the two names the other',
      buildings: rooms({ a: ['b'], b: [], c: ['b'], d: [] }),
      receivers: [receiver('ra', 'a'), receiver('rc', 'c')],
      cover: { a: ['ra'], b: ['ra', 'rc'], c: ['rc'], d: [] },
    },
    {
      name: 'by no ESPresense node: it hears no alarm',
      buildings: rooms({ a: [], b: [] }),
      receivers: [receiver('ra', 'a'), receiver('rb', 'b', { espresense: {} })],
      cover: { a: ['ra'], b: [] },
    },
  ])('$name', ({ buildings, receivers, cover }) => {
    const plan = planned({ buildings, receivers })
    expect(Object.fromEntries(coverOf(plan, modelFor(plan)).rooms)).toEqual(cover)
  })
})
