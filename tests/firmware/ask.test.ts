// An idle pendant asks whether anybody would come, and says so where nobody does.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ASK_AGAIN_MS, ASK_DEAF_MS, ASK_MS } from '../../firmware/event.ts'
import { MOOD_AGAIN, MOOD_ALONE, MOOD_DARK, MOOD_NOBODY } from '../../firmware/lights.ts'
import { ASK_FIRST_MS } from '../../firmware/pendant.ts'
import { ASK_SEND_MS } from '../../firmware/state.ts'
import {
  FLAG_FAULT,
  KIND_ASK,
  KIND_CORD,
  KIND_DURESS,
  KIND_IDLE,
  KIND_OKAY,
  TOLD_ARMED,
  TOLD_COMING,
  TOLD_HEARD,
  TOLD_NOT_ARMED,
  TOLD_TEST_PASSED,
} from '../../schemas/frame.ts'
import { drive, settingsIn, settingsWith } from './driven.ts'

const EVERY_MS = 2_700_000
/** Of properties, on a machine that may be busy. */
const PATIENCE = { timeout: 60_000 }
const asking = (more: object = {}) => drive({}, settingsWith({ askEveryMs: EVERY_MS, ...more }))
type Pendant = ReturnType<typeof drive>

const asks = (pendant: Pendant): number[] =>
  pendant
    .advertised()
    .filter(({ frame, intervalMs }) => frame.kind === KIND_ASK && intervalMs === 100)
    .map(({ atMs }) => atMs)
/** A beacon of the gateway about the newest frame. */
const answer = (pendant: Pendant, told: number): void => {
  const { beaconCounter, number, frameCounter } = pendant.state()
  const beacon = { counter: beaconCounter + 1, told, number, frameCounter }
  pendant.at(pendant.nowMs(), { kind: 'beacon', beacon })
}
const answered = (pendant: Pendant, askAtMs: number, told = TOLD_ARMED): void => {
  pendant.to(askAtMs + ASK_SEND_MS + 50)
  answer(pendant, told)
}
const FIRST_FAILED_MS = ASK_FIRST_MS + ASK_MS
const SECOND_MS = ASK_FIRST_MS + ASK_AGAIN_MS
const DEAF_MS = SECOND_MS + ASK_MS
const deaf = (): Pendant => {
  const pendant = asking()
  pendant.to(DEAF_MS)
  return pendant
}

