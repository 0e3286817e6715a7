// What is on its way to other systems: the newest of each topic, incidents first, a few at once, and all of it again to a broker that
// has none of it; and what stands there is offline once nobody says any more that it is true.
import { expect, it } from 'vitest'
import { AT_ONCE, outbox } from '../../../gateway/out/outbox.ts'
import type { Kept } from '../../../gateway/out/ports.ts'
import { standing } from '../../../gateway/receivers/kept/standing.ts'
import { OUT_ALIVE_MS } from '../../../schemas/api/out.ts'
import { steppedClock } from '../../../simulator/clock.ts'

/** A broker that takes what it is handed only when it is let. */
function heldWay() {
  const handed: { kept: readonly Kept[]; isWhole: boolean }[] = []
  const waiting: { resolve(): void; reject(error: Error): void }[] = []
  let empty = (): void => {}
  return {
    handed,
    way: {
      keep: (kept: readonly Kept[], isWhole: boolean) =>
        new Promise<void>((resolve, reject) => {
          handed.push({ kept, isWhole })
          waiting.push({ resolve, reject })
        }),
      onEmpty(listener: () => void) {
        empty = listener
      },
    },
    empty: () => empty(),
    async take() {
      waiting.shift()?.resolve()
      await new Promise(resolve => setImmediate(resolve))
    },
    async refuse(why: string) {
      waiting.shift()?.reject(new Error(why))
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

it('of a topic that changes while the broker is busy the newest alone goes, and what is urgent before the rest', async () => {
  const { way, handed, take } = heldWay()
  const box = outbox({ way, onWay: () => undefined })
  box.set('first', '0')
  for (let i = 0; i < 1_000; i++) {
    box.set('pendants/p-1', String(i))
    box.set(`pendants/q-${i % 100}`, String(i))
  }
  box.set('incidents/i-0001', 'raised', { isUrgent: true })
  box.set('incidents/i-0001', 'acknowledged', { isUrgent: true })
  await take()
  const [, { kept }] = handed as [unknown, (typeof handed)[number]]
  expect(kept).toHaveLength(AT_ONCE)
  expect(kept[0]).toEqual({ topic: 'incidents/i-0001', payload: 'acknowledged' })
  for (let i = 0; i < 5; i++) await take()
  const all = handed.flatMap(each => each.kept.map(({ topic }) => topic))
  expect(new Set(all).size).toBe(all.length)
  expect(handed.flatMap(each => each.kept).find(({ topic }) => topic === 'pendants/p-1')?.payload).toBe('999')
})

it('a broker that is away is handed nothing and makes nothing grow; back again, it is handed all that is so then', async () => {
  const { way, handed, take, refuse, empty } = heldWay()
  const said: (string | null)[] = []
  const box = outbox({ way, onWay: why => said.push(why) })
  box.set('incidents/i-0001', 'raised')
  await refuse('it is away')
  for (let i = 2; i < 500; i++) box.set(`incidents/i-${i}`, 'raised')
  for (let i = 1; i < 499; i++) box.set(`incidents/i-${i}`, null)
  box.set('incidents/i-0001', null)
  expect([said, handed.length]).toEqual([['it is away'], 1])
  empty()
  await take()
  expect(said.at(-1)).toBeNull()
  expect(handed.slice(1).flatMap(each => each.kept)).toEqual([
    { topic: 'incidents/i-499', payload: 'raised' },
  ])
})

it('it is whole once all was set and handed over, and not before', async () => {
  const { way, handed, take, empty } = heldWay()
  const box = outbox({ way, onWay: () => undefined })
  for (let i = 0; i < AT_ONCE + 2; i++) box.set(`t/${i}`, 'x')
  for (let i = 0; i < 2; i++) await take()
  box.complete()
  await take()
  expect(handed.map(({ isWhole }) => isWhole)).toEqual([false, false, false, true])
  empty()
  await take()
  await take()
  expect(handed.slice(4).map(({ kept, isWhole }) => [kept.length, isWhole])).toEqual([
    [AT_ONCE, false],
    [2, true],
  ])
})

it('what stands there is online once it is whole, and offline where nothing is said of it for long: an engine that hangs', async () => {
  const clock = steppedClock(0)
  const said: string[] = []
  const there = standing({
    clock,
    status: 'status',
    publish: async (topic, payload, isRetained) =>
      void said.push(`${topic}=${payload}${isRetained ? '' : ' once'}`),
  })
  await there.keep([{ topic: 'health', payload: 'armed' }], false)
  expect(said).toEqual(['health=armed'])
  await there.keep([], true)
  await clock.advance(OUT_ALIVE_MS - 1)
  await there.keep([], true)
  await clock.advance(OUT_ALIVE_MS - 1)
  expect(said.slice(1)).toEqual(['status=online'])
  await clock.advance(1)
  expect(said.slice(2)).toEqual(['status=offline'])
  await there.keep([{ topic: 'incidents/i-1', payload: null, last: 'resolved' }], true)
  expect(said.slice(3)).toEqual(['incidents/i-1=resolved once', 'incidents/i-1=', 'status=online'])
})
