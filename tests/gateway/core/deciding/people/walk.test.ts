// Walk tests in the core: what is recorded, what is kept, what a restart loses, and that alarms go on all the while.
import { describe, expect, test } from 'vitest'
import {
  recordingReport,
  storedReport,
  storedWalk,
  walksView,
} from '../../../../../gateway/core/view/walk-view.ts'
import {
  ABANDONED_MS,
  RECORDINGS_MAX,
  UNTAPPED_MS_MAX,
  WALK_MS_MAX,
} from '../../../../../gateway/core/walk/recording.ts'
import { standingWalks } from '../../../../../gateway/core/walk/stored-walk.ts'
import type { WalkEvent } from '../../../../../gateway/ports.ts'
import { WalkReport, WalksView } from '../../../../../schemas/api/walk.ts'
import { KIND_CORD } from '../../../../../schemas/frame.ts'
import { Walk } from '../../../../../schemas/walk.ts'
import { type Bench, createBench } from '../../engine.ts'

const by = 'Ann'
const online = { v: 1, status: 'online', uptimeMs: 0, heard: 0, published: 0, dropped: 0 } as const

function walking(): Bench {
  const bench = createBench()
  hearReceivers(bench)
  return bench
}
function hearReceivers(bench: Bench): void {
  for (const receiver of ['r-hall', 'r-interview'])
    bench.hear({ kind: 'receiver-status', receiver, status: online })
}
const act = (bench: Bench, event: WalkEvent) => bench.hear(event)
const start = (bench: Bench, pendant = 'p-07') => act(bench, { kind: 'walk-start', pendant, by })
const enter = (bench: Bench, room: string | null) =>
  act(bench, { kind: 'walk-enter', pendant: 'p-07', by, room })
const finish = (bench: Bench) => act(bench, { kind: 'walk-finish', pendant: 'p-07', by })

let counter = 100
/** Stays for so many seconds: one beacon a second, heard by both receivers. */
function stay(bench: Bench, seconds: number, levels: Record<string, number>): void {
  for (let second = 0; second < seconds; second++) {
    counter += 1
    for (const [receiver, rssiDbm] of Object.entries(levels)) bench.report({ counter }, { receiver, rssiDbm })
    if (second % 5 === 0) hearReceivers(bench)
    bench.wait(1_000)
  }
}
function walked(bench: Bench): void {
  start(bench)
  enter(bench, 'hall')
  stay(bench, 30, { 'r-hall': -50, 'r-interview': -75 })
  act(bench, { kind: 'walk-between', pendant: 'p-07', by })
  stay(bench, 5, { 'r-hall': -60, 'r-interview': -60 })
  enter(bench, 'interview')
  stay(bench, 30, { 'r-hall': -80, 'r-interview': -52 })
}
const view = (bench: Bench) => WalksView.parse(walksView(bench.state, bench.nowMs))
const rows = (bench: Bench) => bench.entries.map(({ change }) => change.is)

