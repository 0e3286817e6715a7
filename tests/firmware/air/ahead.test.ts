// What a board without AES works out ahead, against the pendant itself: whatever it sends, an alarm that follows is ready.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealerOn } from '../../../firmware/air/frame.ts'
import { softAes } from '../../../firmware/air/ready.ts'
import { benchOf } from '../../../firmware/air/seal.ts'
import {
  KIND_ASK,
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
  TOLD_ACKNOWLEDGED,
} from '../../../schemas/frame.ts'
import { drive, type Frame, type Input, KEY, settingsWith, wakeAtMs } from '../driven.ts'
import { addressOf, bytes, hex, aes as theirs } from './aes.ts'

const ADDRESS = addressOf('c7:f9:36:dd:b0:ca')

/** A pendant of a board without AES. `sent` has each frame, and what it took to look up for it. */
const worn = (more: Readonly<Record<string, unknown>> = {}) => {
  const waiting: (() => void)[] = []
  let looks = 0
  const aes = softAes({
    look: (from, to, map) => {
      looks++
      from.forEach((place, i) => {
        to[i] = map[place] as number
      })
    },
    named: given => Buffer.from(given).toString('latin1'),
    later: run => waiting.push(run),
    hands: () => 0,
  })
  const bench = benchOf(aes, bytes(KEY), ADDRESS)
  const seal = sealerOn(bench)
  const other = sealerOn(benchOf(theirs, bytes(KEY), ADDRESS))
  const pendant = drive({}, settingsWith(more))
  const sent: { atMs: number; frame: Frame; counter: number; looks: number }[] = []
  const rest = (): void => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) run()
  }
  /** One turn is over: what it sends is sealed, and then told. */
  const sealed = (): void => {
    const frames = pendant.advertised()
    if (frames.length === sent.length) return
    const { atMs, counter, frame } = frames.at(-1) as (typeof frames)[number]
    looks = 0
    const made = hex(seal(pendant.state()))
    sent.push({ atMs, counter, frame, looks })
    expect(made).toBe(hex(other(pendant.state())))
    bench.ahead?.()
  }
  const to = (atMs: number): void => {
    while (wakeAtMs(pendant.state()) <= atMs) {
      rest()
      pendant.to(Math.max(pendant.nowMs(), wakeAtMs(pendant.state())))
      sealed()
    }
    pendant.to(atMs)
  }
  /** `isSudden`: nothing is worked out between the last frame and this. */
  const give = (atMs: number, input: Input, isSudden = false): void => {
    to(atMs)
    if (!isSudden) rest()
    pendant.at(atMs, input)
    sealed()
  }
  sealed()
  /** Down for so long, and let go. */
  const press = (atMs: number, forMs: number): void => {
    give(atMs, { kind: 'button', isDown: true })
    give(atMs + forMs, { kind: 'button', isDown: false })
  }
  return { pendant, sent, to, give, press }
}

type Worn = ReturnType<typeof worn>

const presses = (count: number, holdMs: number) => (pendant: Worn) => {
  pendant.press(20_000, 700)
  for (let i = 0; i < count; i++) pendant.press(22_000 + i * 300, 150)
  pendant.press(22_000 + count * 300, holdMs)
}

