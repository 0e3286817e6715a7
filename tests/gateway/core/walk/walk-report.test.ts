// What a walk test is said to show: rooms alike, coverage missing, where one more receiver helps. On small made-up
// buildings, and on the recorded flat against what a plain classifier really confuses there.
import { describe, expect, test } from 'vitest'
import { planOf } from '../../../../gateway/core/plan/plan.ts'
import { overlapOf, signatureOf } from '../../../../gateway/core/walk/overlap.ts'
import { type RoomTally, roomTally, tallyOf } from '../../../../gateway/core/walk/tally.ts'
import { reportWalk } from '../../../../gateway/core/walk/walk-report.ts'
import { WalkReport } from '../../../../schemas/api/walk.ts'
import { Site } from '../../../../schemas/site.ts'
import type { Walk, WalkReading } from '../../../../schemas/walk.ts'
import { createRandom, normal } from '../../../../simulator/air/random.ts'
import { readSite } from '../../../../simulator/gateway/site.ts'
import { RUNS, recordedWalk } from '../../../data/recorded.ts'
import { site } from '../building.ts'

/** Rooms in a row, each opening into the next; a receiver in each of `receivers`. */
function row(rooms: readonly string[], receivers: Readonly<Record<string, string>>) {
  return planOf(
    Site.parse({
      ...site(),
      buildings: [
        {
          id: 'b',
          name: 'House',
          floors: [
            {
              id: 'f',
              name: 'Ground',
              rooms: rooms.map((id, i) => ({
                id,
                number: id.toUpperCase(),
                adjacent: rooms[i + 1] === undefined ? [] : [rooms[i + 1]],
              })),
            },
          ],
        },
      ],
      receivers: Object.entries(receivers).map(([id, room]) => ({ id, room, password: 'password' })),
    }),
  )
}

type Levels = Readonly<Record<string, number | null>>
/** A minute in each room, a beacon a second; a level is a mean, null is silence. */
function walk(rooms: Readonly<Record<string, Levels>>, { seconds = 60, spreadDb = 3 } = {}): Walk {
  const random = createRandom(7)
  const names = Object.keys(rooms)
  const receivers = [...new Set(Object.values(rooms).flatMap(levels => Object.keys(levels)))]
  const readings = names.flatMap((room, i) =>
    Array.from({ length: seconds }, (_, second) =>
      Object.entries(rooms[room] as Levels).flatMap(([receiver, dbm]): WalkReading[] =>
        dbm === null ? [] : [[1_000 * (i * seconds + second), receiver, dbm + spreadDb * normal(random)]],
      ),
    ).flat(),
  )
  const stays = names.map((room, i) => ({
    room,
    fromMs: 1_000 * i * seconds,
    toMs: 1_000 * (i + 1) * seconds,
  }))
  return { pendant: 'p', receivers, readings, stays }
}
const report = (plan: ReturnType<typeof planOf>, ...walks: Walk[]) =>
  WalkReport.parse(reportWalk(plan, tallyOf(walks)))