describe('a walk test', () => {
  test('is memory while it goes on and one row when it is finished, with who did it', () => {
    const bench = walking()
    walked(bench)
    expect(rows(bench).filter(is => is.startsWith('walk-'))).toEqual(['walk-began'])
    expect(view(bench).recordings[0]).toMatchObject({
      pendant: 'p-07',
      by,
      place: 'room',
      room: 'interview',
      stopped: null,
      wereDown: [],
    })
    expect(view(bench).recordings[0]?.hearing.map(({ receiver }) => receiver)).toEqual([
      'r-interview',
      'r-hall',
    ])
    const { changes, by: actor } = finish(bench)
    expect(changes.map(({ is }) => is)).toEqual(['walk-stored'])
    expect(actor).toBe(by)
    expect(view(bench)).toMatchObject({
      recordings: [],
      walks: [{ walk: 1, by, pendant: 'p-07', rooms: 2, stays: 2, readings: 130, withdrawn: null }],
    })
    const walk = Walk.parse(storedWalk(bench.state, 1))
    expect(walk.receivers).toEqual(['r-hall', 'r-interview'])
    expect(walk.stays).toEqual([
      { room: 'hall', fromMs: 0, toMs: 30_000 },
      { room: 'interview', fromMs: 35_000, toMs: 65_000 },
    ])
    expect(walk.readings[0]).toEqual([0, 'r-hall', -50])
    expect(walk.readings.at(-1)).toEqual([64_000, 'r-interview', -52])
  })

  test('outlives a restart once it is stored, whole', () => {
    const bench = walking()
    walked(bench)
    finish(bench)
    const again = bench.restart()
    expect(storedWalk(again.state, 1)).toEqual(storedWalk(bench.state, 1))
    expect(WalkReport.parse(storedReport(again.state, 1))).toEqual(storedReport(bench.state, 'standing'))
  })

  test('shows what each room’s receivers heard while it goes on, and the same when it is stored', () => {
    const bench = walking()
    walked(bench)
    bench.wait(3_000)
    const live = WalkReport.parse(recordingReport(bench.state, 'p-07', bench.nowMs))
    finish(bench)
    const stored = storedReport(bench.state, 1)
    expect(stored?.rooms.map(({ room, looks }) => [room, looks])).toEqual([
      ['hall', 30],
      ['interview', 30],
    ])
    expect(stored?.rooms[0]?.heard[0]).toMatchObject({
      receiver: 'r-hall',
      medianDbm: -50,
      share: 1,
      spreadDb: 0,
    })
    expect(live.rooms.map(({ heard }) => heard)).toEqual(stored?.rooms.map(({ heard }) => heard))
    expect(stored).toMatchObject({ compared: 1, apart: 1, pairs: [] })
  })

  test('lost in the middle by a restart is said loudly, and nothing else is lost', () => {
    const bench = walking()
    walked(bench)
    finish(bench)
    walked(bench)
    const again = bench.restart()
    again.hear({ kind: 'start' })
    expect(again.state.recordings.size).toBe(0)
    expect(view(again).walks).toHaveLength(1)
    expect(again.state.technical.get('walk-lost:p-07')?.text).toMatch(/Ann.*p-07.*lost/)
    const third = again.restart()
    third.hear({ kind: 'start' })
    expect(third.state.technical.has('walk-lost:p-07')).toBe(true)
    expect(rows(third).filter(is => is === 'walk-ended')).toHaveLength(1)
    hearReceivers(third)
    start(third)
    expect(third.state.technical.has('walk-lost:p-07')).toBe(false)
  })

  test('what was lost can be put aside without walking again', () => {
    const bench = walking()
    start(bench)
    const again = bench.restart()
    again.hear({ kind: 'start' })
    act(again, { kind: 'walk-discard', pendant: 'p-07', by })
    expect(again.state.technical.size).toBe(0)
  })

  test('thrown away leaves nothing but that it was', () => {
    const bench = walking()
    walked(bench)
    act(bench, { kind: 'walk-discard', pendant: 'p-07', by })
    expect(view(bench)).toMatchObject({ recordings: [], walks: [] })
    expect(rows(bench).slice(-1)).toEqual(['walk-ended'])
  })
})

