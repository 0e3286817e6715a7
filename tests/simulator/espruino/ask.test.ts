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

test('with the gateway gone it shows that nobody is listening, each ten minutes; and green once when it is back', () => {
  const { clock, lit, gateway } = near()
  gateway.isThere = false
  clock.advance(MINUTE_MS)
  expect(shown(lit)).toBe('r b r b')
  clock.advance(20.5 * MINUTE_MS)
  expect(shown(lit)).toBe('r b r b r b r b r b r b')
  gateway.isThere = true
  lit.length = 0
  clock.advance(60 * MINUTE_MS)
  expect(shown(lit)).toBe('g')
})

test('a gateway that can call nobody is nobody listening too', () => {
  const { clock, lit, gateway, answered } = near()
  gateway.isArmed = false
  clock.advance(MINUTE_MS)
  expect(answered).toHaveLength(2)
  expect(shown(lit)).toBe('r b r b')
})

test('the frames of an ask are sealed like any other and of the same length', () => {
  const { clock, sent } = near()
  clock.advance(MINUTE_MS)
  expect(KIND_ASK).toBe(9)
  expect(new Set(sent.map(({ data }) => Buffer.from(data.subarray(0, 8)).toString('hex'))).size).toBe(1)
  expect(sent.every(({ data }) => data.length === 27)).toBe(true)
})

test.each([
  { what: 'a cancel', presses: 3 },
  { what: 'a duress', presses: 2 },
])('after $what it is dark where a receiver is, and lonely where none is', ({ presses }) => {
  const { clock, host, lit, gateway } = near({ askEveryMs: 30_000 })
  const press = (downMs: number, upMs: number): void => {
    host.setPin('BTN', 1)
    clock.advance(downMs)
    host.setPin('BTN', 0)
    clock.advance(upMs)
  }
  clock.advance(5000)
  press(900, 5000)
  for (let i = 0; i < presses; i++) press(150, 150)
  press(2000, 1000)
  lit.length = 0
  clock.advance(5 * MINUTE_MS)
  expect(shown(lit)).toBe('')
  gateway.isInReach = false
  clock.advance(1.6 * MINUTE_MS)
  expect(shown(lit)).toBe('r b r b')
  gateway.isInReach = true
  lit.length = 0
  clock.advance(12 * MINUTE_MS)
  expect(shown(lit)).toBe('g')
})
