// The room from the levels of the last seconds: the strongest receiver, without jumping at every flicker.
import { describe, expect, it } from 'vitest'
import { locate } from '../../../gateway/core/locate.ts'
import { LEVELS_MAX, type Level, newTrack, remember } from '../../../gateway/core/sighting.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { createBench, T0 } from './engine.ts'

const roomOf = (receiver: string) => ({ a: 'hall', b: 'office', b2: 'office' })[receiver]
const level = (receiver: string, rssiDbm: number, agoMs = 0): Level => ({
  receiver,
  rssiDbm,
  heardAtMs: T0 - agoMs,
})

describe('locate', () => {
  it('names the room of the strongest receiver, the runner-up, why and when', () => {
    expect(locate([level('a', -50, 500), level('b', -70, 100)], roomOf, null, T0)).toMatchObject({
      room: 'hall',
      runnerUp: 'office',
      heardAtMs: T0 - 100,
      because: [
        { receiver: 'a', rssiDbm: -50 },
        { receiver: 'b', rssiDbm: -70 },
      ],
    })
  })

  it('is surer the further apart the levels are, and never certain', () => {
    const confidence = (b: number) => locate([level('a', -50), level('b', b)], roomOf, null, T0).confidence
    expect(confidence(-51)).toBeLessThan(0.6)
    expect(confidence(-70)).toBeGreaterThan(confidence(-55))
    expect(confidence(-99)).toBeLessThan(1)
    expect(locate([level('a', -50)], roomOf, null, T0).confidence).toBeLessThanOrEqual(0.5)
  })

  it('keeps the room it had until another is clearly stronger', () => {
    const heard = [level('a', -60), level('b', -58)]
    expect(locate(heard, roomOf, 'hall', T0).room).toBe('hall')
    expect(locate(heard, roomOf, null, T0).room).toBe('office')
    expect(locate([level('a', -60), level('b', -55)], roomOf, 'hall', T0).room).toBe('office')
  })

  it('forgets what is old and leaves out receivers that are not on the plan', () => {
    expect(
      locate([level('a', -40, 10_001), level('b', -80), level('gone', -20)], roomOf, null, T0).room,
    ).toBe('office')
    expect(locate([level('gone', -20)], roomOf, null, T0)).toMatchObject({ room: null, confidence: 0 })
    expect(locate([], roomOf, 'hall', T0).room).toBeNull()
  })
})

it('the memory of one pendant is bounded however long it is heard', () => {
  const track = newTrack()
  const alarm = { version: 1, kind: 0, alarmNumber: 0, flags: 0 }
  for (let counter = 0; counter < 100_000; counter++) {
    const heardAtMs = T0 + counter
    const sighting = {
      pendant: 'p',
      receiver: 'a',
      heardAtMs,
      rssiDbm: -60,
      counter,
      alarm,
      batteryPercent: 90,
      isVerified: true,
      isLate: false,
      packetId: 1,
    }
    remember(track, sighting, 'ff')
  }
  expect(track.levels.length).toBeLessThanOrEqual(2 * LEVELS_MAX)
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
