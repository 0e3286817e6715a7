import fc from 'fast-check'
import { expect, test } from 'vitest'
import { realClock, steppedClock } from '../../simulator/clock.ts'

test('timers run at their own instant, in order, and what they ask for runs too', () => {
  const clock = steppedClock(1000)
  const ran: string[] = []
  const note = (name: string) => () => ran.push(`${name} ${clock.nowMs()}`)
  clock.after(30, note('c'))
  clock.after(10, () => {
    note('a')()
    clock.after(5, note('b'))
  })
  clock.after(100, note('late'))
  clock.advance(50)
  expect(ran).toEqual(['a 1010', 'b 1015', 'c 1030'])
  expect(clock.nowMs()).toBe(1050)
  expect(clock.advanceToNext()).toBe(true)
  expect(ran.at(-1)).toBe('late 1100')
  expect(clock.advanceToNext()).toBe(false)
})

test('a cancelled timer does not run, and cancelling twice is nothing', () => {
  const clock = steppedClock()
  let runs = 0
  const cancel = clock.after(10, () => runs++)
  cancel()
  cancel()
  clock.advance(100)
  expect(runs).toBe(0)
})

test('whatever is asked for, nothing runs early, late or twice, and equals run in the order asked', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 30 }), delays => {
      const clock = steppedClock()
      const ran: { i: number; atMs: number }[] = []
      for (const [i, delayMs] of delays.entries()) {
        clock.after(delayMs, () => ran.push({ i, atMs: clock.nowMs() }))
      }
      clock.advance(20)
      const due = delays.map((delayMs, i) => ({ i, atMs: delayMs }))
      expect(ran).toEqual(due.sort((a, b) => a.atMs - b.atMs || a.i - b.i))
    }),
  )
})

test('real time goes forward, near the time of day, and runs what was asked', async () => {
  const clock = realClock()
  const beforeMs = clock.nowMs()
  await new Promise<void>(resolve => clock.after(1, resolve))
  expect(clock.nowMs()).toBeGreaterThan(beforeMs)
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(60_000)
})
