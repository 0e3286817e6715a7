// Ten thousand pendants, each through several lives: hands that do anything, falls, a clock that jumps, a flash that fails
// and a battery that is pulled at any step of any write. The whole firmware runs above the port of the board, on marks in a
// real file format; AES is left out (a key stream of noughts), so that what is on the air can be read as it is.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Board, MOTION_HUNG } from '../../firmware/board.ts'
import { run } from '../../firmware/main.ts'
import { sampled } from '../../firmware/wearer/fall.ts'
import {
  KIND_ASSIST,
  KIND_BUTTON,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_DURESS_ASKING,
  KIND_IDLE,
  KIND_MAN_DOWN,
} from '../../schemas/frame.ts'
import { iBeaconSetting } from '../../schemas/ibeacon.ts'

const CASES = 10_000
const KEY = '231d39c1d7cc1ab1aee224cd096db932'
const HEARTBEAT_MS = 2000
const TIMEOUT_MS = 300_000
const settingsWith = (more: object = {}): string =>
  JSON.stringify({ id: 'p-07', key: KEY, timeoutMs: TIMEOUT_MS, ...more })
const SETTINGS = settingsWith()
/** One pendant in four watches for a fall, as quickly as it may, and one in four airs an identity. */
const WATCHING = { manDown: 1, stillMs: 10_000, preAlarmMs: 5000 }
const AIRING = { iBeacon: iBeaconSetting('e5ca1ade-f007-ba11-0000-000000000000-100-7') }
const SAMPLE_MS = 625

type Step =
  | { do: 'cord' | 'button'; on: boolean; afterMs: number }
  | { do: 'jump'; byMs: number; afterMs: number }
  | { do: 'flash'; isWell: boolean; afterMs: number }
  | { do: 'presses'; lengthsMs: readonly number[]; afterMs: number }
  /** For so long, from then on lying until it is told otherwise; nothing where the pendant does not watch. */
  | { do: 'walk'; forMs: number; afterMs: number }
  | { do: 'nothing'; afterMs: number }
type Life = { isCordParted: boolean; isButtonDown: boolean; cutAfter: number; steps: readonly Step[] }
type Sent = {
  realMs: number
  counter: number
  kind: number
  number: number
  isSealed: boolean
  /** With the identity beside it. */
  isPair: boolean
  jumps: number
}

const ALARMS = [KIND_CORD, KIND_BUTTON, KIND_ASSIST, KIND_MAN_DOWN, KIND_DURESS]
/** A duress that asks is a duress (schemas/frame.ts). */
const kindIn = (kind: number): number => (kind >= KIND_DURESS_ASKING ? KIND_DURESS : kind)
const isAlarm = ({ kind }: Sent): boolean => ALARMS.includes(kind)

class PowerCut extends Error {}