describe('an ask', () => {
  test('is one frame each 100 ms for a second, then three windows of the ear, and over after four seconds', () => {
    const pendant = asking()
    pendant.to(FIRST_FAILED_MS + 1000)
    const sent = pendant.advertised().filter(({ atMs }) => atMs >= ASK_FIRST_MS)
    expect(sent.map(({ atMs, intervalMs, frame }) => [atMs - ASK_FIRST_MS, intervalMs, frame.kind])).toEqual([
      [0, 100, KIND_ASK],
      [1000, 1000, KIND_ASK],
      [3000, 1000, KIND_ASK],
      [4000, 1000, KIND_IDLE],
    ])
    expect(new Set(sent.slice(0, 3).map(({ frame }) => frame.packetId)).size).toBe(1)
    const ear = pendant.done.flatMap(({ atMs, effect }) =>
      effect.kind === 'scan' ? [[atMs - ASK_FIRST_MS, effect.isOn]] : [],
    )
    expect(ear).toEqual(
      [1000, 2000, 3000].flatMap(atMs => [
        [atMs, true],
        [atMs + 150, false],
      ]),
    )
  })

  test('answered with armed is over at once, dark, and comes again after askEveryMs', () => {
    const pendant = asking()
    answered(pendant, ASK_FIRST_MS)
    expect(pendant.state()).toMatchObject({ eventKind: 0, isScanning: 0, isDeaf: 0 })
    expect(pendant.advertised().at(-1)).toMatchObject({ atMs: pendant.nowMs(), frame: { kind: KIND_IDLE } })
    pendant.to(2 * EVERY_MS)
    expect(pendant.lit().filter(({ atMs }) => atMs < EVERY_MS)).toEqual([])
    expect(asks(pendant).slice(0, 2)).toEqual([ASK_FIRST_MS, ASK_FIRST_MS + ASK_SEND_MS + 50 + EVERY_MS])
  })

  test.each([
    { about: 'the last frame before it', number: 0, frame: -1, counter: 1 },
    { about: 'a frame not yet sent', number: 0, frame: 99, counter: 1 },
    { about: 'another alarm number', number: 1, frame: 0, counter: 1 },
    { about: 'it under an old counter', number: 0, frame: 0, counter: 0 },
  ])('is not answered by a beacon about $about', ({ number, frame, counter }) => {
    const pendant = asking()
    pendant.to(ASK_FIRST_MS + 50)
    const { firstCounter, beaconCounter } = pendant.state()
    const beacon = {
      counter: beaconCounter + counter,
      told: TOLD_ARMED,
      number,
      frameCounter: firstCounter + frame,
    }
    pendant.at(ASK_FIRST_MS + 1050, { kind: 'beacon', beacon })
    expect(pendant.state().eventKind).toBe(KIND_ASK)
  })

  test('is not answered by what is told about alarms and tests, nor outside of it', () => {
    const pendant = asking()
    pendant.to(ASK_FIRST_MS + 1050)
    for (const told of [TOLD_COMING, TOLD_TEST_PASSED]) answer(pendant, told)
    expect(pendant.state().eventKind).toBe(KIND_ASK)
    pendant.to(DEAF_MS + 1000)
    answer(pendant, TOLD_ARMED)
    expect(pendant.state().isDeaf).toBe(1)
  })

  test('is never made where askEveryMs is 0, or without a key', () => {
    for (const settings of [settingsWith({ askEveryMs: 0 }), settingsIn(undefined)]) {
      const pendant = drive({}, settings)
      pendant.to(EVERY_MS * 2)
      expect(asks(pendant)).toEqual([])
    }
  })

  test('gives way at once to a cord and to an okay, and none is made in an alarm or an event', () => {
    const pendant = asking()
    pendant.at(ASK_FIRST_MS + 1050, { kind: 'cord', isParted: true })
    expect(pendant.advertised().at(-1)).toMatchObject({
      atMs: ASK_FIRST_MS + 1050,
      intervalMs: 100,
      frame: { kind: KIND_CORD, number: 1 },
    })
    pendant.to(1_700_000)
    expect(asks(pendant)).toEqual([ASK_FIRST_MS])
    const other = asking()
    other.at(ASK_FIRST_MS + 900, { kind: 'button', isDown: true })
    other.at(ASK_FIRST_MS + 1050, { kind: 'button', isDown: false })
    other.to(ASK_FIRST_MS + 1400)
    expect(other.advertised().at(-1)).toMatchObject({ intervalMs: 100, frame: { kind: KIND_OKAY } })
    expect(other.state().isScanning).toBe(0)
  })
})