describe('undoing', () => {
  test('takes back the newest that stands, and only that one, however often it is pressed', () => {
    const bench = walking()
    for (let walk = 1; walk <= 2; walk++) {
      walked(bench)
      finish(bench)
    }
    expect(standingWalks(bench.state.walks)).toHaveLength(2)
    const withdraw = () => act(bench, { kind: 'walk-withdraw', walk: 2, by: 'Ben' })
    expect(withdraw().changes).toEqual([{ is: 'walk-withdrawn', walk: 2 }])
    expect(withdraw().answer.refused).toMatchObject({
      expected: expect.stringContaining('which is 1'),
      came: '2',
    })
    expect(standingWalks(bench.state.walks)).toHaveLength(1)
    expect(view(bench).walks.map(({ walk, withdrawn }) => [walk, withdrawn?.by])).toEqual([
      [2, 'Ben'],
      [1, undefined],
    ])
    expect(storedWalk(bench.restart().state, 2)).toBeNull()
    walked(bench)
    finish(bench)
    expect(view(bench).walks[0]?.walk).toBe(3)
  })

  test('of a tap takes the wrong room out of the walk', () => {
    const bench = walking()
    start(bench)
    enter(bench, 'hall')
    stay(bench, 10, { 'r-hall': -50 })
    enter(bench, 'interview')
    stay(bench, 5, { 'r-hall': -51 })
    act(bench, { kind: 'walk-untap', pendant: 'p-07', by })
    bench.wait(3_000)
    expect(recordingReport(bench.state, 'p-07', bench.nowMs)?.rooms.map(({ room }) => room)).toEqual(['hall'])
    finish(bench)
    expect(storedWalk(bench.state, 1)?.stays).toEqual([{ room: 'hall', fromMs: 0, toMs: 10_000 }])
  })
})

describe('while a walk test is recorded', () => {
  test('an alarm of its pendant works as ever, and ends nothing', () => {
    const bench = walking()
    walked(bench)
    counter += 1
    const { pages } = bench.report({ counter, kind: KIND_CORD, alarmNumber: 9 }, { receiver: 'r-interview' })
    expect(pages).toHaveLength(1)
    expect(bench.incident()).toMatchObject({ pendant: 'p-07', state: 'raised' })
    expect(view(bench).recordings).toHaveLength(1)
    finish(bench)
    expect(storedWalk(bench.state, 1)?.stays).toHaveLength(2)
  })

  test('other pendants are neither recorded nor in the way', () => {
    const bench = walking()
    start(bench)
    enter(bench, 'hall')
    bench.report({ counter: 5, address: 'c7:f9:36:dd:b0:cb' })
    expect(view(bench).recordings[0]?.readings).toBe(0)
    expect(start(bench, 'p-08').answer.refused).toBeNull()
    expect(view(bench).recordings).toHaveLength(2)
  })

  test('a report whose age nobody can vouch for is no reading', () => {
    const bench = walking()
    start(bench)
    enter(bench, 'hall')
    counter += 1
    bench.report({ counter }, { wasRedelivered: true })
    expect(view(bench).recordings[0]?.readings).toBe(0)
  })

  test('a receiver that is down for a moment costs that moment, one that is down for long is left out', () => {
    const bench = walking()
    start(bench)
    enter(bench, 'hall')
    stay(bench, 60, { 'r-hall': -50, 'r-interview': -75 })
    const say = (receiver: string, isUp: boolean) =>
      bench.hear({ kind: 'receiver-status', receiver, status: isUp ? online : { v: 1, status: 'offline' } })
    say('r-interview', false)
    bench.wait(3_000)
    say('r-interview', true)
    stay(bench, 60, { 'r-hall': -50, 'r-interview': -75 })
    expect(view(bench).recordings[0]?.wereDown).toEqual(['r-interview'])
    finish(bench)
    const short = storedWalk(bench.state, 1)
    expect(short?.receivers).toEqual(['r-hall', 'r-interview'])
    expect(short?.stays).toEqual([
      { room: 'hall', fromMs: 0, toMs: 60_000 },
      { room: 'hall', fromMs: 63_000, toMs: 123_000 },
    ])
    start(bench)
    enter(bench, 'hall')
    say('r-interview', false)
    for (let second = 0; second < 30; second++) {
      counter += 1
      bench.report({ counter }, { receiver: 'r-hall' })
      say('r-hall', true)
      bench.wait(1_000)
    }
    finish(bench)
    const long = storedWalk(bench.state, 2)
    expect(long?.receivers).toEqual(['r-hall'])
    expect(long?.stays).toEqual([{ room: 'hall', fromMs: 0, toMs: 30_000 }])
  })

  test('a forgotten one stops by itself, says so, and is thrown away', () => {
    const bench = walking()
    start(bench)
    enter(bench, 'hall')
    stay(bench, 30, { 'r-hall': -50 })
    bench.wait(UNTAPPED_MS_MAX)
    const before = view(bench).recordings[0]?.readings
    counter += 1
    bench.report({ counter })
    expect(view(bench).recordings[0]).toMatchObject({
      readings: before,
      stopped: expect.stringMatching(/tapped/),
    })
    expect(enter(bench, 'interview').answer.refused?.came).toMatch(/stopped/)
    bench.wait(ABANDONED_MS)
    expect(view(bench).recordings).toEqual([])
    expect(bench.entries.at(-1)?.change).toMatchObject({ is: 'walk-ended', why: 'abandoned' })
  })

  test('it is bounded in time', () => {
    const bench = walking()
    start(bench)
    for (let ms = 0; ms < WALK_MS_MAX + 60_000; ms += 300_000) {
      enter(bench, ms % 600_000 === 0 ? 'hall' : 'interview')
      bench.wait(300_000)
    }
    expect(view(bench).recordings[0]?.stopped).toMatch(/2 hours/)
  })
})

