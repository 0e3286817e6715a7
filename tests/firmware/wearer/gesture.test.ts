// What hands, clothes, hugs and loose cords do to a pendant, as edges in time, and what it makes of them.
import { describe, expect, test } from 'vitest'
import { isFaulty } from '../../../firmware/state.ts'
import {
  MOOD_BEGUN,
  MOOD_DARK,
  MOOD_TAKEN,
  MOOD_TEST_FAILED,
  MOOD_TEST_PASSED,
  MOOD_TESTING,
} from '../../../firmware/wearer/lights.ts'
import {
  FLAG_FAULT,
  KIND_ASSIST,
  KIND_BUTTON,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_DURESS_ASKING,
  KIND_DURESS_TURN,
  KIND_IDLE,
  KIND_OKAY,
  KIND_TEST,
  TOLD_ARMED,
  TOLD_COMING,
  TOLD_RESOLVED,
  TOLD_TEST_PASSED,
} from '../../../schemas/frame.ts'
import { drive } from '../driven.ts'

type Driven = ReturnType<typeof drive>

const parted = { kind: 'cord', isParted: true } as const
const closed = { kind: 'cord', isParted: false } as const
const down = { kind: 'button', isDown: true } as const
const up = { kind: 'button', isDown: false } as const
const beacon = (counter: number, told: number, number: number, frameCounter: number) =>
  ({ kind: 'beacon', beacon: { counter, told, number, frameCounter } }) as const

/** Presses the button from `fromMs` on: down for the first, up for the second, and so on; answers the end. */
const edges = (pendant: Driven, fromMs: number, ...lengthsMs: number[]): number => {
  let atMs = fromMs
  for (const [i, lengthMs] of lengthsMs.entries()) {
    pendant.at(atMs, i % 2 === 0 ? down : up)
    atMs += lengthMs
  }
  pendant.at(atMs, lengthsMs.length % 2 === 0 ? down : up)
  return atMs
}

/** Kinds on the air in their order, each once, with its alarm number. */
const said = (pendant: Driven, fromMs = 0): [number, number][] =>
  pendant
    .advertised()
    .filter(({ atMs }) => atMs >= fromMs)
    .map(({ frame }): [number, number] => [frame.kind, frame.number])
    .filter(([kind, number], i, all) => kind !== all[i - 1]?.[0] || number !== all[i - 1]?.[1])

const CANCEL = [150, 150, 150, 150, 150, 150, 2000]
const DURESS = [150, 150, 150, 150, 2000]

