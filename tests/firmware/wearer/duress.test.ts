// A duress looks like a cancel: lights, screen and motor, to the instant, with the gateway there, gone, armed or not, and
// whatever is done to the pendant afterwards.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ASK_SEND_MS } from '../../../firmware/state.ts'
import {
  MOOD_ALONE,
  MOOD_BEGUN,
  MOOD_NOBODY,
  MOOD_TAKEN,
  MOOD_TEST_PASSED,
} from '../../../firmware/wearer/lights.ts'
import {
  KIND_ASK,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_DURESS_ASKING,
  KIND_DURESS_TURN,
  TOLD_ARMED,
  TOLD_COMING,
} from '../../../schemas/frame.ts'
import { drive, settingsWith } from '../driven.ts'
import { nearGateway, type World } from '../near-gateway.ts'

const EVERY_MS = 2_700_000
type Pendant = ReturnType<typeof drive>

const CANCEL = 3
const DURESS = 2
/** All that an onlooker can see or feel: lights by their colours, screen and motor by what they are told. */
const outside = (pendant: Pendant, fromMs: number): [atMs: number, what: string][] =>
  pendant.done.flatMap(({ atMs, effect }): [number, string][] => {
    if (atMs < fromMs) return []
    if (effect.kind === 'lights') return [[atMs, `lights ${effect.colours}`]]
    return effect.kind === 'show' ? [[atMs, `mood ${effect.mood}`]] : []
  })
/** Up to an alarm that shows, which is begun at the same instant in both and told of like any. */
const untilAlarm = (shown: [atMs: number, what: string][]): [atMs: number, what: string][] => {
  const at = shown.findIndex(([, what]) => what === `mood ${MOOD_BEGUN}`)
  return at < 0 ? shown : shown.slice(0, at + 1)
}
const moods = (pendant: Pendant, fromMs: number): number[] =>
  pendant.done.flatMap(({ atMs, effect }) =>
    effect.kind === 'show' && atMs >= fromMs && effect.mood >= MOOD_TAKEN && effect.mood !== MOOD_ALONE
      ? [effect.mood]
      : [],
  )

/** What is done to a pendant after its alarm has gone dark, each so long after the one before. */
const deed = fc.oneof(
  fc.record({
    what: fc.constant('press' as const),
    afterMs: fc.oneof(fc.nat(3000), fc.nat(400_000)),
    heldMs: fc.integer({ min: 20, max: 420 }),
  }),
  fc.record({ what: fc.constant('test' as const), afterMs: fc.oneof(fc.nat(3000), fc.nat(200_000)) }),
  fc.record({
    what: fc.constant('pattern' as const),
    afterMs: fc.oneof(fc.nat(9000), fc.nat(100_000)),
    presses: fc.constantFrom(CANCEL, DURESS),
  }),
  fc.record({ what: fc.constant('cord' as const), afterMs: fc.nat(100_000), isParted: fc.boolean() }),
  fc.record({ what: fc.constant('lies down' as const), afterMs: fc.nat(100_000) }),
  fc.record({
    what: fc.constant('world' as const),
    afterMs: fc.oneof(fc.nat(5000), fc.nat(700_000)),
    isInReach: fc.boolean(),
    isThere: fc.boolean(),
    isArmed: fc.boolean(),
  }),
)
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

type Worn = { pendant: Pendant; world: World; to(atMs: number): void }

const presses = ({ pendant, to }: Worn, count: number, heldMs: number, restMs: number): void => {
  for (let i = 0; i < count; i++) {
    pendant.at(pendant.nowMs(), { kind: 'button', isDown: true })
    to(pendant.nowMs() + heldMs)
    pendant.at(pendant.nowMs(), { kind: 'button', isDown: false })
    to(pendant.nowMs() + restMs)
  }
}

const pattern = (worn: Worn, count: number): number => {
  presses(worn, count, 150, 150)
  presses(worn, 1, 2000, 0)
  return worn.pendant.nowMs()
}

const SAMPLE_MS = 625
const moves = ({ pendant, to }: Worn, samples: number, isLying: boolean): void => {
  for (let i = 0; i < samples; i++) {
    to(pendant.nowMs() + SAMPLE_MS)
    const y = isLying ? 0 : 1000 + (i % 2) * 250
    pendant.at(pendant.nowMs(), { kind: 'motion', x: 0, y, z: isLying ? 1000 : 100 })
  }
}