describe('nobody is listening', () => {
  test('is shown once, after the second ask without an answer, and is no fault', () => {
    const pendant = asking()
    pendant.to(DEAF_MS - 1)
    expect(asks(pendant)).toEqual([ASK_FIRST_MS, SECOND_MS])
    expect(pendant.lit()).toEqual([])
    pendant.to(DEAF_MS)
    expect(pendant.state().mood).toBe(MOOD_NOBODY)
    pendant.to(DEAF_MS + 30_000)
    expect(pendant.lit().map(({ colours }) => colours)).toEqual([1, 0, 4, 0, 1, 0, 4, 0])
    expect(pendant.state().mood).toBe(MOOD_ALONE)
    expect(pendant.advertised().every(({ frame }) => (frame.flags & FLAG_FAULT) === 0)).toBe(true)
  })

  test('is also what two answers of not armed mean', () => {
    const pendant = asking()
    answered(pendant, ASK_FIRST_MS, TOLD_NOT_ARMED)
    expect(pendant.state().isDeaf).toBe(0)
    answered(pendant, SECOND_MS, TOLD_NOT_ARMED)
    expect(pendant.state()).toMatchObject({ isDeaf: 1, mood: MOOD_NOBODY })
  })

  test('one ask without an answer and then one with is nothing to show', () => {
    const pendant = asking()
    answered(pendant, SECOND_MS)
    pendant.to(DEAF_MS + 60_000)
    expect(pendant.lit()).toEqual([])
    expect(pendant.state().isDeaf).toBe(0)
  })

  test('is asked again each ten minutes, and shown again at each that fails', () => {
    const pendant = deaf()
    pendant.to(DEAF_MS + 3 * (ASK_DEAF_MS + ASK_MS) + 5000)
    const later = asks(pendant).slice(2)
    expect(later.map((atMs, i) => atMs - (i === 0 ? DEAF_MS : (later[i - 1] ?? 0) + ASK_MS))).toEqual([
      ASK_DEAF_MS,
      ASK_DEAF_MS,
      ASK_DEAF_MS,
    ])
    const reds = pendant
      .lit()
      .filter(({ colours }) => colours === 1)
      .map(({ atMs }) => atMs)
    expect(reds).toHaveLength(2 * 4)
  })

  test('is shown at each press of the button, and an okay then does not look taken', () => {
    const pendant = deaf()
    pendant.to(DEAF_MS + 60_000)
    const before = pendant.lit().length
    pendant.at(DEAF_MS + 60_000, { kind: 'button', isDown: true })
    expect(pendant.state().mood).toBe(MOOD_NOBODY)
    pendant.at(DEAF_MS + 60_150, { kind: 'button', isDown: false })
    pendant.to(DEAF_MS + 70_000)
    const shown = pendant
      .lit()
      .slice(before)
      .map(({ colours }) => colours)
    expect(shown.filter(colours => colours === 1 || colours === 4)).toEqual([1, 4, 1, 4])
    expect(shown).not.toContain(3)
  })

  test('is over with the next armed: green once, and then dark', () => {
    const pendant = deaf()
    answered(pendant, DEAF_MS + ASK_DEAF_MS)
    expect(pendant.state()).toMatchObject({ isDeaf: 0, mood: MOOD_AGAIN })
    const before = pendant.nowMs()
    pendant.to(before + 60_000)
    expect(
      pendant
        .lit()
        .filter(({ atMs }) => atMs >= before)
        .map(({ colours }) => colours),
    ).toEqual([2, 0])
    expect(pendant.state().mood).toBe(MOOD_DARK)
  })

  test('is over with a test that passes, which restarts the clock', () => {
    const pendant = deaf()
    const at = DEAF_MS + 60_000
    for (let i = 0; i < 4; i++) {
      pendant.at(at + i * 1000, { kind: 'button', isDown: true })
      pendant.at(at + i * 1000 + 150, { kind: 'button', isDown: false })
    }
    pendant.to(at + 5000)
    answer(pendant, TOLD_TEST_PASSED)
    expect(pendant.state().isDeaf).toBe(0)
    const testedAtMs = pendant.nowMs()
    pendant.to(testedAtMs + EVERY_MS)
    expect(asks(pendant).slice(2)).toEqual([testedAtMs + EVERY_MS])
  })
})

/** What is done to a pendant after its alarm has gone dark, each so long after the one before. */
const deed = fc.oneof(
  fc.record({
    what: fc.constant('press' as const),
    afterMs: fc.oneof(fc.nat(3000), fc.nat(400_000)),
    heldMs: fc.integer({ min: 20, max: 420 }),
  }),
  fc.record({ what: fc.constant('cord back' as const), afterMs: fc.nat(400_000) }),
  fc.record({
    what: fc.constant('stranger' as const),
    afterMs: fc.nat(400_000),
    told: fc.nat(15),
    older: fc.boolean(),
  }),
)
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

