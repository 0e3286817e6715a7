// Whoever sends more than a receiver may waits, nobody else does, and nothing is lost.
import { expect, it } from 'vitest'
import { aged, inParts } from '../../../gateway/receivers/payload/parts.ts'
import { turns, UNITS_PER_S } from '../../../gateway/receivers/payload/turns.ts'
import { steppedClock } from '../../../simulator/clock.ts'

const breath = () => new Promise<void>(resolve => setImmediate(resolve))
const KILOBYTE = 1_024

function house() {
  const clock = steppedClock(1_000_000)
  const said: string[] = []
  const floods: [string, boolean][] = []
  const lanes = turns(clock, (account, isFlooding) => floods.push([account, isFlooding]))
  const add = (account: string, text: string, bytes = KILOBYTE) =>
    lanes.add(account, { bytes, read: () => [async () => void said.push(text)] })
  return { clock, said, floods, lanes, add }
}

it('what a receiver may send is carried out at once, in its order', async () => {
  const { said, add } = house()
  await Promise.all(['a', 'b', 'c'].map(text => add('r-1', text)))
  expect(said).toEqual(['a', 'b', 'c'])
})

it('more of it is carried out as time passes, in its order, none of it lost, and another receiver waits for nothing', async () => {
  const { clock, said, add, floods } = house()
  const count = 8_000
  const all = Promise.all(Array.from({ length: count }, (_, i) => add('r-flood', `f${i}`)))
  while (clock.nowMs() < 1_000_000 + 20_000) {
    for (let i = 0; i < 12; i++) await breath()
    clock.advance(100)
  }
  const sent = said.length
  expect(sent).toBeLessThan(count)
  expect(sent * 12).toBeLessThan(10_000 + 21 * UNITS_PER_S)
  await add('r-quiet', 'alarm')
  expect(said[sent]).toBe('alarm')
  expect(floods).toEqual([['r-flood', true]])
  let isDone = false
  void all.then(() => {
    isDone = true
  })
  while (!isDone) {
    clock.advance(100)
    await breath()
  }
  expect(said.filter(text => text !== 'alarm')).toEqual(Array.from({ length: count }, (_, i) => `f${i}`))
  clock.advance(40_000)
  expect(floods).toEqual([
    ['r-flood', true],
    ['r-flood', false],
  ])
})

it('who owes without an end is named, however long its messages are', async () => {
  const { clock, add, floods, lanes } = house()
  for (let i = 0; i < 40; i++) void add('r-flood', `f${i}`, 400 * KILOBYTE)
  while (clock.nowMs() < 1_000_000 + 10_000) {
    for (let i = 0; i < 12; i++) await breath()
    clock.advance(100)
  }
  expect(floods).toEqual([['r-flood', true]])
  lanes.close()
})

it('the parts of a long message go one by one, and one that fails is its sender’s error', async () => {
  const { lanes, said } = house()
  const parts = ['a', 'b', 'c'].map(text => async () => {
    said.push(text)
    if (text === 'b') throw new Error('disk full')
  })
  await expect(lanes.add('r-1', { bytes: 10, read: () => parts })).rejects.toThrow('disk full')
  expect(said).toEqual(['a', 'b', 'c'])
})

it('a fault in reading one message is that message’s alone, and the next has its turn', async () => {
  const { lanes } = house()
  const read = () => {
    throw new Error('a bug')
  }
  await expect(lanes.add('r-1', { bytes: 10, read })).rejects.toThrow('a bug')
  expect(await lanes.add('r-1', { bytes: 10, read: () => [async () => 'read'] })).toEqual(['read'])
})

it('a clock that is put back starves nobody', async () => {
  let nowMs = 1e9
  const due: (() => void)[] = []
  const after = (_: number, run: () => void) => {
    due.push(run)
    return () => {}
  }
  const lanes = turns({ nowMs: () => nowMs, after }, () => {})
  await lanes.add('r-1', { bytes: 1e6, read: () => [] })
  nowMs -= 3_600_000
  let isDone = false
  void lanes.add('r-1', { bytes: 1e6, read: () => [] })
  void lanes.add('r-1', { bytes: 1, read: () => [] }).then(() => {
    isDone = true
  })
  for (let i = 0; i < 100 && !isDone; i++) {
    nowMs += 1_000
    for (const run of due.splice(0)) run()
    await breath()
  }
  expect(isDone).toBe(true)
})

it('a batch is cut into parts in its order, and its reports grow older while they wait', () => {
  const report = { address: 'c7:f9:36:dd:b0:ca', data: '', rssiDbm: -60 }
  const reports = Array.from({ length: 50 }, (_, ageMs) => ({ ...report, ageMs }))
  const event = { kind: 'reports', receiver: 'r-1', reports, wasRedelivered: false } as const
  const parts = inParts(event)
  expect(parts.length).toBeGreaterThan(2)
  expect(parts.flatMap(part => (part.kind === 'reports' ? part.reports : []))).toEqual(reports)
  expect(aged(event, 12_000)).toMatchObject({
    reports: [{ ageMs: 12_000 }, { ageMs: 12_001 }, ...Array(48).fill({})],
  })
  expect(aged({ ...event, reports: [{ ...report, ageMs: null }] }, 12_000)).toMatchObject({
    reports: [{ ageMs: null }],
  })
})