const live = (worn: Worn, { afterMs, ...deed }: Deed): void => {
  const { pendant, world, to } = worn
  to(pendant.nowMs() + afterMs)
  switch (deed.what) {
    case 'press':
      presses(worn, 1, deed.heldMs, 0)
      return
    case 'test':
      presses(worn, 4, 150, 850)
      return
    case 'pattern':
      to(pendant.nowMs() + 1000)
      pattern(worn, deed.presses)
      return
    case 'cord':
      pendant.at(pendant.nowMs(), { kind: 'cord', isParted: deed.isParted })
      return
    case 'lies down':
      moves(worn, 20, false)
      moves(worn, 20, true)
      return
    case 'world':
      Object.assign(world, deed)
      return
    default:
      deed satisfies never
  }
}

/** A cord pulled, then a cancel or a duress; answers when it was let go. */
const hushed = (presses: number, pulledAtMs: number, world: World, more: object = {}) => {
  const settings = { askEveryMs: EVERY_MS, manDown: 1, stillMs: 10_000, preAlarmMs: 5000, ...more }
  const pendant = drive({}, settingsWith(settings))
  const worn: Worn = { pendant, world, ...nearGateway(pendant, world) }
  moves(worn, 100, false)
  worn.to(pendant.nowMs() + pulledAtMs)
  pendant.at(pendant.nowMs(), { kind: 'cord', isParted: true })
  // Both are let go at the same instant.
  worn.to(pendant.nowMs() + 5000 + (presses === CANCEL ? 0 : 300))
  return { ...worn, endAtMs: pattern(worn, presses) }
}

describe('a duress', () => {
  test('looks like a cancel, to the instant, in every world and whatever is done afterwards', () => {
    let compared = 0
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.record({ isInReach: fc.boolean(), isThere: fc.boolean(), isArmed: fc.boolean() }),
        fc.constantFrom(30_000, 600_000, EVERY_MS),
        fc.array(deed, { maxLength: 10 }),
        (pulledAtMs, world, askEveryMs, deeds) => {
          const both = [CANCEL, DURESS].map(count => {
            const worn = hushed(count, pulledAtMs, { ...world }, { askEveryMs })
            for (const each of deeds) live(worn, each)
            worn.to(worn.pendant.nowMs() + 400_000)
            return { endAtMs: worn.endAtMs, shown: untilAlarm(outside(worn.pendant, worn.endAtMs)) }
          })
          expect(both[1]).toEqual(both[0])
          compared += both[0]?.shown.length ?? 0
          for (const [, what] of both[0]?.shown ?? []) seen.add(what)
        },
      ),
      {
        numRuns: 200,
        // Between two tests that are heard, what begins out of reach leaves the turn as it was.
        examples: [
          [
            0,
            { isInReach: true, isThere: true, isArmed: false },
            30_000,
            [
              { what: 'test', afterMs: 350 },
              { what: 'world', afterMs: 0, isInReach: false, isThere: false, isArmed: false },
              { what: 'test', afterMs: 114_151 },
              { what: 'world', afterMs: 0, isInReach: true, isThere: true, isArmed: false },
            ],
          ],
          // Reach comes back in the middle of an ask, which is then heard as soon in both.
          [
            33_500,
            { isInReach: false, isThere: false, isArmed: false },
            30_000,
            [
              { what: 'test', afterMs: 0 },
              { what: 'world', afterMs: 563_500, isInReach: true, isThere: true, isArmed: false },
            ],
          ],
          // The gateway begins anew within an ask.
          [
            0,
            { isInReach: true, isThere: true, isArmed: false },
            30_000,
            [
              { what: 'world', afterMs: 1, isInReach: false, isThere: false, isArmed: false },
              { what: 'world', afterMs: 999, isInReach: true, isThere: true, isArmed: false },
            ],
          ],
        ],
      },
    )
    expect(compared).toBeGreaterThan(1000)
    // Taken, nobody, a test passed and one that failed: there was something to tell them apart by.
    for (const mood of [MOOD_TAKEN, MOOD_NOBODY, MOOD_TEST_PASSED]) expect(seen).toContain(`mood ${mood}`)
  })

  test.each([
    { where: 'in reach and armed', isInReach: true, isThere: true, isArmed: true, shows: [MOOD_TAKEN] },
    { where: 'in reach and not armed', isInReach: true, isThere: true, isArmed: false, shows: [MOOD_NOBODY] },
    { where: 'where the gateway died', isInReach: true, isThere: false, isArmed: true, shows: [MOOD_NOBODY] },
    { where: 'out of reach', isInReach: false, isThere: true, isArmed: true, shows: [MOOD_NOBODY] },
  ])('$where shows what a cancel shows there, and it is true', ({ where, shows, ...world }) => {
    for (const count of [CANCEL, DURESS]) {
      // Until then all is well: the receiver goes on telling of the alarm for ten minutes, also for a gateway that has died.
      const worn = hushed(count, 30_000, { isInReach: true, isThere: true, isArmed: true })
      const at = worn.pendant.nowMs()
      Object.assign(worn.world, world)
      worn.to(at + 16_000)
      expect(new Set(moods(worn.pendant, at)), `${where}, ${count} presses`).toEqual(new Set(shows))
    }
  })

  test('is a duress in each of its frames, also in those that ask', () => {
    const worn = hushed(DURESS, 0, { isInReach: false, isThere: true, isArmed: true })
    worn.to(worn.endAtMs + 900_000)
    const kinds = worn.pendant
      .advertised()
      .flatMap(({ atMs, frame }) => (atMs >= worn.endAtMs ? [frame.kind] : []))
    expect(new Set(kinds)).toEqual(
      new Set([KIND_DURESS, KIND_DURESS_ASKING, KIND_DURESS_ASKING + KIND_DURESS_TURN]),
    )
    expect(kinds.filter(kind => kind === KIND_DURESS).length).toBeGreaterThan(600)
  })

  test.each([
    { which: 'of another alarm', counter: 1, number: -1, told: TOLD_ARMED },
    { which: 'older than the last believed', counter: 0, number: 0, told: TOLD_ARMED },
    { which: 'of a frame that was never sent', counter: 1, number: 0, frame: 99, told: TOLD_ARMED },
    { which: 'of a frame before it was asked', counter: 1, number: 0, frame: -6, told: TOLD_ARMED },
    { which: 'of the alarm alone', counter: 1, number: 0, told: TOLD_COMING },
  ])('is answered by no beacon $which', ({ counter, number, frame = 0, told }) => {
    const { pendant, to, endAtMs } = hushed(DURESS, 0, { isInReach: false, isThere: true, isArmed: true })
    const beacon = (): object => {
      const state = pendant.state()
      return {
        counter: state.beaconCounter + counter,
        told,
        number: state.number + number,
        frameCounter: state.frameCounter + frame,
      }
    }
    to(endAtMs + 20_000)
    while (pendant.state().eventKind !== KIND_ASK) to(pendant.nowMs() + 100)
    to(pendant.nowMs() + ASK_SEND_MS + 100)
    pendant.at(pendant.nowMs(), { kind: 'beacon', beacon: beacon() as never })
    expect(pendant.state()).toMatchObject({ eventKind: KIND_ASK, alarmKind: KIND_DURESS })
  })
})

