// What ESPresense nodes tell: a room is refined and followed by it, nothing is raised by it, and what a forger can do with
// it is bounded. What they say is unsealed: anybody can send a pendant's iBeacon.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HINTS_WORTH } from '../../../../../gateway/core/hearing/locate.ts'
import { NO_DEAFNESS } from '../../../../../gateway/core/hearing/receivers/deaf.ts'
import type { Belief } from '../../../../../gateway/core/locating/belief/belief.ts'
import { chancesAt } from '../../../../../gateway/core/locating/belief/whereabouts.ts'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import type { HintHeard } from '../../../../../gateway/ports.ts'
import { KIND_CORD } from '../../../../../schemas/frame.ts'
import { Site } from '../../../../../schemas/site.ts'
import { site } from '../../building.ts'
import { createBench, T0 } from '../../engine.ts'

const DEVICE = 'iBeacon:e5ca1ade-f007-ba11-0000-000000000000-100-7'
const ROOMS = ['north', 'east', 'south', 'west', 'hall']

/** Four rooms about a hall: our receivers hang in the hall and in the north, nodes in all but the hall. */
const nodes = () => {
  const plain = site()
  const password = 'password-of-all'
  return planOf(
    Site.parse({
      ...plain,
      buildings: [
        {
          id: 'main',
          name: 'Northgate House',
          floors: [
            {
              id: 'ground',
              name: 'Ground floor',
              rooms: ROOMS.map((id, i) => ({
                id,
                number: `${i + 1}`,
                adjacent: id === 'hall' ? ROOMS.slice(0, 4) : [],
              })),
            },
          ],
        },
      ],
      receivers: [
        { id: 'r-hall', room: 'hall', password, at: [6, 6, 2.5] },
        { id: 'r-north', room: 'north', password, at: [6, 11, 2.5] },
        { id: 'n-north', room: 'north', password, at: [7, 11, 2.5], espresense: {} },
        { id: 'n-east', room: 'east', password, at: [11, 6, 2.5], espresense: {} },
        {
          id: 'n-south',
          room: 'south',
          password,
          at: [6, 1, 2.5],
          espresense: { rssiAt1m: -65, absorption: 2.5 },
        },
        { id: 'n-west', room: 'west', password, at: [1, 6, 2.5], espresense: {} },
      ],
      pendants: plain.pendants.map(pendant =>
        pendant.id === 'p-07' ? { ...pendant, espresense: DEVICE } : pendant,
      ),
    }),
  )
}
const bench = () => {
  const of = createBench({ plan: nodes() })
  return {
    ...of,
    get nowMs() {
      return of.nowMs
    },
    set nowMs(atMs: number) {
      of.nowMs = atMs
    },
    hint: (receiver: string, heard: HintHeard | number, device = DEVICE) =>
      of.hear({
        kind: 'hint',
        receiver,
        device,
        heard: typeof heard === 'number' ? { rssiDbm: heard } : heard,
      }),
  }
}
type NodesBench = ReturnType<typeof bench>

/** So many seconds of an idle pendant: frames in our receivers and hints in the nodes, each second. */
function seconds(
  of: NodesBench,
  count: number,
  heard: Record<string, number>,
  counter = { now: 1 },
  kind = 0,
): void {
  for (let s = 0; s < count; s++) {
    of.nowMs += 1_000
    counter.now += 1
    for (const [receiver, rssiDbm] of Object.entries(heard)) {
      if (receiver.startsWith('n-')) of.hint(receiver, rssiDbm)
      else of.report({ counter: counter.now, kind, alarmNumber: kind === 0 ? 0 : 1 }, { receiver, rssiDbm })
    }
  }
}
const inWest = { 'r-hall': -75, 'n-west': -55, 'n-south': -80, 'n-north': -82 }