/** One after another; none of it believed, and none of it an alarm. */
const live = (pendant: Pendant, deeds: readonly Deed[]): void => {
  for (const each of deeds) {
    const atMs = pendant.nowMs() + each.afterMs
    if (each.what === 'press') {
      // Two presses within a second are an assist, which shows in both.
      pendant.at(atMs + 1000, { kind: 'button', isDown: true })
      pendant.at(atMs + 1000 + each.heldMs, { kind: 'button', isDown: false })
    } else if (each.what === 'cord back') {
      pendant.at(atMs, { kind: 'cord', isParted: false })
    } else {
      pendant.to(atMs)
      const { beaconCounter, number, frameCounter } = pendant.state()
      const beacon = each.older
        ? { counter: beaconCounter - 1, told: each.told, number, frameCounter }
        : { counter: beaconCounter + 1, told: each.told, number, frameCounter: frameCounter + 99 }
      pendant.at(atMs, { kind: 'beacon', beacon })
    }
  }
}

/** Cord pulled at `pulledAtMs`, then presses and a hold that is let go at `endAtMs`: a cancel, or with two of them a duress. */
const hushed = (presses: number, pulledAtMs: number, endAtMs: number, more: object = {}): Pendant => {
  const pendant = asking(more)
  pendant.at(pulledAtMs, { kind: 'cord', isParted: true })
  let atMs = endAtMs - 2000 - presses * 300
  for (let i = 0; i < presses; i++, atMs += 300) {
    pendant.at(atMs, { kind: 'button', isDown: true })
    pendant.at(atMs + 150, { kind: 'button', isDown: false })
  }
  pendant.at(atMs, { kind: 'button', isDown: true })
  pendant.at(endAtMs, { kind: 'button', isDown: false })
  return pendant
}
const CANCEL = 3
const DURESS = 2
/** All that an onlooker can see or feel: lights by their colours, screen and motor by what they are told. */
const outside = (pendant: Pendant, fromMs: number): [atMs: number, what: string][] =>
  pendant.done.flatMap(({ atMs, effect }): [number, string][] => {
    if (atMs < fromMs) return []
    if (effect.kind === 'lights') return [[atMs, `lights ${effect.colours}`]]
    return effect.kind === 'show' ? [[atMs, `mood ${effect.mood}`]] : []
  })