describe('a press', () => {
  test('alone is an okay: sent for five seconds under one new packet id, no alarm, and nothing looks taken', () => {
    const pendant = drive()
    edges(pendant, 1000, 150)
    pendant.to(20_000)
    expect(said(pendant)).toEqual([
      [KIND_IDLE, 0],
      [KIND_OKAY, 0],
      [KIND_IDLE, 0],
    ])
    const okay = pendant.advertised().filter(({ frame }) => frame.kind === KIND_OKAY)
    expect(okay[0]).toMatchObject({ atMs: 1500, intervalMs: 100, frame: { button: 1 } })
    expect(okay.at(-1)?.atMs).toBe(5500)
    expect(new Set(okay.map(({ frame }) => frame.packetId)).size).toBe(1)
    expect(pendant.lit().map(({ atMs, colours }) => [atMs, colours])).toEqual([
      [6500, 1],
      [6650, 0],
      [6750, 4],
      [6900, 0],
      [7000, 1],
      [7150, 0],
      [7250, 4],
      [7400, 0],
    ])
    edges(pendant, 30_000, 150)
    pendant.to(31_000)
    expect(pendant.advertised().at(-1)?.frame.packetId).not.toBe(okay[0]?.frame.packetId)
  })

  test('is taken once a beacon about one of its frames has said armed, and then it is sent no longer', () => {
    const pendant = drive()
    edges(pendant, 1000, 150)
    pendant.to(2550)
    expect(pendant.state()).toMatchObject({ isScanning: 1, mood: MOOD_DARK })
    const { counter, eventCounter } = pendant.state()
    for (const wrong of [
      beacon(7, TOLD_COMING, 0, counter - 1),
      beacon(7, TOLD_ARMED, 1, counter - 1),
      beacon(7, TOLD_ARMED, 0, eventCounter - 1),
      beacon(7, TOLD_ARMED, 0, counter),
    ])
      pendant.at(2550, wrong)
    expect(pendant.lit()).toEqual([])
    pendant.at(2600, beacon(7, TOLD_ARMED, 0, counter - 1))
    expect(pendant.state()).toMatchObject({ mood: MOOD_TAKEN, eventKind: 0, isScanning: 0 })
    pendant.to(20_000)
    expect(pendant.lit().map(({ colours }) => colours)).toEqual([3, 0])
    expect(said(pendant).at(-1)).toEqual([KIND_IDLE, 0])
  })

  test('twice is assistance, at the second release and not a moment later', () => {
    const pendant = drive()
    edges(pendant, 1000, 150, 150, 150)
    expect(pendant.advertised().at(-1)).toMatchObject({
      atMs: 1450,
      intervalMs: 100,
      frame: { kind: KIND_ASSIST, number: 1, button: 2 },
    })
    expect(pendant.state().mood).toBe(MOOD_BEGUN)
  })

  test('and then a hold is an alarm after the hold alone: nothing is waited for', () => {
    const pendant = drive()
    edges(pendant, 1000, 150, 200, 700)
    expect(said(pendant)).toEqual([
      [KIND_IDLE, 0],
      [KIND_BUTTON, 1],
    ])
    expect(pendant.advertised().find(({ frame }) => frame.kind === KIND_BUTTON)?.atMs).toBe(1950)
  })

  test('in an okay the cord is an alarm at once', () => {
    const pendant = drive()
    edges(pendant, 1000, 150)
    pendant.at(2000, parted)
    expect(pendant.advertised().at(-1)).toMatchObject({ atMs: 2000, frame: { kind: KIND_CORD } })
    pendant.to(20_000)
    expect(said(pendant).at(-1)).toEqual([KIND_CORD, 1])
  })
})

describe('what is no gesture', () => {
  // Edges in ms as contact closes and opens, after the chip's own 25 ms of debounce.
  test.each([
    { name: 'a firm hug of two seconds that squeezes three times', pattern: [480, 700, 520, 400, 450] },
    {
      name: 'a hug with a zip: short contacts close together',
      pattern: [30, 40, 45, 30, 80, 50, 30, 45, 35],
    },
    { name: 'a hug that presses, slips and presses again', pattern: [300, 40, 500] },
    { name: 'a bounce storm of a worn switch', pattern: Array.from({ length: 99 }, () => 30) },
    { name: 'a coat that rubs', pattern: [26, 2000, 28, 900, 40, 300, 30] },
    { name: 'a seat belt: one squeeze just short of a hold', pattern: [590] },
  ])('no alarm comes of $name', ({ pattern }) => {
    const pendant = drive()
    edges(pendant, 1000, ...pattern)
    pendant.to(60_000)
    expect(pendant.state().number).toBe(0)
    expect(said(pendant).every(([kind]) => kind === KIND_IDLE || kind === KIND_OKAY)).toBe(true)
  })

  test('a hold that comes out of a storm is still an alarm', () => {
    const pendant = drive()
    const endMs = edges(pendant, 1000, ...Array.from({ length: 20 }, () => 30))
    pendant.to(endMs + 600)
    expect(said(pendant).at(-1)).toEqual([KIND_BUTTON, 1])
  })

  test('the battery goes in with the button down, the cord out and both loose: no alarm', () => {
    const pendant = drive({ isCordParted: true, isButtonDown: true })
    for (let atMs = 100; atMs < 3000; atMs += 300) {
      pendant.at(atMs, closed)
      pendant.at(atMs + 150, parted)
    }
    pendant.at(5000, up)
    pendant.to(30_000)
    expect(said(pendant)).toEqual([[KIND_IDLE, 0]])
  })
})

