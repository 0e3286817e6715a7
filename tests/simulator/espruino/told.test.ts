// What a pendant's lights say of an incident, from the gateway's core to the built bundle: somebody has it, somebody comes,
// and nobody any more after a graver press.
import { beforeAll, expect, test } from 'vitest'
import { snapshotView } from '../../../gateway/core/view/desk-view.ts'
import { seeComing } from '../../../simulator/demo/coming.ts'
import { builtBundle } from '../../firmware/built.ts'
import { nearReceiver, shown } from './near.ts'

/** What was on until the cord was felt to part is over; then red, and what is known of the new alarm. */
const BEGUN = /^((g|rg) )*(r )+(b ?)+$/
const HAS_IT = /(^|b )rg rg( rg)*$/
const COMES = /(g rg ?)+g?$/

const MINUTE_MS = 60_000

let bundle = ''
beforeAll(async () => {
  bundle = await builtBundle()
})

const alarmed = () => {
  const near = nearReceiver(bundle)
  const { clock, host, lit, bench, tell } = near
  clock.advance(20_000)
  // Two presses: assistance, which a cord makes worse.
  for (let i = 0; i < 2; i++) {
    host.setPin('BTN', 1)
    clock.advance(150)
    host.setPin('BTN', 0)
    clock.advance(150)
  }
  const act = (kind: 'acknowledge' | 'attend'): string => {
    lit.length = 0
    bench.nowMs = clock.nowMs()
    tell(bench.hear({ kind, incident: 'i-0001', by: 'Ann' }).told)
    clock.advance(10_000)
    return shown(lit)
  }
  clock.advance(5000)
  return { ...near, act }
}

test('that somebody has it and that somebody comes are two things to see', async () => {
  const { act, host, clock } = alarmed()
  const coming = seeComing(host, clock)
  expect(act('acknowledge')).toMatch(HAS_IT)
  const fromMs = clock.nowMs()
  expect(act('attend')).toMatch(COMES)
  expect(await coming, 'and not while somebody only had it').toBeGreaterThan(fromMs)
})

test('after a graver press nobody has it, whatever was told before, until somebody has that one', () => {
  const { act, host, clock, lit, bench } = alarmed()
  act('attend')
  lit.length = 0
  host.setPin('D1', 1)
  clock.advance(10_000)
  expect(shown(lit)).toMatch(BEGUN)
  expect(bench.incident()).toMatchObject({ state: 'raised', alarmNumber: 2 })
  expect(act('acknowledge')).toMatch(HAS_IT)
})

test('a pendant that heard nothing more for half an hour gives up and is dark, and the desk does not say that it is told', () => {
  const { act, clock, lit, bench, host } = alarmed()
  act('acknowledge')
  const told = () => snapshotView(bench.state, clock.nowMs()).incidents[0]?.wearerTold
  clock.advance(25 * MINUTE_MS)
  expect(told()).toBe('acknowledged')
  clock.advance(10 * MINUTE_MS)
  lit.length = 0
  clock.advance(MINUTE_MS)
  expect(shown(lit)).toBe('')
  expect(told()).toBe('ended')
  bench.nowMs = clock.nowMs()
  bench.hear({ kind: 'attend', incident: 'i-0001', by: 'Ann' })
  expect(told()).toBe('ended')
  const lines = bench.incident().lines.map(({ text }) => text)
  expect(lines.filter(text => text.includes('no longer sends this alarm'))).toHaveLength(1)
  expect(lines.filter(text => text.includes('somebody is coming'))).toEqual([])
  host.setPin('D1', 1)
  clock.advance(5000)
  expect(told()).toBe('stored')
})