/** One life: from the battery's going in to its being pulled. Answers what was on the air, and how many gestures began. */
const live = (files: Map<string, string>, life: Life) => {
  const sent: Sent[] = []
  let left = life.cutAfter
  let isDead = false
  let isFlashWell = true
  let realMs = 0
  let jumpedMs = 0
  let jumps = 0
  let wake: { atMs: number; run: () => void } | null = null
  let cord = (_isParted: number): void => {}
  let button = (_isDown: number): void => {}
  /** Null while the sensor is off. */
  let feel: ((x: number, y: number, z: number) => void) | null = null
  let feelAtMs = 0
  let samples = 0
  let walksUntilMs = 0
  const alive = (): void => {
    if (isDead) throw new PowerCut('the battery is out')
  }
  const spend = (): void => {
    alive()
    if (left-- > 0) return
    isDead = true
    throw new PowerCut('the battery is out')
  }
  const board: Board = {
    nowMs: () => realMs + jumpedMs,
    address: () => [0xc7, 0xf9, 0x36, 0xdd, 0xb0, 0xca],
    batteryPercent: () => 97,
    readFile: name => files.get(name),
    writeFile: (name, text) => {
      if (!isFlashWell) return false
      // Erased, half there, all there: the power can go before each, and after the last.
      spend()
      files.set(name, '')
      spend()
      files.set(name, text.slice(0, text.length >> 1))
      spend()
      files.set(name, text)
      spend()
      return true
    },
    fillFile: (name, text, at) => {
      if (!isFlashWell) return false
      // The power can go before, and after; one byte is never half there.
      spend()
      const file = files.get(name) ?? ''
      files.set(name, file.slice(0, at) + text + file.slice(at + text.length))
      spend()
      return true
    },
    tidyFiles: () => {},
    aes: { encrypt: blocks => new ArrayBuffer(blocks.length) },
    advertise: given => {
      alive()
      const data = Array.isArray(given) ? (given[0] ?? new Uint8Array()) : given
      const isSealed = data[7] === 0x45
      const at = 8
      sent.push({
        realMs,
        counter: isSealed ? new DataView(data.buffer, data.byteOffset).getUint32(19, true) : -1,
        kind: kindIn((data[at + 8] ?? 0) & 0x0f),
        number: data[at + 9] ?? 0,
        isSealed,
        isPair: Array.isArray(given),
        jumps,
      })
    },
    setTxPower: () => {},
    scan: () => {},
    watchCord: (_debounceMs, then) => {
      cord = then
      return life.isCordParted ? 1 : 0
    },
    pullCord: () => {},
    soundCord: () => 0,
    watchButton: (_debounceMs, then) => {
      button = then
      return life.isButtonDown ? 1 : 0
    },
    watchMotion: then => {
      feel = then
      return MOTION_HUNG
    },
    lights: alive,
    wake: (delayMs, then) => {
      if (!isDead) wake = { atMs: realMs + delayMs, run: then }
    },
    watchdog: () => {},
    onUncaught: () => {},
    log: () => {},
  }
  const call = (then: () => void): void => {
    if (isDead) return
    try {
      then()
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
    }
  }
  const sample = (then: (x: number, y: number, z: number) => void): void => {
    realMs = Math.max(realMs, feelAtMs)
    feelAtMs = realMs + SAMPLE_MS
    const isUp = realMs < walksUntilMs
    call(() => then(isUp ? 0 : 100, isUp ? 1000 + (samples++ % 2) * 250 : 0, isUp ? 100 : 1000))
  }
  const pass = (ms: number): void => {
    const endMs = realMs + ms
    while (!isDead) {
      while (feel !== null && feelAtMs <= Math.min(endMs, wake?.atMs ?? endMs)) sample(feel)
      if (isDead || wake === null || wake.atMs > endMs) break
      const next: { atMs: number; run: () => void } = wake
      wake = null
      realMs = Math.max(realMs, next.atMs)
      call(next.run)
    }
    if (!isDead) realMs = endMs
  }
  let gestures = 0
  let isDown = life.isButtonDown
  let isParted = life.isCordParted
  const move = (what: 'cord' | 'button', on: boolean): void => {
    if (what === 'cord' && on && !isParted) gestures++
    if (what === 'button' && on && !isDown) gestures++
    if (what === 'cord') isParted = on
    else isDown = on
    call(() => (what === 'cord' ? cord(on ? 1 : 0) : button(on ? 1 : 0)))
  }
  call(() => run(board, sampled))
  for (const step of life.steps) {
    if (isDead) break
    pass(step.afterMs)
    if (step.do === 'cord' || step.do === 'button') move(step.do, step.on)
    if (step.do === 'flash') isFlashWell = step.isWell
    if (step.do === 'jump') {
      jumpedMs += step.byMs
      jumps++
    }
    if (step.do === 'walk' && feel !== null) {
      // Who lies down after it may be down once.
      gestures++
      walksUntilMs = realMs + step.forMs
      pass(step.forMs + 20_000)
    }
    if (step.do === 'presses')
      for (const [i, lengthMs] of step.lengthsMs.entries()) {
        move('button', i % 2 === 0)
        pass(lengthMs)
      }
  }
  pass(3000)
  return { sent, gestures, isDead, endMs: realMs, jumps }
}

