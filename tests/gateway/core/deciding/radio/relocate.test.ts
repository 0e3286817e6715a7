// Whom people are sent after: it follows a wearer who walks, does not flap at a border, and what changed is said first.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { SURE_AGAIN, UNTOLD_MS } from '../../../../../gateway/core/deciding/radio/relocate.ts'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { incidentView } from '../../../../../gateway/core/view/desk-view.ts'
import { KIND_CORD, KIND_IDLE } from '../../../../../schemas/frame.ts'
import { Site } from '../../../../../schemas/site.ts'
import { recordedWalk } from '../../../../data/recorded.ts'
import { site } from '../../building.ts'
import { type Bench, createBench } from '../../engine.ts'

const cord = (counter: number) => ({ counter, kind: KIND_CORD, alarmNumber: 1 })

type Moved = { atMs: number; room: string | null; confidence: number }
/** Every change of the room that people were sent to. */
function movesOf(bench: Bench): Moved[] {
  let last: string | null | undefined
  return bench.entries.flatMap(({ atMs, change }): Moved[] => {
    if (change.is !== 'raised' && change.is !== 'located') return []
    const { room, confidence } = change.whereabouts
    if (room === last) return []
    last = room
    return [{ atMs, room, confidence }]
  })
}

function expectNoFlapping(moves: readonly Moved[]): void {
  moves.forEach(({ atMs, room, confidence }, i) => {
    const wasLeft = moves.slice(0, i).findLast((each, j) => each.room === room && j < i - 1)
    const leftAtMs = wasLeft === undefined ? undefined : moves[moves.indexOf(wasLeft) + 1]?.atMs
    if (leftAtMs === undefined || atMs - leftAtMs >= UNTOLD_MS) return
    expect(confidence, `${room} was named again after ${atMs - leftAtMs} ms`).toBeGreaterThanOrEqual(
      SURE_AGAIN,
    )
  })
}

describe('at the border of two rooms', () => {
  it('a belief that sways names no room twice in ten seconds, and both are named all the while', () => {
    const bench = createBench()
    let counter = 10
    const heard = (hall: number, interview: number) => {
      bench.report(cord(counter), { receiver: 'r-hall', rssiDbm: hall })
      bench.report(cord(counter), { receiver: 'r-interview', rssiDbm: interview })
      counter += 1
      bench.wait(500)
    }
    for (let i = 0; i < 240; i++) heard(i % 8 < 4 ? -60 : -64, i % 8 < 4 ? -64 : -60)
    const moves = movesOf(bench)
    expectNoFlapping(moves)
    expect(moves.length, 'of thirty swings').toBeLessThanOrEqual(1 + 120_000 / UNTOLD_MS)
  })
})

describe('a wearer who walks on when somebody has it', () => {
  const walkTo = (bench: Bench, receiver: string, from: number): void => {
    for (let counter = from; counter < from + 40; counter += 1) {
      bench.wait(1_000)
      for (const each of ['r-hall', 'r-interview'])
        bench.report(cord(counter), { receiver: each, rssiDbm: each === receiver ? -40 : -80 })
    }
  }
  const shown = (bench: Bench) => incidentView(bench.state.plan, bench.incident(), bench.nowMs)

  it('has moved from where they were when somebody took it, until they are back or people are called again', () => {
    const bench = createBench()
    bench.report(cord(10), { rssiDbm: -40 })
    walkTo(bench, 'r-interview', 11)
    bench.hear({ kind: 'attend', incident: 'i-0001', by: 'Sam' })
    expect(shown(bench).movedFrom).toBeUndefined()
    walkTo(bench, 'r-hall', 60)
    expect([shown(bench).roomNumber, shown(bench).movedFrom]).toEqual(['1', '214 Interview room'])
    expect(shown(bench.restart()).movedFrom, 'and so out of the journal').toBe('214 Interview room')
    walkTo(bench, 'r-interview', 110)
    expect([shown(bench).roomNumber, shown(bench).movedFrom]).toEqual(['214', undefined])
    walkTo(bench, 'r-hall', 160)
    bench.hear({ kind: 'release', incident: 'i-0001', by: 'Sam' })
    expect(shown(bench).movedFrom).toBeUndefined()
  })
})

