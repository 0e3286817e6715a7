// Live data against the walk test: what fits is silent, what was moved or rebuilt is said, and nobody is tracked.
import { describe, expect, test } from 'vitest'
import { planOf } from '../../../../gateway/core/plan/plan.ts'
import {
  addResiduals,
  driftChanges,
  knownOf,
  newDrift,
  residualsOf,
} from '../../../../gateway/core/walk/drift.ts'
import { tallyOf } from '../../../../gateway/core/walk/tally.ts'
import { Site } from '../../../../schemas/site.ts'
import type { WalkReading } from '../../../../schemas/walk.ts'
import { createRandom, normal } from '../../../../simulator/air/random.ts'
import { site } from '../building.ts'

const ROOMS = ['north', 'east', 'south', 'west', 'middle']
const RECEIVERS = ['r-1', 'r-2', 'r-3', 'r-4', 'r-5', 'r-6']
/** Five rooms, six receivers: each room is loud to some and faint to others. */
const LEVELS: Record<string, number[]> = {
  north: [-50, -60, -70, -80, -75, -68],
  east: [-65, -50, -60, -72, -82, -70],
  south: [-78, -64, -50, -60, -70, -80],
  west: [-70, -79, -62, -50, -61, -66],
  middle: [-60, -62, -61, -63, -60, -52],
}

const plan = planOf(
  Site.parse({
    ...site(),
    buildings: [
      {
        id: 'main',
        name: 'House',
        floors: [{ id: 'f', name: 'Ground', rooms: ROOMS.map((id, i) => ({ id, number: `10${i}` })) }],
      },
    ],
    receivers: RECEIVERS.map((id, i) => ({ id, room: ROOMS[i % ROOMS.length], password: 'password' })),
  }),
)

const random = createRandom(5)
const readings = ROOMS.flatMap((room, i) =>
  Array.from({ length: 60 }, (_, second) =>
    RECEIVERS.map(
      (receiver, r): WalkReading => [
        60_000 * i + 1_000 * second,
        receiver,
        ((LEVELS[room] as number[])[r] as number) + 4 * normal(random),
      ],
    ),
  ).flat(),
)
const stays = ROOMS.map((room, i) => ({ room, fromMs: 60_000 * i, toMs: 60_000 * (i + 1) }))
const rooms = knownOf(tallyOf([{ pendant: 'p', receivers: RECEIVERS, readings, stays }]))

type Change = (receiver: string, room: string, dbm: number) => number | null
/** Looks at people who sit in each room for an hour, all seats and all ways round. */
function live(change: Change, looks = 360): string[] {
  const drift = newDrift()
  for (let look = 0; look < looks; look++) {
    for (const room of ROOMS) {
      const bodyDb = 6 * normal(random)
      const heard = new Map<string, number>()
      RECEIVERS.forEach((receiver, r) => {
        const dbm = ((LEVELS[room] as number[])[r] as number) + bodyDb + 3 * normal(random)
        const level = change(receiver, room, dbm + 4 * normal(random))
        if (level !== null) heard.set(receiver, level)
      })
      addResiduals(drift, residualsOf(rooms, heard, new Set()))
    }
  }
  return driftChanges(plan, drift, new Map()).map(alarm =>
    'key' in alarm ? `${alarm.key}: ${alarm.text}` : '',
  )
}

describe('live data', () => {
  test('that fit the walk test say nothing, though every body shades otherwise', () => {
    expect(live((_receiver, _room, dbm) => dbm)).toEqual([])
  })

  test('of pendants that are all 10 dB weaker say nothing: weak or lain upon is not moved', () => {
    expect(live((_receiver, _room, dbm) => dbm - 10)).toEqual([])
  })

  test('of a receiver that was moved across the building name it, and only it', () => {
    const said = live((receiver, room, dbm) =>
      receiver === 'r-1'
        ? dbm - ((LEVELS[room] as number[])[0] as number) + ((LEVELS[room] as number[])[3] as number)
        : dbm,
    )
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^receiver-moved:r-1: Receiver r-1 does not hear .*10\d [−+]\d+ dB.*walks again$/)
  })

  test('of a receiver that has gone deaf name it too', () => {
    expect(live((receiver, _room, dbm) => (receiver === 'r-6' ? null : dbm))[0]).toMatch(
      /^receiver-moved:r-6/,
    )
  })

  test('of a room that was rebuilt name the room', () => {
    const said = live((receiver, room, dbm) =>
      room !== 'south' ? dbm : receiver === 'r-4' ? dbm - 22 : receiver === 'r-2' ? dbm + 22 : dbm,
    )
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^walk-drift:south: 102 does not sound as in the walk test/)
  })

  test('of a minute say nothing yet', () => {
    expect(live((receiver, _room, dbm) => (receiver === 'r-6' ? null : dbm), 4)).toEqual([])
  })

  test('an alarm that stands is not raised again', () => {
    const drift = newDrift()
    for (let look = 0; look < 100; look++)
      addResiduals(
        drift,
        ROOMS.map(room => ({ room, receiver: 'r-1', offDb: -20, squared: 9 })),
      )
    expect(driftChanges(plan, drift, new Map())).toHaveLength(1)
    expect(driftChanges(plan, drift, new Map([['receiver-moved:r-1', {}]]))).toEqual([])
  })

  test('heard by two receivers only are not judged', () => {
    expect(
      residualsOf(
        rooms,
        new Map([
          ['r-1', -50],
          ['r-2', -60],
        ]),
        new Set(),
      ),
    ).toEqual([])
  })

  test('of a receiver that is known to be down say nothing of it', () => {
    const heard = new Map(
      RECEIVERS.slice(1).map((id, i) => [id, (LEVELS.north as number[])[i + 1] as number]),
    )
    const judged = (down: string[]) =>
      residualsOf(rooms, heard, new Set(down)).map(({ receiver }) => receiver)
    expect(judged([])).toContain('r-1')
    expect(judged(['r-1'])).not.toContain('r-1')
  })
})
