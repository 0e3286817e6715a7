// A pendant that loses its power in an alarm, end to end on one clock: what the gateway makes of it, and what the wearer sees.
import { beforeAll, expect, test } from 'vitest'
import { bundleFirmware } from '../../../firmware/build.ts'
import { nearReceiver, shown } from './near.ts'

const WEEK_MS = 604_800_000

let bundle = ''
beforeAll(async () => {
  bundle = await bundleFirmware()
})

/** An alarm of a held button that somebody comes for, and the wearer sees it: green, and then red with it. */
const coming = () => {
  const near = nearReceiver(bundle, { askEveryMs: 0 })
  const { clock, host, bench, tell } = near
  clock.advance(5000)
  host.setPin('BTN', 1)
  clock.advance(900)
  host.setPin('BTN', 0)
  clock.advance(3000)
  tell(bench.hear({ kind: 'attend', incident: 'i-0001', by: 'Ann' }).told)
  clock.advance(5000)
  expect(shown(near.lit)).toMatch(/g rg( g)?$/)
  return near
}

test.each([1, 2, 3])('reset %d times, it sees so again soon after each, in the same incident', times => {
  const { clock, host, bench, lit } = coming()
  for (let i = 0; i < times; i++) {
    host.powerOff()
    clock.advance(2000)
    lit.length = 0
    host.powerOn()
    clock.advance(12_000)
    expect(shown(lit)).toMatch(/g rg g rg( g)?$/)
  }
  expect(bench.incident()).toMatchObject({ state: 'attended', presses: 1 })
  const over = bench.hear({
    kind: 'resolve',
    incident: 'i-0001',
    by: 'Ann',
    outcome: 'assistance-given',
    reason: 'helped',
  })
  expect(over.told).toHaveLength(1)
})

test('that went out, and was resolved without it, raises a new incident weeks later, and its wearer hears how that ends', () => {
  const { clock, host, bench, lit, tell } = coming()
  host.powerOff()
  bench.nowMs = clock.nowMs()
  bench.hear({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'false-alarm', reason: 'slipped' })
  clock.advance(3 * WEEK_MS)
  lit.length = 0
  host.powerOn()
  clock.advance(5000)
  expect(bench.incidents().map(({ state, alarmNumber }) => [state, alarmNumber])).toEqual([
    ['resolved', 1],
    ['raised', 1],
  ])
  expect(shown(lit)).toMatch(/^r .*b$/)
  tell(
    bench.hear({ kind: 'resolve', incident: 'i-0002', by: 'Ann', outcome: 'false-alarm', reason: 'new cell' })
      .told,
  )
  clock.advance(5000)
  expect(shown(lit)).toContain('gb')
  lit.length = 0
  clock.advance(60_000)
  expect(lit).toEqual([])
})
