// A receiver of which something cannot be read again and again is shown, with an example; what could be read is believed.
import { expect, it } from 'vitest'
import { type Bench, createBench } from '../../engine.ts'

const KEY = 'receiver-garbled:r-hall'
const MINUTE_MS = 60_000
const garbled = (bench: Bench, receiver = 'r-hall', reason: 'malformed' | 'oversized' = 'malformed') =>
  bench.hear({
    kind: 'refused',
    receiver,
    reason,
    detail: 'reports[3].data: expected whole bytes as hex, came "f"',
  })

it('once is counted, and the third time within ten minutes is shown, once, with what was expected and what came', () => {
  const bench = createBench()
  for (const isShown of [false, false, true, true]) {
    expect(garbled(bench).counted).toEqual(['malformed'])
    expect(bench.state.technical.has(KEY)).toBe(isShown)
    bench.wait(MINUTE_MS)
  }
  expect(bench.state.technical.get(KEY)?.text).toContain(
    'reports[3].data: expected whole bytes as hex, came "f"',
  )
  expect(
    bench.entries.filter(({ change }) => change.is === 'technical-raised' && change.key === KEY),
  ).toHaveLength(1)
})

it('is mended when it has stopped for five minutes, and at a restart', () => {
  const bench = createBench()
  for (let i = 0; i < 3; i++) garbled(bench, 'r-hall', 'oversized')
  bench.wait(4 * MINUTE_MS)
  expect(bench.state.technical.has(KEY)).toBe(true)
  bench.wait(2 * MINUTE_MS)
  expect(bench.state.technical.has(KEY)).toBe(false)
  for (let i = 0; i < 3; i++) garbled(bench)
  const after = bench.restart()
  after.hear({ kind: 'start' })
  expect(after.state.technical.has(KEY)).toBe(false)
})

it('now and then is nothing to show, and nobody who is no receiver of the site is', () => {
  const bench = createBench()
  for (let i = 0; i < 20; i++) {
    garbled(bench)
    garbled(bench, 'r-unknown')
    garbled(bench, '')
    bench.nowMs += 6 * MINUTE_MS
  }
  expect([...bench.state.technical.keys()].filter(key => key.includes('garbled'))).toEqual([])
  expect(bench.state.garbled.size).toBe(1)
})
