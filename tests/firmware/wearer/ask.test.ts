// An idle pendant asks whether anybody would come, and says so where nobody does.
import { describe, expect, test } from 'vitest'
import { ASK_FIRST_MS } from '../../../firmware/pendant.ts'
import { ASK_SEND_MS, ASK_SOON_MS } from '../../../firmware/state.ts'
import { ASK_DEAF_MS, ASK_MS } from '../../../firmware/wearer/event.ts'
import {
  MOOD_AGAIN,
  MOOD_ALONE,
  MOOD_DARK,
  MOOD_NOBODY,
  MOOD_TAKEN,
} from '../../../firmware/wearer/lights.ts'
import {
  FLAG_FAULT,
  KIND_ASK,
  KIND_CORD,
  KIND_IDLE,
  KIND_OKAY,
  TOLD_ARMED,
  TOLD_COMING,
  TOLD_NOT_ARMED,
  TOLD_RESOLVED,
  TOLD_TEST_PASSED,
} from '../../../schemas/frame.ts'
import { drive, settingsIn, settingsWith } from '../driven.ts'

const EVERY_MS = 2_700_000
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
const SECOND_MS = FIRST_FAILED_MS + ASK_SOON_MS
const DEAF_MS = SECOND_MS + ASK_MS
const THIRD_MS = DEAF_MS + 4 * ASK_SOON_MS
const deaf = (): Pendant => {
  const pendant = asking()
  pendant.to(DEAF_MS)
  return pendant
}

