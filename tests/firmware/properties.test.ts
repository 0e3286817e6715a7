// Whatever a wearer, the radio and the flash do, in any order and at any time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { State } from '../../firmware/fields.ts'
import { KIND_CORD, KIND_IDLE, KIND_MAN_DOWN, TOLD_RESOLVED } from '../../schemas/frame.ts'
import { type Boot, drive, type Input, settingsWith, wakeAtMs } from './driven.ts'

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

/** So many samples of the accelerometer: of somebody who walks about, or lies, or falls, or of a sensor that says anything. */
type Moved = { kind: 'moved'; how: 'walks' | 'lies' | 'falls' | 'tumbles'; samples: number }
const moved: fc.Arbitrary<Moved> = fc.record({
  kind: fc.constant('moved' as const),
  how: fc.constantFrom('walks' as const, 'lies' as const, 'falls' as const, 'tumbles' as const),
  samples: fc.constantFrom(1, 20, 120),
})
const SAMPLE_MS = 625
const felt = (how: Moved['how'], i: number): Input => {
  if (how === 'lies' || (how === 'falls' && i >= 80)) return { kind: 'motion', x: 100, y: 0, z: 1000 }
  if (how === 'walks' || how === 'falls') return { kind: 'motion', x: 0, y: 1000 + (i % 2) * 250, z: 100 }
  return { kind: 'motion', x: (i * 7919) % 4000, y: (i * 104729) % 4000, z: (i * 1299709) % 4000 }
}

const input: fc.Arbitrary<Input | Aimed | Moved> = fc.oneof(
  fc.record({ kind: fc.constant('cord' as const), isParted: fc.boolean() }),
  fc.record({ kind: fc.constant('button' as const), isDown: fc.boolean() }),
  { weight: 3, arbitrary: aimed },
  fc.record({ kind: fc.constant('battery' as const), percent: fc.nat(100) }),
  fc.record({ kind: fc.constant('storage' as const), isWell: fc.boolean() }),
  fc.constant<Input>({ kind: 'error' }),
  fc.constant<Input>({ kind: 'timer' }),
  moved,
)
const anything = fc.array(fc.record({ afterMs: fc.nat(3000), input }), { maxLength: 60 })
const fall: Moved = { kind: 'moved', how: 'falls', samples: 120 }
/** Half of them begin with a fall, which is rare where anything is done before. */
const happenings = fc.oneof(
  anything,
  anything.map(list => [{ afterMs: 0, input: fall }, ...list]),
)
const boot = fc.record({
  isCordParted: fc.boolean(),
  isButtonDown: fc.boolean(),
  counter: fc.nat(1000),
  number: fc.nat(255),
  watches: fc.boolean(),
})
const settings = settingsWith()
/** What a pendant does that watches for a fall, as quickly as it may. */
const watching = settingsWith({ manDown: 1, stillMs: 10_000, preAlarmMs: 5000 })

type Play = { pendant: ReturnType<typeof drive>; play: (each?: (input: Input, before: Seen) => void) => void }
type Seen = State

type Start = Partial<Boot> & { watches: boolean }

const playOf = (start: Start, list: readonly { afterMs: number; input: Input | Aimed | Moved }[]): Play => {
  const { watches, ...boot } = start
  const pendant = drive(boot, watches ? watching : settings)
  return {
    pendant,
    play: (each = () => {}) => {
      const give = (afterMs: number, inputOf: (before: Seen) => Input): void => {
        pendant.to(pendant.nowMs() + afterMs)
        const before = pendant.seen()
        const given = inputOf(before)
        pendant.at(pendant.nowMs(), given)
        each(given, before)
      }
      for (const { afterMs, input } of list) {
        if (input.kind === 'aimed') give(afterMs, before => aim(before, input))
        else if (input.kind !== 'moved') give(afterMs, () => input)
        // Without man-down the sensor is off and nothing is felt.
        else if (watches) for (let i = 0; i < input.samples; i++) give(SAMPLE_MS, () => felt(input.how, i))
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

test('no alarm begins by itself: each new number is a cord that parted, a button held, or somebody who walked and lay', () => {
  let falls = 0
  fc.assert(
    fc.property(boot, happenings, (start, list) => {
      const { pendant, play } = playOf(start, list)
      let gestures = 0
      let isParted = start.isCordParted
      let isDown = start.isButtonDown
      let isLying = false
      play(({ ...given }) => {
        if (given.kind === 'cord' && given.isParted && !isParted) gestures++
        if (given.kind === 'cord') isParted = given.isParted
        if (given.kind === 'button' && given.isDown && !isDown) gestures++
        // A press told twice starts its hold anew, and either may come to its end.
        else if (given.kind === 'button' && given.isDown) gestures++
        if (given.kind === 'button') isDown = given.isDown
        // Whoever got up and lay down, or was seen to lie for the first time, may be down once.
        if (given.kind === 'motion' && given.z === 1000 && !isLying) gestures++
        if (given.kind === 'motion') isLying = given.z === 1000
      })
      pendant.to(pendant.nowMs() + 5000)
      const numbers = pendant.advertised().map(({ frame }) => frame.number)
      const changes = numbers.filter((number, i) => i > 0 && number !== numbers[i - 1]).length
      expect(changes).toBeLessThanOrEqual(gestures)
      if (pendant.advertised().some(({ frame }) => frame.kind === KIND_MAN_DOWN)) falls++
      if (gestures === 0) {
        expect(pendant.advertised().every(({ frame }) => frame.kind === KIND_IDLE)).toBe(true)
      }
    }),
  )
  expect(falls).toBeGreaterThan(5)
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
