// The ask end to end, on one virtual clock: the built bundle on the simulated chip, a receiver in its room, the gateway's
// core behind it, and the answer broadcast back as a receiver does.
import { beforeAll, expect, test } from 'vitest'
import { KIND_ASK } from '../../../schemas/frame.ts'
import { builtBundle } from '../../firmware/built.ts'
import { nearReceiver, shown } from './near.ts'

const MINUTE_MS = 60_000

let bundle = ''
beforeAll(async () => {
  bundle = await builtBundle()
})
const near = (more: Readonly<Record<string, unknown>> = {}) => nearReceiver(bundle, more)

test('an idle pendant in the building gets its answer at each ask, and shows nothing', () => {
  const { clock, host, lit, answered } = near()
  clock.advance(100 * MINUTE_MS)
  // Soon after power-on, and each 45 minutes.
  expect(answered).toHaveLength(3)
  expect(lit).toEqual([])
  expect(host.console()).toEqual([])
})

test('with the gateway gone it shows that nobody is listening, ever more seldom; and once that it is back', () => {
  const { clock, lit, gateway } = near()
  gateway.isThere = false
  clock.advance(0.5 * MINUTE_MS)
  expect(shown(lit)).toBe('r b r b')
  clock.advance(20 * MINUTE_MS)
  expect(shown(lit).split(' ').length).toBeLessThan(4 * 10)
  gateway.isThere = true
  lit.length = 0
  clock.advance(60 * MINUTE_MS)
  expect(shown(lit)).toBe('g rg')
})

test('a gateway that can call nobody is nobody listening too', () => {
  const { clock, lit, gateway, answered } = near()
  gateway.isArmed = false
  clock.advance(0.5 * MINUTE_MS)
  expect(answered).toHaveLength(2)
  expect(shown(lit)).toBe('r b r b')
})

const presses = ({ host, clock }: ReturnType<typeof near>, downMs: number, upMs: number): void => {
  host.setPin('BTN', 1)
  clock.advance(downMs)
  host.setPin('BTN', 0)
  clock.advance(upMs)
}

test.each([
  { what: 'out of reach', change: { isInReach: false }, shows: 'r b r b' },
  { what: 'where the gateway is gone', change: { isThere: false }, shows: 'r b r b' },
  { what: 'where nobody can be called', change: { isArmed: false }, shows: 'r b r b' },
  { what: 'in reach', change: {}, shows: 'rg' },
])('an okay $what shows $shows, and nothing before the gateway could have said so', ({ change, shows }) => {
  const worn = near()
  worn.clock.advance(MINUTE_MS)
  Object.assign(worn.gateway, change)
  presses(worn, 150, 1000)
  expect(shown(worn.lit)).toBe('')
  worn.clock.advance(6000)
  expect(shown(worn.lit)).toBe(shows)
  expect(worn.bench.entries.filter(({ change }) => !change.is.startsWith('technical'))).toEqual([])
})

test('armed after it was not is seen within seconds of a press, which never shows what is no longer so', () => {
  const worn = near()
  worn.gateway.isArmed = false
  worn.clock.advance(10 * MINUTE_MS)
  worn.gateway.isArmed = true
  worn.lit.length = 0
  presses(worn, 150, 2500)
  expect(shown(worn.lit)).toBe('rg')
})

test('the frames of an ask are sealed like any other and of the same length', () => {
  const { clock, sent } = near()
  clock.advance(MINUTE_MS)
  expect(KIND_ASK).toBe(9)
  expect(new Set(sent.map(({ data }) => Buffer.from(data.subarray(0, 8)).toString('hex'))).size).toBe(1)
  expect(sent.every(({ data }) => data.length === 27)).toBe(true)
})

/** In every world in turn, each for some minutes, with presses and tests in it: all that is seen after a cancel or a duress. */
const seenAfter = (count: number): string => {
  const worn = near({ askEveryMs: 60_000 })
  const { clock, gateway, lit } = worn
  const shownNow = (): string => {
    const now = shown(lit)
    lit.length = 0
    return now
  }
  clock.advance(5000)
  presses(worn, 900, 5000)
  for (let i = 0; i < count; i++) presses(worn, 150, 150)
  presses(worn, 2000, 0)
  lit.length = 0
  clock.advance(20_000)
  const seen = [shownNow()]
  for (const world of [
    { isInReach: true, isThere: true, isArmed: true },
    { isInReach: true, isThere: true, isArmed: false },
    { isInReach: true, isThere: true, isArmed: true },
    // The receiver goes on telling for ten minutes of a gateway that has died.
    { isInReach: true, isThere: false, isArmed: true },
    { isInReach: false, isThere: true, isArmed: true },
    { isInReach: true, isThere: true, isArmed: true },
  ]) {
    Object.assign(gateway, world)
    presses(worn, 150, 10_000)
    for (let i = 0; i < 4; i++) presses(worn, 150, 850)
    clock.advance(5 * MINUTE_MS)
    seen.push(shownNow())
  }
  // A test is answered in a second's window more or less, which is chance: its blinks count as one.
  return seen.join(' / ').replaceAll(/(rg )+/g, 'rg ')
}

test('after a duress all that is seen is what is seen after a cancel: taken, nobody, tests, in reach, not armed and gone', () => {
  const cancelled = seenAfter(3)
  expect(seenAfter(2)).toBe(cancelled)
  expect(cancelled).toMatch(/^rg \/ rg .*r b r b.* r r b/)
})