describe('refused in words is', () => {
  const cases: [string, (bench: Bench) => WalkEvent, RegExp, boolean][] = [
    ['a pendant that is not there', () => ({ kind: 'walk-start', pendant: 'p-99', by }), /p-99/, true],
    [
      'a second walk with the same pendant',
      bench => {
        start(bench)
        return { kind: 'walk-start', pendant: 'p-07', by }
      },
      /is being recorded/,
      false,
    ],
    ['a tap without a walk', () => ({ kind: 'walk-enter', pendant: 'p-07', by, room: 'hall' }), /none/, true],
    [
      'a room that is not there',
      bench => {
        start(bench)
        return { kind: 'walk-enter', pendant: 'p-07', by, room: 'attic' }
      },
      /attic/,
      true,
    ],
    [
      'finishing before anything was tapped',
      bench => {
        start(bench)
        return { kind: 'walk-finish', pendant: 'p-07', by }
      },
      /tap rooms/,
      false,
    ],
    [
      'finishing when nobody has heard the pendant',
      bench => {
        start(bench)
        enter(bench, 'hall')
        bench.wait(30_000)
        return { kind: 'walk-finish', pendant: 'p-07', by }
      },
      /no receiver/,
      false,
    ],
    [
      'taking back a tap that never was',
      bench => {
        start(bench)
        return { kind: 'walk-untap', pendant: 'p-07', by }
      },
      /nothing was tapped/,
      false,
    ],
    ['withdrawing when nothing stands', () => ({ kind: 'walk-withdraw', walk: 1, by }), /none is left/, true],
  ]
  test.each(cases)('%s', (_what, eventOf, came, isUnknown) => {
    const bench = walking()
    const { answer, changes } = act(bench, eventOf(bench))
    expect(answer.refused).toMatchObject({ came: expect.stringMatching(came), isUnknown })
    expect(changes).toEqual([])
  })

  test('a walk when no receiver works', () => {
    expect(start(createBench()).answer.refused?.expected).toMatch(/receiver that works/)
  })

  test(`more than ${RECORDINGS_MAX} at once`, () => {
    const bench = walking()
    start(bench)
    const one = bench.state.recordings.get('p-07')
    if (one === undefined) throw new Error(`expected a recording, came none`)
    for (let i = 1; i < RECORDINGS_MAX; i++) bench.state.recordings.set(`other-${i}`, one)
    expect(start(bench, 'p-08').answer.refused?.expected).toMatch(/at most 4/)
  })
})