/** Each ends in the middle of what it is about. */
const STATES: {
  what: string
  kinds: number[]
  bring: (pendant: Worn) => void
  more?: Readonly<Record<string, unknown>>
}[] = [
  { what: 'an idle frame', kinds: [KIND_IDLE], bring: pendant => pendant.to(60_500) },
  {
    what: 'a frame of an ask',
    kinds: [KIND_ASK],
    bring: pendant => pendant.to(12_500),
    more: { askEveryMs: 60_000 },
  },
  {
    what: 'a frame of an okay',
    kinds: [KIND_OKAY],
    bring: pendant => {
      pendant.press(20_000, 150)
      pendant.to(23_000)
    },
  },
  {
    what: 'a frame of a test',
    kinds: [KIND_TEST],
    bring: pendant => {
      for (let i = 0; i < 4; i++) pendant.press(20_000 + i * 1000, 150)
      pendant.to(28_000)
    },
  },
  {
    what: 'a frame of a cancel',
    kinds: [KIND_CANCEL],
    bring: pendant => {
      presses(3, 2000)(pendant)
      pendant.to(29_000)
    },
  },
  {
    what: 'a frame of a duress that seems to ask',
    kinds: [KIND_DURESS_ASKING, KIND_DURESS_ASKING + KIND_DURESS_TURN],
    bring: pendant => {
      presses(2, 2000)(pendant)
      pendant.to(29_000)
    },
  },
  {
    what: 'a frame of a duress',
    kinds: [KIND_DURESS],
    bring: pendant => {
      presses(2, 2000)(pendant)
      pendant.to(60_000)
    },
  },
  {
    what: 'a frame of a call for assistance',
    kinds: [KIND_ASSIST],
    bring: pendant => {
      pendant.press(20_000, 150)
      pendant.press(20_300, 150)
      pendant.to(23_000)
    },
  },
  {
    what: 'a frame of an alarm that somebody has',
    kinds: [KIND_BUTTON],
    bring: pendant => {
      pendant.press(20_000, 700)
      pendant.to(22_000)
      const { number, frameCounter } = pendant.pendant.state()
      const beacon = { counter: 1, told: TOLD_ACKNOWLEDGED, number, frameCounter }
      pendant.give(22_000, { kind: 'beacon', beacon })
      pendant.to(24_000)
    },
  },
]

const lastOf = (pendant: Worn) => pendant.sent.at(-1) as Worn['sent'][number]

test.each(
  STATES.flatMap(state => [
    { ...state, when: 'once it rests', isSudden: false },
    { ...state, when: 'at its very instant', isSudden: true },
  ]),
)('the cord pulled after $what, $when, is ready', ({ bring, kinds, more, isSudden }) => {
  const pendant = worn(more)
  bring(pendant)
  const { length } = pendant.sent
  while (isSudden && pendant.sent.length === length) pendant.to(wakeAtMs(pendant.pendant.state()))
  const before = lastOf(pendant)
  expect(kinds).toContain(before.frame.kind)
  pendant.give(pendant.pendant.nowMs(), { kind: 'cord', isParted: true }, isSudden)
  expect(lastOf(pendant).frame).toMatchObject({ kind: KIND_CORD, number: before.frame.number + 1 })
  expect(lastOf(pendant).looks).toBe(0)
})

test.each(STATES)('a hold after $what is ready', ({ bring, more }) => {
  const pendant = worn(more)
  bring(pendant)
  const { number } = lastOf(pendant).frame
  pendant.press(pendant.pendant.nowMs(), 4500)
  const first = pendant.sent.find(({ frame }) => frame.number === number + 1)
  expect(first?.frame.kind).toBe(KIND_BUTTON)
  expect(first?.looks).toBe(0)
})

test('whatever the hands do, an alarm of cord or hold is ready once it rests, and no counter comes twice', () => {
  const edge = fc.record({
    afterMs: fc.oneof(fc.constantFrom(150, 200, 700, 2000), fc.integer({ min: 100, max: 9000 })),
    isCord: fc.boolean(),
  })
  let alarms = 0
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 40 }), fc.constantFrom(0, 60_000), (edges, askEveryMs) => {
      const pendant = worn({ askEveryMs })
      let atMs = 9000
      let isParted = false
      let isDown = false
      for (const { afterMs, isCord } of edges) {
        atMs += afterMs
        if (isCord) isParted = !isParted
        else isDown = !isDown
        pendant.give(atMs, isCord ? { kind: 'cord', isParted } : { kind: 'button', isDown })
      }
      const { sent } = pendant
      sent.forEach(({ frame, counter, looks }, i) => {
        if (i === 0) return
        const before = sent[i - 1] as (typeof sent)[number]
        expect(counter).toBe(before.counter + 1)
        if (frame.number === before.frame.number || frame.kind > KIND_BUTTON) return
        alarms++
        expect(looks).toBe(0)
      })
    }),
  )
  expect(alarms).toBeGreaterThan(0)
})