const moments = fc.oneof(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 6000 }))
const fingers = fc.constantFrom(
  [150, 150, 150],
  [700, 100],
  [150, 850, 150, 850, 150, 850, 150, 600],
  [150, 150, 150, 150, 150, 150, 2000, 100],
  [150, 150, 150, 150, 2000, 100],
  [30, 30, 30, 30, 30, 30, 700, 30],
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('cord' as const), on: fc.boolean(), afterMs: moments }),
  fc.record({ do: fc.constant('button' as const), on: fc.boolean(), afterMs: moments }),
  fc.record({ do: fc.constant('presses' as const), lengthsMs: fingers, afterMs: moments }),
  fc.record({
    do: fc.constant('jump' as const),
    byMs: fc.constantFrom(86_400_000, -86_400_000, 5000, -5000, 40_000, -1),
    afterMs: moments,
  }),
  fc.record({ do: fc.constant('flash' as const), isWell: fc.boolean(), afterMs: moments }),
  fc.record({ do: fc.constant('nothing' as const), afterMs: fc.integer({ min: 0, max: 20_000 }) }),
  // Long enough to be known upright, or not.
  fc.record({ do: fc.constant('walk' as const), forMs: fc.constantFrom(5000, 45_000), afterMs: moments }),
)
const life = fc.record({
  isCordParted: fc.boolean(),
  isButtonDown: fc.boolean(),
  // Four steps a write, so that each of the first writes is cut at each of its steps, or none is.
  cutAfter: fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 13 }) },
    { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
  ),
  steps: fc.array(step, { maxLength: 10 }),
})
const lives = fc.array(life, { minLength: 1, maxLength: 4 })
const owned = fc.record({ watches: fc.nat(3), airs: fc.nat(3) }).map(({ watches, airs }) => ({
  ...(watches === 0 ? WATCHING : {}),
  ...(airs === 0 ? AIRING : {}),
}))

const flashFails = (all: readonly Life[]): boolean =>
  all.some(({ steps }) => steps.some(each => each.do === 'flash' && !each.isWell))

/** A hand that may cancel, or a clock that may run out. */
const endsAlarms = ({ steps }: Life): boolean =>
  steps.some(each => each.do === 'presses' || each.do === 'jump')

test(`in ${CASES} pendants: no counter twice, no alarm forgotten, none by itself, and never silent`, () => {
  let alarms = 0
  let cuts = 0
  let resumed = 0
  let falls = 0
  let pairs = 0
  fc.assert(
    fc.property(lives, owned, (all, own) => {
      const files = new Map([['tocsin.json', settingsWith(own)]])
      const used = new Set<number>()
      const numbers: number[] = []
      let last: Sent | null = null
      let owed = 0
      let mayHaveEnded = false
      // Beyond a mark that cannot be written a nonce may come again after a power cut: mute would be worse.
      const isWornOut = flashFails(all)
      for (const one of all) {
        const { sent, gestures, isDead, endMs, jumps } = live(files, one)
        if (isDead) cuts++
        let before: Sent | null = null
        let begun = 0
        let beganAtMs = 0
        const [first] = sent
        if (first !== undefined && !isWornOut) {
          // An alarm that was on when the power went is the first thing on the air again, and one that was only noted
          // down is the next number, from a gesture that was made; nothing else begins with the power.
          if (last !== null && isAlarm(last) && !mayHaveEnded) expect(isAlarm(first)).toBe(true)
          if (isAlarm(first) && first.number !== last?.number) {
            expect(first.number).toBe(((last?.number ?? 0) % 255) + 1)
            expect(owed--).toBeGreaterThan(0)
            numbers.push(first.number)
          } else if (isAlarm(first)) {
            expect([first.kind, first.number]).toEqual([last?.kind, last?.number])
            resumed++
          }
        }
        for (const each of sent) {
          if (each.isSealed && used.has(each.counter) && !isWornOut)
            throw new Error(`counter ${each.counter} came twice`)
          if (before?.isSealed && each.isSealed && each.counter !== before.counter + 1)
            throw new Error(`expected counter ${before.counter + 1}, came ${each.counter}`)
          if (each.isPair && (each.kind !== KIND_IDLE || !('iBeacon' in own)))
            throw new Error(`an identity beside a frame of kind ${each.kind}`)
          if (each.isPair) pairs++
          used.add(each.counter)
          if (isAlarm(each) && before !== null && (!isAlarm(before) || before.number !== each.number)) {
            begun++
            if (each.kind === KIND_MAN_DOWN) falls++
            beganAtMs = each.realMs
            numbers.push(each.number)
          }
          const isForgotten = before !== null && isAlarm(before) && !isAlarm(each)
          if (isForgotten && each.realMs - beganAtMs < TIMEOUT_MS - 40_000 * (each.jumps + 1))
            expect([each.kind, each.number]).toEqual([KIND_CANCEL, before?.number])
          const silentMs = each.realMs - (before?.realMs ?? 0)
          if (silentMs > HEARTBEAT_MS * (1 + each.jumps - (before?.jumps ?? 0)) + 1)
            throw new Error(`silent for ${silentMs} ms`)
          before = each
        }
        if (!isDead) {
          expect(sent[0]).toMatchObject({ realMs: 0 })
          const lastMs = endMs - (before?.realMs ?? 0)
          expect(lastMs).toBeLessThanOrEqual(HEARTBEAT_MS * (1 + jumps - (before?.jumps ?? 0)) + 1)
        }
        expect(begun).toBeLessThanOrEqual(gestures)
        alarms += begun
        if (isDead) owed += gestures - begun
        if (before !== null) {
          last = before
          mayHaveEnded = endsAlarms(one) || endMs >= TIMEOUT_MS
        } else mayHaveEnded ||= endsAlarms(one)
      }
      if (!isWornOut) expect(new Set(numbers).size).toBe(numbers.length)
    }),
    { numRuns: CASES },
  )
  // The cases are worth something only where all of it really happens.
  expect(alarms).toBeGreaterThan(CASES)
  expect(cuts).toBeGreaterThan(CASES / 2)
  expect(resumed).toBeGreaterThan(CASES / 10)
  expect(falls).toBeGreaterThan(CASES / 50)
  expect(pairs).toBeGreaterThan(CASES / 10)
})