describe('an ask', () => {
  test('is on the air each 100 ms for a second and then as often as a duress that asks, has three windows of the ear, and is over after four seconds', () => {
    const pendant = asking()
    pendant.to(FIRST_FAILED_MS + 1000)
    const sent = pendant.advertised().filter(({ atMs }) => atMs >= ASK_FIRST_MS)
    expect(sent.map(({ atMs, intervalMs, frame }) => [atMs - ASK_FIRST_MS, intervalMs, frame.kind])).toEqual([
      [0, 100, KIND_ASK],
      [1000, 500, KIND_ASK],
      [2000, 500, KIND_ASK],
      [3000, 500, KIND_ASK],
      [4000, 1000, KIND_IDLE],
    ])
    expect(new Set(sent.slice(0, 4).map(({ frame }) => frame.packetId)).size).toBe(1)
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
    const { eventCounter, beaconCounter } = pendant.state()
    const beacon = {
      counter: beaconCounter + counter,
      told: TOLD_ARMED,
      number,
      frameCounter: eventCounter + frame,
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
    pendant.to(THIRD_MS - 1)
    expect(pendant.lit().map(({ colours }) => colours)).toEqual([1, 0, 4, 0, 1, 0, 4, 0])
    expect(pendant.state().mood).toBe(MOOD_ALONE)
    expect(pendant.advertised().every(({ frame }) => (frame.flags & FLAG_FAULT) === 0)).toBe(true)
  })

  test('is also what two answers of not armed mean', () => {
    const pendant = asking()
    answered(pendant, ASK_FIRST_MS, TOLD_NOT_ARMED)
    expect(pendant.state().isDeaf).toBe(0)
    answered(pendant, pendant.nowMs() + ASK_SOON_MS, TOLD_NOT_ARMED)
    expect(pendant.state()).toMatchObject({ isDeaf: 1, mood: MOOD_NOBODY })
  })

  test('one ask without an answer and then one with is nothing to show', () => {
    const pendant = asking()
    answered(pendant, SECOND_MS)
    pendant.to(DEAF_MS + 60_000)
    expect(pendant.lit()).toEqual([])
    expect(pendant.state().isDeaf).toBe(0)
  })

  test('is asked again within seconds, then ever later up to ten minutes, and shown again at each that fails', () => {
    const pendant = deaf()
    pendant.to(DEAF_MS + 6_000_000)
    const all = asks(pendant).slice(1)
    const waits = all.slice(1).map((atMs, i) => atMs - (all[i] ?? 0) - ASK_MS)
    expect(waits.slice(0, 3)).toEqual([4 * ASK_SOON_MS, 9 * ASK_SOON_MS, 16 * ASK_SOON_MS])
    expect(waits.slice(0, -1).every((wait, i) => wait <= (waits[i + 1] ?? 0))).toBe(true)
    expect(new Set(waits.slice(-4))).toEqual(new Set([ASK_DEAF_MS]))
    const reds = pendant.lit().filter(({ colours }) => colours === 1)
    expect(reds).toHaveLength(2 * all.length)
  })

  test('what was known of the desk is not shown at a press: its own answer is, within seconds', () => {
    const pendant = deaf()
    const from = DEAF_MS + 60_000
    const shownSince = (atMs: number): number[] =>
      pendant
        .lit()
        .filter(each => each.atMs >= atMs)
        .map(({ colours }) => colours)
    const okay = (atMs: number): void => {
      pendant.at(atMs, { kind: 'button', isDown: true })
      expect(pendant.state().mood).toBe(MOOD_ALONE)
      pendant.at(atMs + 150, { kind: 'button', isDown: false })
      pendant.to(atMs + 500 + ASK_SEND_MS + 50)
      expect(shownSince(atMs)).toEqual([])
    }
    while (pendant.nowMs() < from || pendant.state().eventKind !== 0) pendant.to(pendant.nowMs() + 1000)
    const first = pendant.nowMs()
    okay(first)
    pendant.to(first + 7000)
    expect(shownSince(first), 'out of reach').toEqual([1, 0, 4, 0, 1, 0, 4, 0])
    okay(first + 7000)
    answer(pendant, TOLD_ARMED)
    expect(pendant.state()).toMatchObject({ mood: MOOD_TAKEN, isDeaf: 0, eventKind: 0 })
    pendant.to(first + 20_000)
    expect(shownSince(first + 7000), 'in reach').toEqual([3, 0])
  })

  test('any press has it asked anew within seconds, also one that is nothing by itself', () => {
    const pendant = deaf()
    while (pendant.nowMs() < DEAF_MS + 400_000) pendant.to(pendant.nowMs() + 1000)
    while (pendant.state().eventKind !== 0) pendant.to(pendant.nowMs() + 1000)
    const at = pendant.nowMs()
    pendant.at(at, { kind: 'button', isDown: true })
    pendant.at(at + 500, { kind: 'button', isDown: false })
    pendant.to(at + 10_000)
    expect(asks(pendant).at(-1)).toBeLessThanOrEqual(at + ASK_SOON_MS)
    expect(asks(pendant).at(-1)).toBeGreaterThan(at)
  })

  test('an alarm that is over has it asked anew within seconds, whatever was known before', () => {
    const pendant = asking()
    answered(pendant, ASK_FIRST_MS)
    pendant.at(60_000, { kind: 'cord', isParted: true })
    pendant.to(90_000)
    answer(pendant, TOLD_RESOLVED)
    pendant.to(120_000)
    expect(asks(pendant).slice(1)).toContain(90_000 + ASK_SOON_MS)
  })

  test('is over with the next armed: green and yellow once, and then dark', () => {
    const pendant = deaf()
    answered(pendant, THIRD_MS)
    expect(pendant.state()).toMatchObject({ isDeaf: 0, mood: MOOD_AGAIN })
    const before = pendant.nowMs()
    pendant.to(before + 60_000)
    expect(
      pendant
        .lit()
        .filter(({ atMs }) => atMs >= before)
        .map(({ colours }) => colours),
    ).toEqual([2, 3, 0])
    expect(pendant.state().mood).toBe(MOOD_DARK)
  })

  test('is over with a test that passes, after which it is asked within seconds whether anybody would come', () => {
    const pendant = deaf()
    const at = DEAF_MS + 6_000
    for (let i = 0; i < 4; i++) {
      pendant.at(at + i * 1000, { kind: 'button', isDown: true })
      pendant.at(at + i * 1000 + 150, { kind: 'button', isDown: false })
    }
    pendant.to(at + 6000)
    answer(pendant, TOLD_TEST_PASSED)
    expect(pendant.state().isDeaf).toBe(0)
    const testedAtMs = pendant.nowMs()
    pendant.to(testedAtMs + ASK_SOON_MS)
    expect(asks(pendant).slice(2)).toEqual([testedAtMs + ASK_SOON_MS])
  })
})