describe('rooms', () => {
  const plan = row(['a', 'b', 'c'], { 'r-a': 'a', 'r-c': 'c' })
  const levels = {
    a: { 'r-a': -50, 'r-c': -80 },
    b: { 'r-a': -62, 'r-c': -66 },
    c: { 'r-a': -63, 'r-c': -65 },
  }

  test('that sound the same are said to look alike, in words, and the others not', () => {
    const { pairs, compared, apart } = report(plan, walk(levels))
    expect([compared, apart]).toEqual([3, 2])
    expect(pairs).toHaveLength(1)
    expect(pairs[0]).toMatchObject({ rooms: ['b', 'c'], areAdjacent: true })
    expect(pairs[0]?.text).toMatch(/^B and C look alike: up to (3|4)\d % of looks would name the other$/)
  })

  test('show what each receiver heard there: median, spread, share', () => {
    const [a] = report(plan, walk(levels)).rooms
    expect(a).toMatchObject({ room: 'a', seconds: 60, looks: 60 })
    expect(a?.heard.map(({ receiver }) => receiver)).toEqual(['r-a', 'r-c'])
    expect(a?.heard[0]?.share).toBe(1)
    expect(a?.heard[0]?.medianDbm).toBeCloseTo(-50, -0.5)
    // The middle half of a normal of 3 dB is 4 dB wide.
    expect(a?.heard[0]?.spreadDb).toBeGreaterThanOrEqual(3)
    expect(a?.heard[0]?.spreadDb).toBeLessThanOrEqual(6)
  })

  test('differ by a receiver that is silent in one of them, too', () => {
    const { apart } = report(plan, walk({ a: { 'r-a': -60, 'r-c': -85 }, b: { 'r-a': -60, 'r-c': null } }))
    expect(apart).toBe(1)
  })

  test('are told better the further apart their levels are', () => {
    const confused = [0, 4, 8, 16].map(db => {
      const tally = tallyOf([walk({ a: { 'r-a': -60 }, b: { 'r-a': -60 - db } })])
      return overlapOf(signatureOf(roomTally(tally, 'a')), signatureOf(roomTally(tally, 'b')))
    })
    expect([...confused].sort((a, b) => b - a)).toEqual(confused)
    expect(confused[0]).toBeGreaterThan(0.9)
    expect(confused[3]).toBeLessThan(0.2)
  })

  test('not walked are named', () => {
    expect(report(plan, walk({ a: levels.a })).unwalked).toEqual([
      { room: 'b', door: 'B' },
      { room: 'c', door: 'C' },
    ])
  })

  test('of several walks are taken together; a receiver that was down in one says nothing there', () => {
    const first = walk({ a: levels.a, b: { 'r-a': -62 } })
    const second = walk({ b: levels.b })
    const { rooms } = report(plan, { ...first, receivers: ['r-a'] }, second)
    const heard = rooms.map(({ room, heard: by }) => [
      room,
      by.map(({ receiver, share }) => [receiver, share]),
    ])
    expect(heard).toEqual([
      ['a', [['r-a', 1]]],
      [
        'b',
        [
          ['r-a', 1],
          ['r-c', 1],
        ],
      ],
    ])
  })
})

describe('coverage', () => {
  const plan = row(['a', 'b'], { 'r-a': 'a', 'r-b': 'b' })
  const cases: [string, Walk, RegExp][] = [
    ['heard by nobody', walk({ a: { 'r-a': null } }), /A: no receiver hears it at all$/],
    [
      'too weak',
      walk({ a: { 'r-a': -94, 'r-b': -97 } }),
      /A: weak: its loudest receiver, r-a, hears it at -9[345] dBm$/,
    ],
    [
      'heard by one alone',
      walk({ a: { 'r-a': -60, 'r-b': null } }),
      /A: only r-a hears it well: if that one fails, nobody does$/,
    ],
    [
      'walked too shortly',
      walk({ a: { 'r-a': -60, 'r-b': -70 } }, { seconds: 12 }),
      /A: walked for 12 s only/,
    ],
  ]
  test.each(cases)('%s is said', (_what, walked, said) => {
    expect(report(plan, walked).coverage.map(({ text }) => text)).toContainEqual(expect.stringMatching(said))
  })

  test('by two receivers is enough, and silent', () => {
    expect(report(plan, walk({ a: { 'r-a': -60, 'r-b': -75 } })).coverage).toEqual([])
  })
})