describe('a hint', () => {
  it('finds the room that our receivers alone cannot tell', () => {
    const without = bench()
    const counter = { now: 1 }
    seconds(without, 20, { 'r-hall': -75 }, counter)
    without.report({ counter: 40, kind: KIND_CORD, alarmNumber: 1 }, { receiver: 'r-hall', rssiDbm: -75 })
    expect(without.incident().whereabouts.confidence).toBeLessThan(0.7)

    const of = bench()
    seconds(of, 20, inWest)
    of.report({ counter: 40, kind: KIND_CORD, alarmNumber: 1 }, { receiver: 'r-hall', rssiDbm: -75 })
    const { whereabouts } = of.incident()
    expect(whereabouts.room).toBe('west')
    expect(whereabouts.because).toContainEqual({ receiver: 'n-west', rssiDbm: -55, isHint: true })
    expect(whereabouts.because.find(({ receiver }) => receiver === 'r-hall')).not.toHaveProperty('isHint')
  })

  it('that tells a distance only is turned round by the node’s own figures', () => {
    const of = bench()
    const at = (distanceM: number, atOneMetreDbm: number | null) => {
      of.nowMs += 1_000
      const [seen] = of
        .hint('n-south', { distanceM, atOneMetreDbm })
        .observations.filter(each => each.is === 'hint')
      return seen?.is === 'hint' ? seen.rssiDbm : null
    }
    expect(at(1, null)).toBe(-65)
    expect(at(10, null)).toBe(-90)
    expect(at(1, -59)).toBe(-59)
    // Nearer than any node measures: no level is infinite.
    expect(at(0, -59)).toBe(-34)
  })

  it('follows an open incident, and the line says which node spoke', () => {
    const of = bench()
    const counter = { now: 1 }
    seconds(of, 20, inWest, counter)
    seconds(of, 2, inWest, counter, KIND_CORD)
    expect(of.incident().whereabouts.room).toBe('west')
    for (let s = 0; s < 20; s++) {
      of.nowMs += 1_000
      counter.now += 1
      of.report(
        { counter: counter.now, kind: KIND_CORD, alarmNumber: 1 },
        { receiver: 'r-hall', rssiDbm: -75 },
      )
      of.nowMs += 1_000
      of.hint('n-south', -55)
      of.hint('n-west', -82)
    }
    expect(of.incident().whereabouts.room).toBe('south')
    expect(
      of
        .incident()
        .lines.map(({ by }) => by)
        .join(),
    ).toMatch(/receiver (n-south|n-west|r-hall)/)
  })

  it('raises nothing, pages nobody, tells the wearer nothing and writes nothing, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom('n-north', 'n-west', 'r-hall', 'gone'),
            fc.integer({ min: -128, max: 20 }),
          ),
        ),
        fc.constantFrom(DEVICE, 'iBeacon:others', '__proto__'),
        (hints, device) => {
          const of = bench()
          // Nodes are known to be there: what changes is not that.
          for (const receiver of ['n-north', 'n-west']) of.hint(receiver, -100)
          for (const [receiver, rssiDbm] of hints) {
            of.nowMs += 600
            const { changes, pages, told, counters, heard } = of.hint(receiver, rssiDbm, device)
            expect([changes, pages, told, counters, heard]).toEqual([[], [], [], [], []])
          }
          expect(of.incidents()).toEqual([])
        },
      ),
    )
  })

  it('of something that is no pendant of this site is counted and forgotten', () => {
    const of = bench()
    expect(of.hint('n-west', -50, 'apple:1005:9-26').counted).toEqual(['unknown-pendant'])
    expect(of.state.tracks.size).toBe(0)
  })

  it('by a receiver that is no node is refused', () => {
    expect(bench().hint('r-hall', -50).counted).toEqual(['wrong-topic'])
  })

  it('is taken twice a second from each node at most, so that none outtalks the others', () => {
    const of = bench()
    const taken = Array.from({ length: 100 }, () => {
      of.nowMs += 50
      return of.hint('n-west', -50).observations.filter(({ is }) => is === 'hint').length
    })
    expect(taken.reduce((a, b) => a + b, 0)).toBe(10)
  })

  it('is a sign of life: a node that was given up is taken for working again', () => {
    const of = bench()
    of.wait(31_000)
    expect(of.state.technical.has('receiver:n-west')).toBe(true)
    of.hint('n-west', -50)
    expect(of.state.technical.has('receiver:n-west')).toBe(false)
    of.hear({ kind: 'receiver-status', receiver: 'n-west', status: { v: 1, status: 'offline' } })
    expect(of.state.technical.get('receiver:n-west')?.text).toBe(
      'Receiver n-west (4) is offline: what it hears does not arrive. Look at its power and its network',
    )
    expect(of.state.deafness.toHints.ids.has('n-west')).toBe(true)
  })
})