const GESTURES: readonly Step[] = [
  { do: 'cord', on: true, afterMs: 3000 },
  { do: 'cord', on: false, afterMs: 4000 },
  { do: 'cord', on: true, afterMs: 4000 },
  { do: 'presses', lengthsMs: [150, 150, 150, 150, 150, 150, 2000, 100], afterMs: 4000 },
  { do: 'nothing', afterMs: 20_000 },
  { do: 'presses', lengthsMs: [700, 100], afterMs: 1000 },
  { do: 'presses', lengthsMs: [150, 150, 150, 150, 2000, 100], afterMs: 4000 },
  { do: 'cord', on: false, afterMs: 4000 },
  { do: 'cord', on: true, afterMs: 4000 },
  { do: 'cord', on: false, afterMs: 4000 },
  { do: 'cord', on: true, afterMs: 4000 },
  { do: 'cord', on: false, afterMs: 4000 },
  { do: 'presses', lengthsMs: [150, 150, 150, 150, 2000, 100], afterMs: 4000 },
]

test('cut at each step of every write in a life of six alarms, the alarm on the air goes on after the next power-on', () => {
  const idle = { isCordParted: false, isButtonDown: false, cutAfter: Number.POSITIVE_INFINITY, steps: [] }
  const kinds = new Set<number>()
  let cutAfter = 0
  for (let isDead = true; isDead; cutAfter++) {
    const files = new Map([['tocsin.json', SETTINGS]])
    const one = live(files, { ...idle, cutAfter, steps: GESTURES })
    isDead = one.isDead
    const last = one.sent.at(-1)
    const again = live(files, { ...idle, isCordParted: true }).sent[0]
    const wasEnding = last?.number === 2 && again?.kind === 0
    if (last !== undefined && isAlarm(last) && again?.number === last.number && !wasEnding) {
      expect([again.kind, again.number], `cut after ${cutAfter}`).toEqual([last.kind, last.number])
      kinds.add(last.kind)
    } else if (last !== undefined && isAlarm(last) && !wasEnding) {
      // Noted, and cut before its first frame.
      expect([again?.number, isAlarm(again as Sent)], `cut after ${cutAfter}`).toEqual([
        last.number + 1,
        true,
      ])
    } else if (again !== undefined && isAlarm(again)) {
      expect(again.number, `cut after ${cutAfter}`).toBe((last?.number ?? 0) + 1)
    }
    // What goes on goes on at each power-on, until it is ended.
    expect(live(files, idle).sent[0]).toMatchObject({ kind: again?.kind, number: again?.number })
  }
  expect(cutAfter).toBeGreaterThan(20)
  expect([...kinds].sort()).toEqual([KIND_CORD, KIND_BUTTON, KIND_DURESS])
})
