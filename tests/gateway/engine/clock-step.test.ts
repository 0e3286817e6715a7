// The machine's clock is set while the gateway runs, or while it is off: nobody waits longer for a call, nobody is taken to be
// late, ages stay ages, and it is said loudly.
import { expect, it } from 'vitest'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { cord, HOUR_MS, startBench, T0, YEAR_MS } from './engine-bench.ts'

const STEPS: [name: string, byMs: number][] = [
  ['back by an hour', -HOUR_MS],
  ['back to 2024', -2.7 * YEAR_MS],
  ['forward by two years, as a time service does after a start without a battery', 2 * YEAR_MS],
]

it.each(STEPS)(
  'put %s, the next call comes when the policy has it, and the desk says so',
  async (_, byMs) => {
    const bench = await startBench()
    await bench.submit(cord())
    await bench.busy()
    bench.setClock(byMs)
    await bench.wait(1_000)
    expect(bench.keys()).toEqual(['clock'])
    expect(bench.engine.desk.health()).toMatchObject({
      isOk: false,
      technical: [{ text: expect.stringContaining(`put ${byMs < 0 ? 'back' : 'forward'} by`) }],
    })
    await bench.wait(2_250)
    expect(bench.placed.map(({ page }) => page)).toEqual(['i-0001-p1', 'i-0001-p2'])
    await bench.engine.close()
  },
)

it.each(STEPS)(
  'put %s, what people are shown is by the clock as it is now, as old as it was',
  async (_, byMs) => {
    const bench = await startBench()
    await bench.submit({
      kind: 'sign-in',
      by: 'Sam',
      pendant: 'p-08',
      room: 'hall',
      forMs: HOUR_MS,
      note: null,
    })
    await bench.submit(cord())
    await bench.wait(5_000)
    const before = bench.engine.desk.snapshot()
    bench.setClock(byMs)
    await bench.wait(250)
    const after = bench.engine.desk.snapshot()
    expect(after.nowMs).toBe(bench.clock.nowMs() + byMs)
    expect(after.incidents[0]?.raisedAtMs).toBe((before.incidents[0]?.raisedAtMs ?? 0) + byMs)
    expect(after.sessions[0]?.untilMs).toBe((before.sessions[0]?.untilMs ?? 0) + byMs)
    // Every instant there is, however deep: those that stood in both moved alike.
    const instants = (text: string) => [...text.matchAll(/"(\w+)":(1\d{12}|2\d{12})\b/g)].map(each => each[0])
    const moved = instants(JSON.stringify(before.incidents)).map(each =>
      each.replace(/\d+$/, ms => String(Number(ms) + byMs)),
    )
    expect(instants(JSON.stringify(after.incidents))).toEqual(moved)
    expect(bench.live).toContainEqual(expect.objectContaining({ kind: 'snapshot' }))
    await bench.engine.close()
  },
)

it('put forward by two years, no receiver is silent, no session is over and nobody is forgotten; after ten minutes it is quiet', async () => {
  const bench = await startBench()
  const online = (receiver: string) =>
    bench.submit({ kind: 'receiver-status', receiver, status: { status: 'online' } })
  await bench.submit({
    kind: 'sign-in',
    by: 'Sam',
    pendant: 'p-07',
    room: 'hall',
    forMs: HOUR_MS,
    note: null,
  })
  bench.setClock(2 * YEAR_MS)
  for (let minute = 0; minute < 9; minute++) {
    for (let i = 0; i < 6; i++) {
      await online('r-hall')
      await online('r-interview')
      await bench.wait(10_000)
    }
    expect(bench.keys().filter(key => key !== 'not-armed' && !key.startsWith('pendant'))).toEqual(['clock'])
    expect(bench.engine.desk.snapshot().sessions).toHaveLength(1)
  }
  for (let i = 0; i < 7; i++) {
    await online('r-hall')
    await online('r-interview')
    await bench.wait(10_000)
  }
  expect(bench.keys()).not.toContain('clock')
  await bench.engine.close()
})

