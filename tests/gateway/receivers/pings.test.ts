// A thread that says nothing is noticed within 5 s, and none that says anything meanwhile.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchPings } from '../../../gateway/receivers/thread/pings.ts'

/** What is promised: gateway/README.md. */
const WITHIN_MS = 5_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each([0, 1, 500, 999])(
  'one that hangs %i ms after it was asked is noticed within 5 s, once',
  afterMs => {
    const hung: number[] = []
    const pings = watchPings(
      () => {},
      seconds => hung.push(seconds),
    )
    for (let s = 0; s < 60; s++) {
      pings.heard()
      vi.advanceTimersByTime(1_000)
    }
    vi.advanceTimersByTime(afterMs)
    pings.heard()
    expect(hung).toEqual([])
    vi.advanceTimersByTime(WITHIN_MS)
    expect(hung).toEqual([3])
    vi.advanceTimersByTime(10 * WITHIN_MS)
    expect(hung).toEqual([3])
  },
)

test('one that says something each three seconds, whatever it is, does not hang', () => {
  let asked = 0
  const hung = vi.fn()
  const pings = watchPings(() => void asked++, hung)
  for (let times = 0; times < 20; times++) {
    vi.advanceTimersByTime(2_999)
    pings.heard()
  }
  expect(hung).not.toHaveBeenCalled()
  pings.stop()
  const before = asked
  vi.advanceTimersByTime(60_000)
  expect(asked).toBe(before)
})
