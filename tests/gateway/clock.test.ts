// The machine's clock and its timers: time only goes forward here, whoever sets the clock.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../gateway/clock.ts'

const DAY_MS = 86_400_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('a timer runs once when its delay is over', () => {
  const ran = vi.fn()
  systemClock().after(50, ran)
  vi.advanceTimersByTime(49)
  expect(ran).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1000)
  expect(ran).toHaveBeenCalledTimes(1)
})

it('a timer that is cancelled never runs', () => {
  const ran = vi.fn()
  systemClock().after(50, ran)()
  vi.advanceTimersByTime(1000)
  expect(ran).not.toHaveBeenCalled()
})

it('a timer of many weeks does not run at once, and can still be cancelled after the first part', () => {
  const [ran, cancelled] = [vi.fn(), vi.fn()]
  const clock = systemClock()
  clock.after(60 * DAY_MS, ran)
  const cancel = clock.after(60 * DAY_MS, cancelled)
  vi.advanceTimersByTime(59 * DAY_MS)
  cancel()
  expect(ran).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2 * DAY_MS)
  expect(ran).toHaveBeenCalledTimes(1)
  expect(cancelled).not.toHaveBeenCalled()
})

it('whoever sets the clock, back by an hour or forward by years, moves what it says and no time that passes', () => {
  const clock = systemClock()
  const beganMs = clock.nowMs()
  for (const byMs of [-3_600_000, 2 * 365 * DAY_MS, -60 * 365 * DAY_MS]) {
    const [beforeMs, wallMs] = [clock.nowMs(), clock.wallMs?.() ?? Number.NaN]
    vi.setSystemTime(Date.now() + byMs)
    expect(clock.nowMs()).toBe(beforeMs)
    expect(clock.wallMs?.()).toBe(wallMs + byMs)
    vi.advanceTimersByTime(1_000)
    expect(clock.nowMs()).toBe(beforeMs + 1_000)
  }
  expect(clock.nowMs()).toBe(beganMs + 3_000)
  expect(Number.isSafeInteger(clock.nowMs())).toBe(true)
})