describe('a cord that hangs by a thread', () => {
  test('is one alarm, however often it touches', () => {
    const pendant = drive()
    for (let atMs = 1000; atMs < 120_000; atMs += 400) {
      pendant.at(atMs, parted)
      pendant.at(atMs + 200, closed)
    }
    expect(said(pendant)).toEqual([
      [KIND_IDLE, 0],
      [KIND_CORD, 1],
    ])
  })

  test('does not keep its alarm going for ever, and left alone makes one alarm in half an hour', () => {
    const pendant = drive()
    for (let atMs = 1000; atMs < 3_000_000; atMs += 2000) {
      pendant.at(atMs, parted)
      pendant.at(atMs + 1000, closed)
    }
    expect(said(pendant).filter(([kind]) => kind === KIND_CORD)).toEqual([
      [KIND_CORD, 1],
      [KIND_CORD, 2],
    ])
  })

  test('that parts in an alarm of another kind is an alarm of its own', () => {
    const pendant = drive()
    edges(pendant, 1000, 700)
    pendant.at(2000, parted)
    expect(said(pendant).at(-1)).toEqual([KIND_CORD, 2])
  })
})

describe('a stuck button', () => {
  test('is one alarm, then a fault as well, and works again when it was let go', () => {
    const pendant = drive()
    pendant.at(1000, down)
    pendant.to(60_000)
    expect(pendant.advertised().at(-1)?.frame).toMatchObject({ kind: KIND_BUTTON, number: 1, flags: 0 })
    pendant.to(61_000)
    expect(pendant.advertised().at(-1)?.frame.flags).toBe(FLAG_FAULT)
    pendant.to(2_000_000)
    expect(pendant.advertised().at(-1)?.frame).toMatchObject({ kind: KIND_IDLE, number: 1 })
    expect(pendant.advertised().at(-1)?.frame.flags).toBe(FLAG_FAULT)
    pendant.at(2_000_500, up)
    expect(isFaulty(pendant.state())).toBe(false)
    edges(pendant, 2_010_000, 700)
    expect(said(pendant).at(-1)).toEqual([KIND_BUTTON, 2])
  })
})

