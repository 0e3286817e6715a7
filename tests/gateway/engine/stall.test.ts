// A gateway that stood still says so afterwards: while it did, nobody was heard and nobody was called.
import { expect, it } from 'vitest'
import { type StallWatch, watchStalls } from '../../../gateway/engine/stall.ts'
import type { EngineEvent } from '../../../gateway/ports.ts'
import { steppedClock } from '../../../simulator/clock.ts'

const LOOK_MS = 5_000

const watched = (options: Partial<StallWatch>) => {
  const clock = steppedClock(1_790_000_000_000)
  const told: (string | null)[] = []
  const submit = async (event: EngineEvent) => {
    if (event.kind === 'fault') told.push(event.text)
    return { refused: null }
  }
  const watch = watchStalls({ clock, submit, ...options })
  return { clock, told, watch }
}

it('of five seconds and more is said at the next look, and for ten minutes', () => {
  const delays = [4_900, 7_200, 30]
  const { clock, told, watch } = watched({ longestMs: () => delays.shift() ?? 0 })
  clock.advance(LOOK_MS)
  expect(told).toEqual([])
  clock.advance(LOOK_MS)
  expect(told).toEqual([
    'The gateway stood still for 7 s: nothing was heard meanwhile. Is the machine overloaded?',
  ])
  clock.advance(595_000)
  expect(told).toHaveLength(1)
  clock.advance(LOOK_MS)
  expect(told.at(-1)).toBeNull()
  watch.close()
})

it('is measured by the event loop’s own delay', async () => {
  const { clock, told, watch } = watched({ stallMs: 400 })
  const turns = async () => {
    for (let i = 0; i < 100; i++) await new Promise(resolve => setTimeout(resolve, 1))
  }
  // Its timer must run before it can be late.
  await turns()
  const untilMs = performance.now() + 600
  while (performance.now() < untilMs);
  await turns()
  clock.advance(LOOK_MS)
  expect(told).toEqual([expect.stringMatching(/^The gateway stood still for \d+ s/)])
  watch.close()
})
