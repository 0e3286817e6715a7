// The room at the press: known from the idle beacons before it, followed after it, and nothing of it changed by asking.
import { describe, expect, it } from 'vitest'
import { locate } from '../../../../gateway/core/hearing/locate.ts'
import { NO_DEAFNESS } from '../../../../gateway/core/hearing/receivers/deaf.ts'
import { remember } from '../../../../gateway/core/hearing/remember.ts'
import type { Sighting } from '../../../../gateway/core/hearing/sighting.ts'
import { newTrack, type Track } from '../../../../gateway/core/hearing/track.ts'
import { CELLS_MAX, hear, newBelief } from '../../../../gateway/core/locating/belief/belief.ts'
import { chancesAt } from '../../../../gateway/core/locating/belief/whereabouts.ts'
import { SLOTS } from '../../../../gateway/core/locating/building/model.ts'
import { modelFor } from '../../../../gateway/core/locating/learning/calibrate.ts'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { plan } from '../building.ts'
import { createBench, T0 } from '../engine.ts'

const model = modelFor(plan())
const up = { model, deafness: NO_DEAFNESS }
const sighting = (receiver: string, rssiDbm: number, heardAtMs = T0): Sighting => ({
  pendant: 'p-07',
  receiver,
  heardAtMs,
  rssiDbm,
  counter: 1,
  alarm: { version: 1, kind: 0, alarmNumber: 0, flags: 0 },
  batteryPercent: 90,
  isVerified: true,
  isLate: false,
  packetId: 1,
})
/** A track that heard these for some seconds, once a second. */
function tracked(seconds: number, levels: Record<string, number>): Track {
  const track = newTrack()
  for (let s = seconds; s > 0; s--) {
    for (const [receiver, rssiDbm] of Object.entries(levels)) {
      remember(track, sighting(receiver, rssiDbm, T0 - 1_000 * s), 'ff', up)
    }
  }
  return track
}

describe('locate', () => {
  it('names the room, the runner-up, why and when', () => {
    const track = tracked(10, { 'r-hall': -50, 'r-interview': -72 })
    expect(locate(track, sighting('r-hall', -50, T0 - 100), up, T0)).toMatchObject({
      room: 'hall',
      runnerUp: 'interview',
      heardAtMs: T0 - 100,
      because: [{ receiver: 'r-hall', rssiDbm: -50 }, { receiver: 'r-interview' }],
    })
  })

  it('is surer the further apart the levels are, and never certain', () => {
    const confidence = (hall: number, interview: number) =>
      locate(tracked(10, { 'r-hall': hall, 'r-interview': interview }), sighting('r-hall', hall), up, T0)
        .confidence
    expect(confidence(-60, -63)).toBeLessThan(confidence(-55, -72))
    expect(confidence(-45, -95)).toBeLessThan(1)
    expect(locate(newTrack(), sighting('r-hall', -80), up, T0).confidence).toBeLessThan(0.9)
  })

  it('names the receiver’s own room when a single packet was heard by one receiver, weak as it may be', () => {
    for (const rssiDbm of [-45, -65, -80]) {
      expect(locate(newTrack(), sighting('r-interview', rssiDbm), up, T0).room).toBe('interview')
    }
  })

  it('keeps the room it had through a flicker', () => {
    const track = tracked(10, { 'r-hall': -55, 'r-interview': -68 })
    expect(locate(track, sighting('r-interview', -52), up, T0).room).toBe('hall')
  })

  it('knows the room of a pendant that every receiver hears 15 dB weaker: one that lies on the floor', () => {
    const track = tracked(20, { 'r-hall': -65, 'r-interview': -85 })
    expect(locate(track, sighting('r-hall', -65), up, T0).room).toBe('hall')
  })

  it('does not take a receiver that is down for a far one', () => {
    const belief = newBelief(model)
    hear(belief, 'r-interview', -80, T0)
    const hall = (down: string[]) =>
      chancesAt(belief, T0, new Set(down))[model.rooms.indexOf('hall')] as number
    expect(hall(['r-hall'])).toBeGreaterThan(hall([]) + 0.05)
  })

  it('takes a booked room for likelier, and loud levels for likelier still', () => {
    const prior = new Map([['interview', 20]])
    const between = tracked(4, { 'r-hall': -62, 'r-interview': -63 })
    expect(locate(between, sighting('r-hall', -62), { ...up, prior }, T0).room).toBe('interview')
    const near = tracked(10, { 'r-hall': -42, 'r-interview': -85 })
    expect(locate(near, sighting('r-hall', -42), { ...up, prior }, T0).room).toBe('hall')
  })

  it('knows nothing from a receiver that is not on the plan', () => {
    expect(locate(newTrack(), sighting('gone', -20), up, T0)).toMatchObject({ room: null, confidence: 0 })
  })

  it('changes nothing by being asked', () => {
    const track = tracked(5, { 'r-hall': -50 })
    const before = structuredClone({ ...track.belief, model: null })
    locate(track, sighting('r-interview', -40), up, T0)
    expect({ ...track.belief, model: null }).toEqual(before)
  })
})

it('the memory of one pendant is bounded however long it is heard', () => {
  const track = newTrack()
  for (let i = 0; i < 100_000; i++) {
    remember(track, { ...sighting('r-hall', -60, T0 + i), counter: i }, 'ff', up)
  }
  expect(track.belief?.cell.length).toBe(CELLS_MAX)
  expect(track.belief?.receiver.length).toBe(SLOTS)
  expect(track.history.length).toBeLessThanOrEqual(32)
})

it('an open incident follows the wearer to the next room, and the next page says it', () => {
  const bench = createBench()
  let counter = 10
  const heard = (receiver: string, rssiDbm: number) =>
    bench.report({ counter, kind: KIND_CORD, alarmNumber: 1 }, { receiver, rssiDbm })
  heard('r-interview', -50)
  heard('r-hall', -80)
  expect(bench.incident().whereabouts.room).toBe('interview')
  for (; counter < 30; counter++) {
    bench.nowMs += 500
    heard('r-interview', -85)
    heard('r-hall', -50)
  }
  expect(bench.incident().whereabouts.room).toBe('hall')
  bench.page('i-0001-p1', { step: 'ended', outcome: 'busy', detail: '486' })
  bench.wait(3_000)
  expect(bench.incident().pages.at(-1)?.said).toContain('Northgate House, room 1.')
})

it('the room before the press comes from idle beacons, so that a single faint alarm frame is placed', () => {
  const bench = createBench()
  for (let counter = 1; counter < 6; counter++) {
    bench.report({ counter }, { receiver: 'r-hall', rssiDbm: -50 })
    bench.report({ counter }, { receiver: 'r-interview', rssiDbm: -75 })
    bench.nowMs += 1_000
  }
  bench.report({ counter: 6, kind: KIND_CORD, alarmNumber: 1 }, { receiver: 'r-interview', rssiDbm: -70 })
  expect(bench.incident().whereabouts).toMatchObject({ room: 'hall', runnerUp: 'interview' })
})
