// Whatever a wearer, the radio and the flash do, in any order and at any time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { State } from '../../firmware/fields.ts'
import { wakeAtMs } from '../../firmware/state.ts'
import { KIND_CORD, KIND_IDLE, TOLD_RESOLVED } from '../../schemas/frame.ts'
import { drive, type Input, settingsWith } from './driven.ts'

/** A beacon near what would be believed just then: each field as a distance from it, nought being exactly it. */
type Aimed = { kind: 'aimed'; newer: number; told: number; number: number; frame: number }
const near = (least: number, most: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: least, max: most }) },
  )
const aimed: fc.Arbitrary<Aimed> = fc.record({
  kind: fc.constant('aimed' as const),
  newer: near(-3, 3),
  told: fc.oneof(fc.constant(TOLD_RESOLVED), fc.nat(7)),
  number: near(-1, 1),
  frame: near(-30, 30),
})
const aim = (state: Seen, { newer, told, number, frame }: Aimed): Input => ({
  kind: 'beacon',
  beacon: {
    counter: Math.max(0, state.beaconCounter + 1 + newer),
    told,
    number: state.number + number,
    frameCounter: Math.max(0, (state.alarmKind === 0 ? 0 : state.frameCounter) + frame),
  },
})

const input: fc.Arbitrary<Input | Aimed> = fc.oneof(
  fc.record({ kind: fc.constant('cord' as const), isParted: fc.boolean() }),
  fc.record({ kind: fc.constant('button' as const), isDown: fc.boolean() }),
  { weight: 3, arbitrary: aimed },
  fc.record({ kind: fc.constant('battery' as const), percent: fc.nat(100) }),
  fc.record({ kind: fc.constant('storage' as const), isWell: fc.boolean() }),
  fc.constant<Input>({ kind: 'error' }),
  fc.constant<Input>({ kind: 'timer' }),
)
const happenings = fc.array(fc.record({ afterMs: fc.nat(3000), input }), { maxLength: 60 })
const boot = fc.record({
  isCordParted: fc.boolean(),
  isButtonDown: fc.boolean(),
  counter: fc.nat(1000),
  number: fc.nat(255),
})
const settings = settingsWith()

type Play = { pendant: ReturnType<typeof drive>; play: (each?: (input: Input, before: Seen) => void) => void }
type Seen = State

const playOf = (start: object, list: readonly { afterMs: number; input: Input | Aimed }[]): Play => {
  const pendant = drive(start, settings)
  return {
    pendant,
    play: (each = () => {}) => {
      for (const { afterMs, input } of list) {
        pendant.to(pendant.nowMs() + afterMs)
        const before = pendant.seen()
        const given = input.kind === 'aimed' ? aim(before, input) : input
        pendant.at(pendant.nowMs(), given)
        each(given, before)
      }
    },
  }
}

test('advertising never stops: there is a new frame at least each heartbeat', () => {
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const { pendant, play } = playOf(start, list)
      play()
      pendant.to(pendant.nowMs() + 30_000)
      const instants = [0, ...pendant.advertised().map(({ atMs }) => atMs), pendant.nowMs()]
      const gaps = instants.slice(1).map((atMs, i) => atMs - (instants[i] ?? 0))
      expect(Math.max(...gaps)).toBeLessThanOrEqual(settings.heartbeatMs)
    }),
  )
})

test('counters only rise, and none is on the air before it is reserved', () => {
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const { pendant, play } = playOf(start, list)
      play()
      let reserved = 0
      let last = start.counter - 1
      for (const { effect } of pendant.done) {
        if (effect.kind === 'reserve') reserved = Math.max(reserved, effect.counter)
        if (effect.kind !== 'advertise') continue
        expect(effect.counter).toBe(last + 1)
        expect(effect.counter).toBeLessThan(reserved)
        last = effect.counter
      }
    }),
  )
})

test('an alarm number is reserved before the first frame that shows it', () => {
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const { pendant, play } = playOf(start, list)
      play()
      let reserved = start.number
      for (const { effect } of pendant.done) {
        if (effect.kind === 'reserve' || effect.kind === 'note') reserved = effect.number
        if (effect.kind === 'advertise') expect(effect.frame.number).toBe(reserved)
      }
    }),
  )
})

test('no alarm begins by itself: each new number is a cord that parted or a button held', () => {
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const { pendant, play } = playOf(start, list)
      let gestures = 0
      let isParted = start.isCordParted
      let isDown = start.isButtonDown
      play(({ ...given }) => {
        if (given.kind === 'cord' && given.isParted && !isParted) gestures++
        if (given.kind === 'cord') isParted = given.isParted
        if (given.kind === 'button' && given.isDown && !isDown) gestures++
        // A press told twice starts its hold anew, and either may come to its end.
        else if (given.kind === 'button' && given.isDown) gestures++
        if (given.kind === 'button') isDown = given.isDown
      })
      pendant.to(pendant.nowMs() + 5000)
      const numbers = pendant.advertised().map(({ frame }) => frame.number)
      const changes = numbers.filter((number, i) => i > 0 && number !== numbers[i - 1]).length
      expect(changes).toBeLessThanOrEqual(gestures)
      if (gestures === 0) {
        expect(pendant.advertised().every(({ frame }) => frame.kind === KIND_IDLE)).toBe(true)
      }
    }),
  )
})

test('no alarm begun is forgotten: only a believed resolved, or its long silence, ends it', () => {
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const { pendant, play } = playOf(start, list)
      play((given, before) => {
        if (before.alarmKind === 0 || pendant.state().alarmKind !== 0) return
        expect(given).toMatchObject({ kind: 'beacon', beacon: { told: TOLD_RESOLVED } })
        if (given.kind !== 'beacon') return
        expect(given.beacon.number).toBe(before.number)
        expect(given.beacon.counter).toBeGreaterThan(before.beaconCounter)
        expect(given.beacon.frameCounter).toBeGreaterThanOrEqual(before.firstCounter)
        expect(given.beacon.frameCounter).toBeLessThanOrEqual(before.frameCounter)
      })
    }),
  )
})

test('a cord that parts is on the air in the same turn, whatever went before', () => {
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const { pendant, play } = playOf(start, list)
      play((given, before) => {
        if (given.kind !== 'cord' || !given.isParted || before.isCordParted) return
        // Never seen in since power-on, or by a thread in an alarm of its own: not a pull.
        if (before.isCordFaulty && pendant.nowMs() < before.armAtMs) return
        if (before.alarmKind === KIND_CORD && pendant.nowMs() - before.closedAtMs < settings.cordSettleMs)
          return
        expect(pendant.advertised().at(-1)).toMatchObject({
          atMs: pendant.nowMs(),
          intervalMs: 100,
          frame: { kind: 1, number: pendant.state().number },
        })
      })
    }),
  )
})

test('the pendant sleeps: no instant has more than three turns that nobody asked for', () => {
  fc.assert(
    fc.property(boot, happenings, fc.nat(2_000_000), (start, list, thenMs) => {
      const { pendant, play } = playOf(start, list)
      play()
      pendant.to(pendant.nowMs() + thenMs)
      expect(wakeAtMs(pendant.state())).toBeGreaterThan(pendant.nowMs())
    }),
    { numRuns: 30 },
  )
})

test('the same inputs at the same times give the same numbers, and the same effects', () => {
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const [one, other] = [playOf(start, list), playOf(start, list)]
      one.play()
      other.play()
      expect(other.pendant.seen()).toEqual(one.pendant.seen())
      expect(other.pendant.done).toEqual(one.pendant.done)
    }),
    { numRuns: 30 },
  )
})