describe('a cancel with no alarm to cancel', () => {
  const world = { isInReach: true, isThere: true, isArmed: true }
  test('any more, because it was cancelled just before, is sent and raises nothing', () => {
    const worn = hushed(CANCEL, 0, { ...world })
    worn.to(worn.endAtMs + 3000)
    pattern(worn, CANCEL)
    worn.to(worn.pendant.nowMs() + 3000)
    const sent = worn.pendant.advertised().filter(({ atMs }) => atMs >= worn.endAtMs)
    expect(new Set(sent.map(({ frame }) => frame.number))).toEqual(new Set([1]))
    expect(
      sent.filter(({ frame }) => frame.kind !== 0).every(({ frame }) => frame.kind === KIND_CANCEL),
    ).toBe(true)
    expect(moods(worn.pendant, worn.endAtMs)).toEqual([MOOD_TAKEN, MOOD_TAKEN])
  })

  test.each([
    { what: 'two presses and no hold', act: (worn: Worn) => presses(worn, 2, 150, 150), kind: 3 },
    { what: 'a hold', act: (worn: Worn) => presses(worn, 1, 700, 0), kind: 2 },
    {
      what: 'two presses and a third that is too long for one',
      act: (worn: Worn) => {
        presses(worn, 2, 150, 150)
        presses(worn, 1, 450, 0)
      },
      kind: 3,
    },
    {
      what: 'a cord that was put back and parts',
      act: ({ pendant, to }: Worn) => {
        pendant.at(pendant.nowMs(), { kind: 'cord', isParted: false })
        to(pendant.nowMs() + 100)
        pendant.at(pendant.nowMs(), { kind: 'cord', isParted: true })
      },
      kind: KIND_CORD,
    },
  ])('begins the alarm that it is after $what, also just after one has gone dark', ({ act, kind }) => {
    const worn = hushed(CANCEL, 0, { ...world })
    worn.to(worn.endAtMs + 3000)
    act(worn)
    worn.to(worn.pendant.nowMs() + 400)
    expect(worn.pendant.state()).toMatchObject({ alarmKind: kind, number: 2 })
  })
})
