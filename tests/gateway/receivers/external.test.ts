// What the desk is told of a broker outside: dropped messages with their count, and how it is with all its sessions as one fault.
import { expect, it } from 'vitest'
import { dropping } from '../../../gateway/receivers/external/dropped.ts'
import { linkStates, OWN } from '../../../gateway/receivers/external/link-states.ts'
import { steppedClock } from '../../../simulator/clock.ts'

it('dropped messages are said at the first, each minute while there are more, and no more after five without', () => {
  const clock = steppedClock(1_790_000_000_000)
  const told: (string | null)[] = []
  const dropped = dropping('rx-1', clock, ({ text }) => told.push(text))
  const counts = () => told.map(text => (text === null ? null : Number(/: (\d+) message/.exec(text)?.[1])))
  for (let i = 0; i < 3; i++) dropped.one()
  expect(counts()).toEqual([1])
  clock.advance(60_000)
  expect(counts()).toEqual([1, 3])
  clock.advance(180_000)
  expect(counts()).toEqual([1, 3])
  dropped.one()
  clock.advance(60_000)
  expect(counts()).toEqual([1, 3, 4])
  clock.advance(300_000)
  expect(counts()).toEqual([1, 3, 4, null])
  dropped.one()
  expect(counts()).toEqual([1, 3, 4, null, 1])
})

it('sessions that come and go together are one fault, which names what of it is amiss', () => {
  const clock = steppedClock(1_790_000_000_000)
  const told: (string | null)[] = []
  const states = linkStates('mqtt://broker.example:1883', clock, fault => told.push(fault))
  const all = [OWN, 'rx-1', 'rx-2', 'rx-3', 'rx-4', 'rx-5'] as const
  for (const each of all) states.expect(each)
  const next = (): string | null | undefined => {
    clock.advance(100)
    return told.splice(0).at(-1)
  }
  states.set(OWN, null)
  expect(next(), 'others begin still').toBeUndefined()
  for (const each of all) states.set(each, null)
  expect(next()).toBeNull()
  for (const each of all) states.set(each, 'nothing listens there')
  expect(next()).toMatch(
    /is not connected \(nothing listens there\): no pendant is heard that comes in by it/,
  )
  for (const each of all) states.set(each, null)
  states.set('rx-2', 'no answer in time')
  expect(next()).toMatch(
    /does not give the gateway what comes of rx-2 \(no answer in time\): no pendant is heard by it/,
  )
  for (const each of ['rx-1', 'rx-3', 'rx-4']) states.set(each, 'no answer in time')
  expect(next()).toMatch(
    /what comes of rx-1, rx-2, rx-3 and 1 more \(no answer in time\): no pendant is heard by them/,
  )
  for (const each of all) states.set(each, null)
  states.set(OWN, 'no answer in time')
  expect(next()).toMatch(
    /does not take what the gateway says \(no answer in time\): no wearer is told anything by it/,
  )
  states.set(OWN, null)
  states.set('rx-5', 'no answer in time')
  states.drop('rx-5')
  expect(next()).toBeNull()
})