describe('in an alarm', () => {
  const pulled = (): Driven => {
    const pendant = drive()
    pendant.at(1000, parted)
    pendant.to(10_000)
    return pendant
  }

  test('three presses and a hold of two seconds cancel it: dark at once, told for twelve seconds, then idle', () => {
    const pendant = pulled()
    const endMs = edges(pendant, 10_000, ...CANCEL)
    expect(pendant.state()).toMatchObject({ alarmKind: 0, mood: MOOD_DARK, isScanning: 0 })
    expect(pendant.state().colours).toBe(0)
    expect(pendant.lit().at(-1)?.atMs).toBeLessThanOrEqual(endMs)
    pendant.to(40_000)
    expect(said(pendant, endMs)).toEqual([
      [KIND_CANCEL, 1],
      [KIND_IDLE, 1],
    ])
    expect(pendant.advertised().filter(({ frame }) => frame.kind === KIND_CANCEL)).toHaveLength(12)
  })

  test('two presses and the same hold are a duress: the next number, and it goes on', () => {
    const pendant = pulled()
    const endMs = edges(pendant, 10_000, ...DURESS)
    expect(pendant.advertised().at(-1)).toMatchObject({
      atMs: endMs,
      intervalMs: 100,
      // Which asks besides, as a cancel does.
      frame: { kind: KIND_DURESS_ASKING + KIND_DURESS_TURN, number: 2 },
    })
    pendant.to(600_000)
    expect(said(pendant, endMs)).toEqual([
      [KIND_DURESS_ASKING + KIND_DURESS_TURN, 2],
      [KIND_DURESS, 2],
    ])
  })

  test('nothing on the pendant tells a duress from a cancel, whatever is done and told afterwards', () => {
    const seen = [CANCEL, DURESS].map(pattern => {
      const pendant = pulled()
      // Both let go at the same instant.
      const beganMs = 20_000 - pattern.reduce((sum, ms) => sum + ms, 0)
      edges(pendant, beganMs, ...pattern)
      const counter = pendant.advertised().at(-1)?.counter ?? 0
      pendant.at(21_000, beacon(9, TOLD_COMING, pendant.state().number, counter))
      edges(pendant, 30_000, 150)
      pendant.at(34_000, closed)
      edges(pendant, 40_000, 150, 700, 150, 700, 150, 700, 150)
      pendant.at(80_000, beacon(11, TOLD_RESOLVED, pendant.state().number, pendant.state().counter - 1))
      edges(pendant, 90_000, 150, 150, 150)
      pendant.to(100_000)
      return pendant
        .lit()
        .filter(({ atMs }) => atMs >= 20_000)
        .map(({ atMs, colours }) => [atMs, colours])
    })
    expect(seen[0]?.length).toBeGreaterThan(30)
    expect(seen[1]).toEqual(seen[0])
  })

  test.each([
    { name: 'held too short', pattern: [150, 150, 150, 150, 150, 150, 1000] },
    { name: 'held too long: the button is pinned', pattern: [150, 150, 150, 150, 150, 150, 9000] },
    { name: 'with one press too few', pattern: [150, 150, 2000] },
    {
      name: 'with presses too many: somebody hammers on it',
      pattern: [...CANCEL.slice(0, 6), 150, 150, 2000],
    },
    { name: 'in a flutter', pattern: [150, 150, 150, 30, 150, 150, 2000] },
    { name: 'with presses too long', pattern: [450, 150, 450, 150, 450, 150, 2000] },
  ])('$name it is no cancel but one more alarm', ({ pattern }) => {
    const pendant = pulled()
    edges(pendant, 10_000, ...pattern)
    expect(said(pendant).at(-1)).toEqual([KIND_BUTTON, 2])
  })

  test('without a pause before it, it is no cancel: the hammering of a struggle has none', () => {
    const pendant = pulled()
    const endMs = edges(pendant, 10_000, 150, 450, 150)
    edges(pendant, endMs + 450, ...CANCEL)
    expect(said(pendant).at(-1)).toEqual([KIND_BUTTON, 2])
  })

  test('the presses that called for assistance are not the first of a cancel', () => {
    const pendant = drive()
    edges(pendant, 1000, ...CANCEL)
    expect(said(pendant).at(-1)).toEqual([KIND_BUTTON, 2])
  })

  test('that is resolved while the pattern is being held, or just before it, raises nothing when it is let go', () => {
    for (const resolvedAtMs of [12_000, 9000]) {
      const pendant = pulled()
      const resolve = (): void =>
        pendant.at(resolvedAtMs, beacon(7, TOLD_RESOLVED, 1, pendant.state().counter - 1))
      if (resolvedAtMs < 10_000) pendant.to(resolvedAtMs)
      if (resolvedAtMs < 10_000) resolve()
      edges(pendant, 10_000, 150, 150, 150, 150, 150, 150)
      if (resolvedAtMs > 10_000) resolve()
      expect(pendant.state().alarmKind).toBe(0)
      pendant.at(13_000, up)
      pendant.to(60_000)
      expect(said(pendant, 10_900).map(([kind]) => kind)).not.toContain(KIND_BUTTON)
      expect(said(pendant, 13_000).slice(-2)).toEqual([
        [KIND_CANCEL, 1],
        [KIND_IDLE, 1],
      ])
    }
  })

  test('that is resolved while the pattern is being held is an alarm all the same where the hold goes on', () => {
    const pendant = pulled()
    edges(pendant, 10_000, 150, 150, 150, 150, 150, 150)
    pendant.at(12_000, beacon(7, TOLD_RESOLVED, 1, pendant.state().counter - 1))
    pendant.to(15_000)
    expect(pendant.state()).toMatchObject({ alarmKind: KIND_BUTTON, number: 2 })
  })

  test('after a cancel the cord and the hold work as before', () => {
    const pendant = pulled()
    edges(pendant, 10_000, ...CANCEL)
    edges(pendant, 15_000, 700)
    expect(said(pendant).at(-1)).toEqual([KIND_BUTTON, 2])
    expect(pendant.state().mood).toBe(MOOD_BEGUN)
  })
})