const FLAT = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../../../../data/flat_kolakowski/layout.json', import.meta.url)),
    'utf8',
  ),
)
const flat = planOf(
  Site.parse({
    ...site(),
    buildings: [
      {
        id: 'main',
        name: 'Northgate House',
        floors: [
          {
            id: 'ground',
            name: 'Ground floor',
            rooms: FLAT.rooms.map((id: string, i: number) => ({
              id,
              number: `${211 + i}`,
              adjacent: FLAT.adjacency.flatMap(([a, b]: [string, string]) => (a === id ? [b] : [])),
            })),
          },
        ],
      },
    ],
    receivers: Object.entries(FLAT.receivers).map(([id, room]) => ({
      id,
      room,
      password: `password-${id}`,
      at: FLAT.receiver_xyz[id],
    })),
  }),
)

it('a wearer who walks through the recorded flat is followed from room to room, and does not flap', () => {
  const bench = createBench({ plan: flat })
  const { readings, stays } = recordedWalk('test_robot')
  const beganMs = bench.nowMs
  let [counter, sealedMs] = [10, Number.NEGATIVE_INFINITY]
  const named: { atMs: number; room: string | null }[] = []
  for (const [tMs, receiver, rssiDbm] of readings) {
    if (tMs - sealedMs > 900) [counter, sealedMs] = [counter + 1, tMs]
    else if (tMs - sealedMs > 90) continue
    bench.nowMs = beganMs + tMs
    bench.report(cord(counter), { receiver, rssiDbm })
    named.push({ atMs: tMs, room: bench.incident().whereabouts.room })
  }
  const moves = movesOf(bench)
  expectNoFlapping(moves)
  const long = stays.filter(({ fromMs, toMs }) => toMs - fromMs >= 20_000)
  const found = long.filter(({ room, fromMs, toMs }) =>
    named.some(each => each.atMs >= fromMs && each.atMs < toMs && each.room === room),
  )
  expect(found.length / long.length, 'of the stays of twenty seconds and more').toBeGreaterThanOrEqual(0.8)
  expect(moves.length).toBeLessThanOrEqual(2 * stays.length)
})

it('who moves before anybody has acknowledged is said first in the next call, and new to the one that is on', () => {
  const bench = createBench()
  let counter = 10
  const heard = (interview: number, hall: number, of = cord(counter)) => {
    bench.report(of, { receiver: 'r-interview', rssiDbm: interview })
    bench.report(of, { receiver: 'r-hall', rssiDbm: hall })
    counter += 1
    bench.nowMs += 500
  }
  for (let i = 0; i < 8; i++) heard(-45, -85, { ...cord(counter), kind: KIND_IDLE, alarmNumber: 0 })
  heard(-45, -85)
  expect(bench.incident().pages[0]?.says).toMatchObject({ where: 'heard', rooms: ['interview'] })
  bench.page('i-0001-p1', { step: 'reached' })
  for (let i = 0; i < 24; i++) heard(-88, -45)
  const news = bench.entries.flatMap(({ change }) => (change.is === 'page-news' ? [change] : []))
  expect(news, 'told once in the call that is on').toHaveLength(1)
  expect(news[0]?.words.join(' ')).toMatch(/Now: Northgate House, room 1[.,]/)
  bench.page('i-0001-p1', { step: 'ended', outcome: 'hung-up', detail: '' })
  bench.wait(3_000)
  expect(bench.incident().pages.at(-1)?.said).toMatch(
    /^Now: Northgate House, room 1[.,].*Personal alarm\. Jane Smith\./,
  )
})
