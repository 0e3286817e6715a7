// Man-down over time: patterns drawn from how people walk, sit, lie and fall, and how pendants lie about. Drawn, not recorded.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MOTION_WORN } from '../../../firmware/board.ts'
import { LEARNT_MIN, MOTION_SILENT_MS, sampled, WORN_MIN } from '../../../firmware/wearer/fall.ts'
import { MOOD_DARK, MOOD_FAULT, MOOD_MAN_DOWN } from '../../../firmware/wearer/lights.ts'
import { FLAG_FAULT, KIND_BUTTON, KIND_CORD, KIND_IDLE, KIND_MAN_DOWN } from '../../../schemas/frame.ts'
import { type Boot, drive, settingsWith } from '../driven.ts'

const SAMPLE_MS = 625
const STILL_MS = 30_000
const PRE_ALARM_MS = 15_000
const MINUTE_MS = 60_000

type Pattern = (i: number) => readonly [x: number, y: number, z: number]

const wave = (i: number, of: number, mg: number): number => mg * Math.sin((i * 2 * Math.PI) / of)
/** Upright is y. A step and a swing each sample. */
const walking: Pattern = i => [wave(i, 3.1, 180), 1000 + wave(i, 2.3, 220), 150 + wave(i, 2.7, 120)]
/** Leaning forward by 15 degrees, breathing: 4 s a breath, 2 degrees. */
const sitting: Pattern = i => [5, 966, 259 + wave(i, 6.4, 35)]
const slumped: Pattern = i => [5, 707, 707 + wave(i, 6.4, 35)]
const lying: Pattern = i => [40, 90, 990 + wave(i, 6.4, 35)]
const onTheSide: Pattern = i => [980, 60, 150 + wave(i, 6.4, 35)]
const onTheTable: Pattern = i => [3, 8, 1000 + wave(i, 2.2, 4)]
const falling: Pattern = i => [i % 2 ? 900 : -1300, i % 3 ? -200 : 1900, i % 2 ? 1600 : -700]
const writhing: Pattern = i => [wave(i, 3.3, 500), wave(i, 2.9, 400), 900 + wave(i, 2.1, 300)]
/** A drawer that is opened now and then would have to be opened for a minute; this one is hit by its neighbours. */
const inADrawer: Pattern = i => [0, i % 400 === 399 ? 300 : 20, 1000]

const worn = (more: Readonly<Record<string, unknown>> = {}, boot: Partial<Boot> = {}) => {
  const pendant = drive(boot, settingsWith({ manDown: 1, ...more }))
  let i = 0
  return {
    ...pendant,
    feel: (pattern: Pattern, forMs: number): void => {
      for (const endMs = pendant.nowMs() + forMs; pendant.nowMs() + SAMPLE_MS <= endMs; i++) {
        const [x, y, z] = pattern(i)
        pendant.at(pendant.nowMs() + SAMPLE_MS, { kind: 'motion', x, y, z })
      }
    },
    kinds: () => [...new Set(pendant.advertised().map(({ frame }) => frame.kind))],
    number: () => pendant.state().number,
    mood: () => pendant.state().mood,
  }
}
const walked = (more: Readonly<Record<string, unknown>> = {}, boot: Partial<Boot> = {}) => {
  const pendant = worn(more, boot)
  pendant.feel(walking, 2 * MINUTE_MS)
  return pendant
}
/** Somebody who walks, falls and lies, up to the middle of the pre-alarm. */
const fallen = (more: Readonly<Record<string, unknown>> = {}) => {
  const pendant = walked(more)
  pendant.feel(falling, 2000)
  pendant.feel(lying, STILL_MS + 5000)
  expect(pendant.mood()).toBe(MOOD_MAN_DOWN)
  return pendant
}