describe('the test at the start of a shift', () => {
  const four = (pendant: Driven): number => edges(pendant, 1000, 150, 850, 150, 850, 150, 850, 150)

  test('is four presses, one a second; it is sent for twenty seconds and listens; nobody answers and it has failed', () => {
    const pendant = drive()
    four(pendant)
    pendant.to(4600)
    expect(pendant.advertised().at(-1)).toMatchObject({ frame: { kind: KIND_TEST, number: 0, button: 0 } })
    expect(pendant.state()).toMatchObject({ mood: MOOD_TESTING, isScanning: 1 })
    pendant.to(24_499)
    expect(pendant.state().mood).toBe(MOOD_TESTING)
    pendant.to(24_500)
    expect(pendant.state()).toMatchObject({ mood: MOOD_TEST_FAILED, eventKind: 0, isScanning: 0 })
    pendant.to(60_000)
    expect(said(pendant)).toEqual([
      [KIND_IDLE, 0],
      [KIND_OKAY, 0],
      [KIND_TEST, 0],
      [KIND_IDLE, 0],
    ])
  })

  test('shows passed when a beacon about one of its frames says so, and only then', () => {
    const pendant = drive()
    four(pendant)
    pendant.to(10_000)
    const { counter } = pendant.state()
    const first = pendant.state().eventCounter
    for (const wrong of [
      beacon(7, TOLD_RESOLVED, 0, counter - 1),
      beacon(7, TOLD_COMING, 0, counter - 1),
      beacon(7, TOLD_TEST_PASSED, 1, counter - 1),
      beacon(7, TOLD_TEST_PASSED, 0, first - 1),
      beacon(7, TOLD_TEST_PASSED, 0, counter),
    ])
      pendant.at(10_000, wrong)
    expect(pendant.state()).toMatchObject({ mood: MOOD_TESTING, beaconCounter: -1 })
    pendant.at(10_100, beacon(7, TOLD_TEST_PASSED, 0, counter - 1))
    expect(pendant.state()).toMatchObject({ mood: MOOD_TEST_PASSED, eventKind: 0, isScanning: 0 })
    pendant.to(12_000)
    expect(said(pendant).at(-1)).toEqual([KIND_IDLE, 0])
    expect(pendant.state().mood).toBe(MOOD_DARK)
  })

  test('an alarm ends it at once, and no test is ever told about an alarm', () => {
    const pendant = drive()
    four(pendant)
    pendant.at(10_000, parted)
    pendant.to(12_000)
    pendant.at(12_000, beacon(7, TOLD_TEST_PASSED, 1, pendant.state().counter - 1))
    expect(pendant.state()).toMatchObject({ mood: MOOD_BEGUN, eventKind: 0, beaconCounter: -1 })
    expect(said(pendant).at(-1)).toEqual([KIND_CORD, 1])
  })

  test('slow presses in an alarm are no test', () => {
    const pendant = drive()
    pendant.at(500, parted)
    four(pendant)
    pendant.to(10_000)
    expect(said(pendant).at(-1)).toEqual([KIND_CORD, 1])
    expect(pendant.state().mood).toBe(MOOD_BEGUN)
  })

  test('with a pause that is too long it is four times okay', () => {
    const pendant = drive()
    edges(pendant, 1000, 150, 850, 150, 4000, 150, 850, 150)
    pendant.to(30_000)
    expect(said(pendant).some(([kind]) => kind === KIND_TEST)).toBe(false)
    expect(pendant.state().mood).not.toBe(MOOD_TAKEN)
  })
})

describe('the clock', () => {
  test.each([86_400_000, -86_400_000])('that jumps %i ms ends no alarm and stops no frame', byMs => {
    const pendant = drive()
    pendant.at(1000, parted)
    pendant.to(5000)
    pendant.jump(byMs)
    const before = pendant.advertised().length
    pendant.to(pendant.nowMs() + 60_000)
    expect(said(pendant).at(-1)).toEqual([KIND_CORD, 1])
    expect(pendant.advertised().length - before).toBeGreaterThanOrEqual(59)
  })
})