describe('a forger who sends a pendant’s iBeacon, or has a node’s password', () => {
  const pressed = (heard: Record<string, number>, forged: Record<string, number>) => {
    const of = bench()
    seconds(of, 20, { ...heard, ...forged })
    of.report(
      { counter: 40, kind: KIND_CORD, alarmNumber: 1 },
      { receiver: 'r-north', rssiDbm: heard['r-north'] ?? -50 },
    )
    return of.incident().whereabouts
  }
  const inNorth = { 'r-north': -45, 'r-hall': -70 }

  it('cannot have another room named than the one that sealed frames are sure of: at most it shows as a doubt', () => {
    const honest = pressed(inNorth, {})
    expect(honest.room).toBe('north')
    expect(honest.confidence).toBeGreaterThan(0.85)
    const forged = pressed(inNorth, { 'n-west': -30, 'n-north': -95 })
    expect(forged.room).toBe('north')
    expect(forged.confidence).toBeLessThanOrEqual(honest.confidence)
    expect(forged.confidence).toBeGreaterThan((1 - HINTS_WORTH) * honest.confidence - 0.02)
    expect(forged.because[0]).toEqual({ receiver: 'n-west', rssiDbm: -30, isHint: true })
  })

  it('moves no chance by more than the share that hints may make up, whatever they say', () => {
    const levels = fc.record({
      'n-north': fc.integer({ min: -110, max: -20 }),
      'n-east': fc.integer({ min: -110, max: -20 }),
      'n-south': fc.integer({ min: -110, max: -20 }),
      'n-west': fc.integer({ min: -110, max: -20 }),
    })
    const ours = fc.record({
      'r-north': fc.integer({ min: -95, max: -35 }),
      'r-hall': fc.integer({ min: -95, max: -35 }),
    })
    fc.assert(
      fc.property(ours, levels, (heard, forged) => {
        const honest = pressed(heard, {})
        const told = pressed(heard, forged)
        const least = (1 - HINTS_WORTH) * honest.confidence - 0.02
        if (told.room === honest.room) expect(told.confidence).toBeGreaterThanOrEqual(least)
        else expect(honest.confidence).toBeLessThanOrEqual(0.9)
      }),
      { numRuns: 60 },
    )
  })

  it('finds nobody of whom no sealed frame was heard', () => {
    const of = bench()
    for (let i = 0; i < 50; i++) {
      of.nowMs += 1_000
      of.hint('n-west', -40)
    }
    expect(of.state.tracks.get('p-07')?.belief).toBeNull()
    expect(of.incidents()).toEqual([])
  })
})

it('nodes are no receivers of frames: that they hear none does not tell against the rooms they hang in', () => {
  const of = bench()
  // Heard faintly in the hall alone, as it would be in any of the rooms about it.
  seconds(of, 30, { 'r-hall': -78 })
  const { deafness, model, tracks } = of.state
  const frames = tracks.get('p-07')?.belief
  if (frames === null || frames === undefined) throw new Error('expected a pendant that was heard')
  /** The chance of the rooms in which only nodes hang. */
  const elsewhere = (belief: Belief, deaf?: ReadonlySet<string>): number => {
    const chances = chancesAt(belief, of.nowMs, deaf)
    return ['east', 'south', 'west'].reduce(
      (sum, id) => sum + (chances[model.rooms.indexOf(id)] as number),
      0,
    )
  }
  expect([...deafness.toFrames.ids].sort()).toEqual(['n-east', 'n-north', 'n-south', 'n-west'])
  const leftOut = elsewhere(frames, deafness.toFrames.ids)
  expect(leftOut).toBeGreaterThan(0.7)
  const counted = createBench({ plan: nodes() })
  counted.state.deafness = { ...deafness, toFrames: NO_DEAFNESS.toFrames }
  for (let s = 0; s < 30; s++) {
    counted.nowMs += 1_000
    counted.report({ counter: s + 2 }, { receiver: 'r-hall', rssiDbm: -78 })
  }
  const kept = counted.state.tracks.get('p-07')?.belief
  if (kept === null || kept === undefined) throw new Error('expected a pendant that was heard')
  expect(elsewhere(kept)).toBeLessThan(leftOut - 0.3)
})

it('hints are memory only: after a restart nothing of them is left', () => {
  const of = bench()
  seconds(of, 10, inWest)
  const after = of.restart()
  expect(after.state.tracks.get('p-07')?.hints ?? null).toBeNull()
  expect(JSON.stringify(of.entries)).not.toContain('west')
  expect(of.nowMs).toBeGreaterThan(T0)
})