describe('one more receiver', () => {
  const rooms = ['a', 'b', 'c', 'd', 'e', 'f']
  test('is put where the rooms that look alike are, and it is said why', () => {
    const plan = row(rooms, { 'r-a': 'a', 'r-b': 'b' })
    const levels = Object.fromEntries(
      rooms.map((room, i) => [
        room,
        { 'r-a': Math.max(-84, -50 - 9 * i), 'r-b': Math.max(-84, -50 - 9 * Math.abs(i - 1)) },
      ]),
    )
    const { advice, pairs } = report(plan, walk(levels))
    expect(pairs[0]?.rooms.every(room => 'def'.includes(room))).toBe(true)
    expect(['d', 'e', 'f']).toContain(advice?.room)
    expect(advice?.confusedThen).toBeLessThan((advice?.confusedNow ?? 0) - 0.05)
    expect(advice?.text).toMatch(/^One more receiver would help most in [DEF]: .*instead of \d+ %/)
  })

  test('is put nowhere where every room is loud and clear already', () => {
    const plan = row(['a', 'b'], { 'r-a': 'a', 'r-b': 'b' })
    expect(
      report(plan, walk({ a: { 'r-a': -45, 'r-b': -75 }, b: { 'r-a': -75, 'r-b': -45 } })).advice,
    ).toBeNull()
  })
})

describe('on the recorded flat', async () => {
  const plan = planOf(await readSite('simulator/building/northgate.yaml'))
  const tally = tallyOf(RUNS.map(recordedWalk))
  const names = ['bedroom', 'entry', 'hall', 'bathroom', 'living', 'annex']

  /** The share of looks in either of two rooms that the likelier of the two histograms names wrongly. */
  function reallyConfused(a: string, b: string): number {
    const run = tallyOf([recordedWalk('test_robot')])
    const others = tallyOf(RUNS.filter(each => each !== 'test_robot').map(recordedWalk))
    const chances = (room: RoomTally, receiver: string): number[] => {
      const levels = [...(room.heard.get(receiver)?.levels ?? [])].map(count => count + 0.05)
      const smooth = levels.map((_, at) =>
        levels.slice(Math.max(0, at - 3), at + 4).reduce((sum, each) => sum + each, 0),
      )
      const sum = smooth.reduce((total, each) => total + each, 0)
      return smooth.map(each => each / sum)
    }
    const [of, other] = [a, b].map(name => roomTally(others, name))
    if (of === undefined || other === undefined) throw new Error('expected both rooms')
    // Receivers as independent looks: the sum of log odds is about normal, so its mean and variance say enough.
    const wrong = [a, b].map((name, side) => {
      let [mean, variance] = [0, 0]
      for (const [receiver, heard] of roomTally(run, name).heard) {
        const [p, q] = [chances(of, receiver), chances(other, receiver)]
        const odds = p.map((chance, level) => Math.log(chance / (q[level] as number)) * (side === 0 ? 1 : -1))
        const average =
          odds.reduce((sum, each, level) => sum + each * (heard.levels[level] ?? 0), 0) / heard.looks
        mean += average
        variance +=
          odds.reduce((sum, each, level) => sum + (each - average) ** 2 * (heard.levels[level] ?? 0), 0) /
          heard.looks
      }
      return 1 / (1 + Math.exp((1.7 * mean) / Math.sqrt(variance)))
    })
    return ((wrong[0] as number) + (wrong[1] as number)) / 2
  }

  test('the worst pairs are the open ones side by side, and they are the worst of a real classifier too', () => {
    const { pairs, compared } = reportWalk(plan, tally)
    expect(compared).toBe(15)
    const worst = pairs.slice(0, 3).map(({ rooms }) => [...rooms].sort().join(' '))
    expect([...worst].sort()).toEqual(['bathroom hall', 'bedroom entry', 'entry hall'])
    const all = names.flatMap((a, i) =>
      names.slice(i + 1).map(b => ({ pair: [a, b].sort().join(' '), share: reallyConfused(a, b) })),
    )
    const really = all
      .sort((x, y) => y.share - x.share)
      .slice(0, 5)
      .map(({ pair }) => pair)
    expect(really.filter(pair => worst.includes(pair)).length).toBeGreaterThanOrEqual(2)
  })

  test('every room is covered, and the one room without a receiver is where one more would help', () => {
    const { coverage, advice } = reportWalk(plan, tally)
    expect(coverage).toEqual([])
    expect(advice?.room).toBe('entry')
  })
})