it('put ahead and back again, and then a little ahead, the desk says at once what holds now', async () => {
  const bench = await startBench()
  const said = async (offMs: number) => {
    bench.setClock(offMs)
    await bench.wait(1_000)
    return bench.engine.desk.health().technical.find(({ key }) => key === 'clock')?.text
  }
  expect(await said(HOUR_MS)).toContain('was put forward by 1 h: ')
  expect(await said(0)).toContain('was put back by 1 h, and is again as it was when the gateway started: ')
  await bench.wait(180_000)
  expect(await said(2 * HOUR_MS)).toContain('was put forward by 2 h: ')
  expect(await said(HOUR_MS)).toContain(
    'was put back by 1 h, and is 1 h ahead of what it was when the gateway started: ',
  )
  await bench.engine.close()
})

it('a clock that is set back and forth all the time is a row a minute', async () => {
  const journal = memoryJournal()
  const bench = await startBench({ journal })
  for (let i = 0; i < 480; i++) {
    bench.setClock(i % 2 === 0 ? -5_000 : 5_000)
    await bench.wait(250)
  }
  const rows = journal.entries.filter(({ change }) => change.is === 'clock-stepped')
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.length).toBeLessThanOrEqual(3)
  await bench.engine.close()
})

const STARTS: [name: string, byMs: number, words: string][] = [
  ['an hour behind', -HOUR_MS, 'stands 1 h before the newest row'],
  ['at 2024', -2.7 * YEAR_MS, 'stands 2 years'],
  ['a minute behind', -60_000, 'stands 1 min'],
  ['two years ahead', 2 * YEAR_MS, 'nobody was called about i-0001 for 2 years'],
]

it.each(STARTS)(
  'started again with the clock %s, it calls at once, says so, and has its pages',
  async (_, byMs, words) => {
    const journal = memoryJournal()
    const first = await startBench({ journal })
    await first.submit(cord())
    await first.wait(500)
    await first.busy()
    await first.engine.close()
    const before = first.engine.desk.snapshot().incidents[0]

    const again = await startBench({ journal, atMs: first.clock.nowMs() + byMs })
    expect(again.placed.map(({ page }) => page)).toEqual(['i-0001-p2'])
    expect(again.engine.desk.health()).toMatchObject({
      isOk: false,
      technical: [{ key: 'clock', text: expect.stringContaining(words) }],
    })
    const after = again.engine.desk.snapshot().incidents[0]
    expect(after?.pages.slice(0, 1).map(({ id, outcome }) => [id, outcome])).toEqual([['i-0001-p1', 'busy']])
    expect(after?.raisedAtMs).toBeLessThanOrEqual(again.clock.nowMs())
    if (byMs < 0)
      expect(again.clock.nowMs() - (after?.raisedAtMs ?? 0)).toBe(
        first.clock.nowMs() - (before?.raisedAtMs ?? 0),
      )
    await again.busy()
    await again.wait(5_000)
    expect(again.placed.length).toBeGreaterThan(1)
    await again.engine.close()
  },
)

it('started again behind and put right by the time service, it shows everything as it was', async () => {
  const journal = memoryJournal()
  const first = await startBench({ journal })
  await first.submit({
    kind: 'sign-in',
    by: 'Sam',
    pendant: 'p-08',
    room: 'hall',
    forMs: HOUR_MS,
    note: null,
  })
  await first.submit(cord())
  await first.engine.close()
  const again = await startBench({ journal, atMs: T0 - 2 * YEAR_MS })
  again.setClock(2 * YEAR_MS)
  await again.wait(250)
  const { incidents, sessions } = again.engine.desk.snapshot()
  expect([incidents[0]?.raisedAtMs, sessions[0]?.untilMs]).toEqual([T0, T0 + HOUR_MS])
  await again.engine.close()

  const third = await startBench({ journal, atMs: T0 + 10_000 })
  expect(third.engine.desk.snapshot().incidents[0]?.raisedAtMs).toBe(T0)
  expect(third.engine.desk.snapshot().sessions).toHaveLength(1)
  expect(third.keys()).not.toContain('clock')
  await third.engine.close()
})