describe('what is an alarm', () => {
  test.each([
    { what: 'lies on the back', pattern: lying },
    { what: 'lies on the side', pattern: onTheSide },
  ])('who falls and $what and is still for 30 s has a pre-alarm, and 15 s later an alarm', ({ pattern }) => {
    const pendant = walked()
    pendant.feel(falling, 2000)
    const fellAtMs = pendant.nowMs()
    pendant.feel(pattern, STILL_MS)
    expect(pendant.mood()).toBe(MOOD_DARK)
    pendant.feel(pattern, 2 * SAMPLE_MS)
    expect(pendant.mood()).toBe(MOOD_MAN_DOWN)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
    pendant.feel(pattern, PRE_ALARM_MS + SAMPLE_MS)
    const first = pendant.advertised().find(({ frame }) => frame.kind !== KIND_IDLE)
    expect(first).toMatchObject({ frame: { kind: KIND_MAN_DOWN, number: 1 }, intervalMs: 100 })
    expect((first?.atMs ?? 0) - fellAtMs).toBeGreaterThanOrEqual(STILL_MS + PRE_ALARM_MS)
    expect((first?.atMs ?? 0) - fellAtMs).toBeLessThanOrEqual(STILL_MS + PRE_ALARM_MS + 2 * SAMPLE_MS)
    pendant.feel(pattern, 20 * MINUTE_MS)
    expect(pendant.number()).toBe(1)
  })

  test('half a minute of writhing on the floor does not become the upright', () => {
    const pendant = walked()
    pendant.feel(falling, 2000)
    pendant.feel(writhing, 30_000)
    pendant.feel(lying, STILL_MS + PRE_ALARM_MS + 2000)
    expect(pendant.kinds()).toEqual([KIND_IDLE, KIND_MAN_DOWN])
  })

  test('the pre-alarm is yellow and red in quick turns, and nothing of it is on the air', () => {
    const pendant = fallen()
    const seen = pendant.lit().slice(-6)
    expect(seen.map(({ colours }) => colours)).toEqual(expect.arrayContaining([0, 1, 3]))
    expect((seen[5]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeLessThan(1000)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
  })

  test('a watch has no upright: there it is stillness alone, after movement', () => {
    const pendant = walked({ stillMs: 300_000 }, { motionKind: MOTION_WORN })
    pendant.feel(sitting, 299_000)
    expect(pendant.mood()).toBe(MOOD_DARK)
    pendant.feel(sitting, 20_000)
    expect(pendant.kinds()).toEqual([KIND_IDLE, KIND_MAN_DOWN])
  })
})

describe('what is none', () => {
  test.each([
    { what: 'walking', pattern: walking },
    { what: 'sitting upright at a desk, still', pattern: sitting },
    { what: 'slumped by 45 degrees, still', pattern: slumped },
    { what: 'writhing, which is movement', pattern: writhing },
  ])('$what for an hour', ({ pattern }) => {
    const pendant = walked()
    pendant.feel(pattern, 60 * MINUTE_MS)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
    expect(pendant.lit()).toEqual([])
  })

  test.each([
    { what: 'on a table', pattern: onTheTable },
    { what: 'in a drawer that is bumped every few minutes', pattern: inADrawer },
    { what: 'on its side on a charger', pattern: onTheSide },
  ])('$what since power-on, for a day', ({ pattern }) => {
    const pendant = worn({ heartbeatMs: 10_000 })
    pendant.feel(pattern, 24 * 60 * MINUTE_MS)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
    expect(pendant.lit()).toEqual([])
  })

  test('a watch that lies still since power-on', () => {
    const pendant = worn({ stillMs: 300_000 }, { motionKind: MOTION_WORN })
    pendant.feel(onTheTable, 60 * MINUTE_MS)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
  })

  test('who has walked too little for upright to be known is not watched yet', () => {
    const pendant = worn()
    pendant.feel(walking, (LEARNT_MIN + WORN_MIN - 3) * SAMPLE_MS)
    pendant.feel(lying, 5 * MINUTE_MS)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
  })

  test('who turns over and over while it learns has no upright', () => {
    const pendant = worn()
    for (let i = 0; i < 10; i++) {
      pendant.feel(writhing, 30_000)
      pendant.feel(walking, 30_000)
    }
    pendant.feel(onTheSide, 5 * MINUTE_MS)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
  })
})

describe('taken off and laid on a table', () => {
  test('it is one alarm where nobody answers, however often the table is bumped, until it is worn again', () => {
    const pendant = walked({ timeoutMs: 300_000 })
    pendant.feel(onTheTable, 10 * MINUTE_MS)
    expect(pendant.number()).toBe(1)
    for (let i = 0; i < 5; i++) {
      pendant.feel(falling, 2000)
      pendant.feel(onTheTable, 10 * MINUTE_MS)
    }
    expect(pendant.number()).toBe(1)
    pendant.feel(walking, MINUTE_MS)
    pendant.feel(lying, MINUTE_MS)
    expect(pendant.number()).toBe(2)
  })

  test('a press in its pre-alarm and it says nothing all night', () => {
    const pendant = fallen()
    pendant.at(pendant.nowMs(), { kind: 'button', isDown: true })
    pendant.at(pendant.nowMs() + 150, { kind: 'button', isDown: false })
    pendant.feel(onTheTable, 10 * 60 * MINUTE_MS)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
    expect(pendant.mood()).toBe(MOOD_DARK)
  })
})

describe('what stops a pre-alarm', () => {
  test('any movement, and stillness begins anew', () => {
    const pendant = fallen()
    pendant.at(pendant.nowMs() + 100, { kind: 'motion', x: 300, y: 300, z: 900 })
    expect(pendant.mood()).toBe(MOOD_DARK)
    expect(pendant.lit().at(-1)).toMatchObject({ atMs: pendant.nowMs(), colours: 0 })
    pendant.feel(lying, STILL_MS - 2000)
    expect(pendant.mood()).toBe(MOOD_DARK)
    expect(pendant.kinds()).toEqual([KIND_IDLE])
    pendant.feel(lying, PRE_ALARM_MS + 5000)
    expect(pendant.kinds()).toEqual([KIND_IDLE, KIND_MAN_DOWN])
  })

  test('a press, which is nothing else: no okay, nor one of the four of a test', () => {
    const pendant = fallen()
    for (let i = 0; i < 4; i++) {
      pendant.at(pendant.nowMs() + (i === 0 ? 0 : 850), { kind: 'button', isDown: true })
      if (i === 0) expect(pendant.mood()).toBe(MOOD_DARK)
      pendant.at(pendant.nowMs() + 150, { kind: 'button', isDown: false })
      pendant.to(pendant.nowMs() + 400)
      if (i === 0) expect(pendant.kinds()).toEqual([KIND_IDLE])
    }
    expect(pendant.kinds()).toEqual([KIND_IDLE, 8])
  })

  test('a hold stops it too, and is an alarm of the button; two presses call for assistance', () => {
    const held = fallen()
    held.at(held.nowMs(), { kind: 'button', isDown: true })
    held.to(held.nowMs() + 600)
    expect(held.last()).toMatchObject({ frame: { kind: KIND_BUTTON, number: 1 } })
    const twice = fallen()
    for (const [afterMs, isDown] of [
      [0, true],
      [150, false],
      [150, true],
      [150, false],
    ] as const)
      twice.at(twice.nowMs() + afterMs, { kind: 'button', isDown })
    expect(twice.last()).toMatchObject({ frame: { kind: 3, number: 1 } })
  })

  test('a pulled cord is an alarm of the cord, and no man-down follows it', () => {
    const pendant = fallen()
    pendant.at(pendant.nowMs(), { kind: 'cord', isParted: true })
    expect(pendant.last()).toMatchObject({ frame: { kind: KIND_CORD, number: 1 } })
    pendant.feel(lying, 20 * MINUTE_MS)
    expect(pendant.number()).toBe(1)
  })
})

describe('beside other alarms', () => {
  test('none while one is open, nor after its end until the wearer was seen upright and moving', () => {
    const pendant = walked({ timeoutMs: 300_000 })
    pendant.at(pendant.nowMs(), { kind: 'cord', isParted: true })
    pendant.feel(lying, 10 * MINUTE_MS)
    expect(pendant.state().alarmKind).toBe(KIND_IDLE)
    expect(pendant.number()).toBe(1)
    pendant.feel(walking, WORN_MIN * SAMPLE_MS + 2000)
    pendant.feel(lying, MINUTE_MS)
    expect(pendant.number()).toBe(2)
  })

  test('none at power-on, after an alarm of it that goes on', () => {
    const pendant = worn({ timeoutMs: 300_000 }, { alarmKind: KIND_MAN_DOWN, number: 9 })
    pendant.feel(lying, 30 * MINUTE_MS)
    expect(pendant.kinds()).toEqual([KIND_MAN_DOWN, KIND_IDLE])
    expect(pendant.number()).toBe(9)
  })
})

test.each([86_400_000, -86_400_000, 40_000, -5000])(
  'a clock that is set by %d ms neither begins nor forgets it',
  byMs => {
    const still = walked()
    still.feel(lying, 10_000)
    still.jump(byMs)
    still.feel(lying, 15_000)
    expect(still.mood()).toBe(MOOD_DARK)
    still.feel(lying, 10_000)
    expect(still.mood()).toBe(MOOD_MAN_DOWN)
    still.jump(byMs)
    still.feel(lying, 5000)
    expect(still.kinds()).toEqual([KIND_IDLE])
    still.feel(lying, PRE_ALARM_MS)
    expect(still.kinds()).toEqual([KIND_IDLE, KIND_MAN_DOWN])
  },
)

test.each([3_600_000, -3_600_000])(
  'a clock that is set by %d ms and first seen by a sample asks for a turn, and nothing is concluded',
  byMs => {
    const pendant = walked()
    pendant.feel(lying, 10_000)
    const before = pendant.seen()
    expect(sampled(pendant.state(), pendant.nowMs() + byMs, 40, 90, 990)).toBe(true)
    expect(pendant.seen()).toEqual(before)
  },
)

test('a sensor that falls silent is a fault, shown, until it tells again', () => {
  const pendant = walked()
  pendant.to(pendant.nowMs() + 2 * MOTION_SILENT_MS)
  expect(pendant.mood()).toBe(MOOD_FAULT)
  expect(pendant.last()).toMatchObject({ frame: { flags: FLAG_FAULT } })
  pendant.feel(walking, MOTION_SILENT_MS + 2000)
  expect(pendant.last()).toMatchObject({ frame: { flags: 0 } })
})

test('with manDown 0 no movement ever changes anything', () => {
  const mg = fc.integer({ min: -4000, max: 4000 })
  const inputs = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('motion' as const), x: mg, y: mg, z: mg }) },
      fc.record({ kind: fc.constant('button' as const), isDown: fc.boolean() }),
      fc.record({ kind: fc.constant('cord' as const), isParted: fc.boolean() }),
    ),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(inputs, fc.integer({ min: 1, max: 50_000 }), (list, everyMs) => {
      const [moved, unmoved] = [drive(), drive()]
      for (const input of list) {
        moved.at(moved.nowMs() + everyMs, input)
        if (input.kind === 'motion') unmoved.to(unmoved.nowMs() + everyMs)
        else unmoved.at(unmoved.nowMs() + everyMs, input)
      }
      expect(moved.seen()).toEqual(unmoved.seen())
      expect(moved.done).toEqual(unmoved.done)
    }),
  )
})