describe('a duress', () => {
  test(
    'looks for hours like a cancel while no beacon is believed, whenever it was and whatever is done',
    PATIENCE,
    () => {
      let nobody = 0
      fc.assert(
        fc.property(
          fc.integer({ min: 100, max: 4_000_000 }),
          fc.integer({ min: 6000, max: 700_000 }),
          fc.constantFrom(30_000, 600_000, EVERY_MS),
          fc.array(deed, { maxLength: 12 }),
          (pulledAtMs, forMs, askEveryMs, deeds) => {
            const endAtMs = pulledAtMs + forMs
            const [cancelled, hidden] = [CANCEL, DURESS].map(presses => {
              const pendant = hushed(presses, pulledAtMs, endAtMs, { askEveryMs })
              expect(pendant.last()).toMatchObject({ frame: { number: presses === CANCEL ? 1 : 2 } })
              live(pendant, deeds)
              pendant.to(pendant.nowMs() + 7_200_000)
              return outside(pendant, endAtMs)
            })
            expect(hidden).toEqual(cancelled)
            nobody += hidden?.length ?? 0
          },
        ),
        { numRuns: 60 },
      )
      expect(nobody).toBeGreaterThan(1000)
    },
  )

  test('sends nothing but itself while it seems to ask', () => {
    const pendant = hushed(DURESS, 20_000, 60_000)
    pendant.to(1_800_000)
    const kinds = pendant.advertised().flatMap(({ atMs, frame }) => (atMs > 60_000 ? [frame.kind] : []))
    expect(new Set(kinds)).toEqual(new Set([KIND_DURESS]))
    expect(outside(pendant, 60_001).length).toBeGreaterThan(10)
  })

  /** Each 100 ms that the ear is open: the answer to an ask, or what was last told of the alarm, again and again. */
  const tell = (pendant: Pendant): void => {
    const { alarmKind, eventKind, beaconCounter, number, frameCounter, isScanning } = pendant.state()
    if (isScanning === 0) return
    const told = alarmKind === KIND_DURESS ? TOLD_HEARD : TOLD_ARMED
    if (told === TOLD_ARMED && eventKind !== KIND_ASK) return
    const isRepeat = told === TOLD_HEARD && pendant.state().told === TOLD_HEARD
    const counter = beaconCounter + (isRepeat ? 0 : 1)
    pendant.at(pendant.nowMs(), { kind: 'beacon', beacon: { counter, told, number, frameCounter } })
  }
  const isAsking = (pendant: Pendant): boolean => {
    const { eventKind, askAtMs } = pendant.state()
    return eventKind === KIND_ASK || Math.abs(askAtMs - pendant.nowMs()) < 5000
  }

  test('heard, and carried out of reach and back, looks like a cancel in the same places', PATIENCE, () => {
    let shown = 0
    fc.assert(
      fc.property(
        fc.constantFrom(30_000, 120_000),
        fc.boolean(),
        fc.array(fc.integer({ min: 10_000, max: 900_000 }), { minLength: 1, maxLength: 4 }),
        (askEveryMs, isCovered, stretchesMs) => {
          const timeoutMs = 86_400_000
          const both = [CANCEL, DURESS].map(presses =>
            hushed(presses, 20_000, 60_000, { askEveryMs, timeoutMs }),
          )
          let covered = isCovered
          for (const stretchMs of stretchesMs) {
            const endMs = (both[0]?.nowMs() ?? 0) + stretchMs
            const isOver = (): boolean => (both[0]?.nowMs() ?? 0) >= endMs && !both.some(isAsking)
            while (!isOver())
              for (const pendant of both) {
                pendant.to(pendant.nowMs() + 100)
                if (covered) tell(pendant)
              }
            covered = !covered
          }
          const [cancelled, hidden] = both.map(pendant => outside(pendant, 60_001))
          expect(hidden?.map(([, lit]) => lit)).toEqual(cancelled?.map(([, lit]) => lit))
          // A second between their ears, for each time that was asked: at most one each 30 s.
          for (const [i, [atMs]] of (hidden ?? []).entries())
            expect(Math.abs(atMs - (cancelled?.[i]?.[0] ?? 0))).toBeLessThan(120_000)
          shown += hidden?.length ?? 0
        },
      ),
      { numRuns: 30 },
    )
    // By chance few of the walks are long: enough that something was compared.
    expect(shown).toBeGreaterThan(30)
  })

  test('that a receiver goes on telling of does not say that nobody listens; once it is out of reach it does', () => {
    const pendant = hushed(DURESS, 20_000, 60_000)
    while (pendant.nowMs() < 600_000) {
      pendant.to(pendant.nowMs() + 100)
      tell(pendant)
    }
    expect(outside(pendant, 60_001)).toEqual([])
    expect(pendant.state()).toMatchObject({ isDeaf: 0, alarmKind: KIND_DURESS })
  })

  test.each([
    { which: 'of another alarm', counter: 0, number: -1 },
    { which: 'older than the last believed', counter: -1, number: 0 },
    { which: 'of a frame that was never sent', counter: 1, number: 0 },
  ])('seems to be answered by no beacon $which', ({ counter, number }) => {
    const pendant = hushed(DURESS, 20_000, 60_000, { askEveryMs: 30_000 })
    pendant.to(61_000)
    answer(pendant, TOLD_HEARD)
    while (pendant.state().eventKind !== KIND_ASK) pendant.to(pendant.nowMs() + 100)
    pendant.to(pendant.nowMs() + ASK_SEND_MS + 100)
    const state = pendant.state()
    const beacon = {
      counter: state.beaconCounter + counter,
      told: TOLD_HEARD,
      number: state.number + number,
      frameCounter: state.frameCounter + (counter > 0 ? 99 : 0),
    }
    pendant.at(pendant.nowMs(), { kind: 'beacon', beacon })
    expect(state.eventKind).toBe(KIND_ASK)
    answer(pendant, TOLD_COMING)
    expect(pendant.state().eventKind).toBe(0)
  })
})
