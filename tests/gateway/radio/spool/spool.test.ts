// What a receiver keeps on its disk: what outlives the process, how old it is then, and what a broken disk or file costs.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Waiting } from '../../../../gateway/radio/queue.ts'
import { openSpool, type Spool, SYNC_AFTER_MS } from '../../../../gateway/radio/spool/spool.ts'
import { steppedClock } from '../../../../simulator/clock.ts'

const frame = (id: number, heardAtMs: number | null = id): Waiting => ({
  id,
  address: 'c7:f9:36:dd:b0:ca',
  data: Uint8Array.of(2, 1, 6, id & 255, id >> 8),
  rssiDbm: -61,
  heardAtMs,
  freshness: 'fresh',
})

let folder = ''
let file = ''
const spools: Spool[] = []
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'spool-')), 'deep')
  file = join(folder, 'r-1.spool')
})
afterEach(async () => {
  for (const spool of spools.splice(0)) await spool.close()
  rmSync(join(folder, '..'), { recursive: true })
})

const clockAt = (nowMs: number, bootId = 'boot-1') => ({ ...steppedClock(nowMs), bootId })
function opened(clock = clockAt(1_000), onFault?: (why: string | null) => void): Spool {
  const spool = openSpool({ folder, id: 'r-1', clock, ...(onFault && { onFault }) })
  spools.push(spool)
  return spool
}
/** As a killed process leaves it: what it handed to the operating system is in the file, and no goodbye. */
async function untilFile(isSo: (text: string) => boolean): Promise<void> {
  while (!existsSync(file) || !isSo(readFileSync(file, 'utf8'))) await setTimeout(5)
}
const ids = ({ left }: Spool): number[] => left.map(({ id }) => id)
const holds = (count: number) => (text: string) => text.split('"is":"heard"').length - 1 === count

test('what a killed receiver had heard is there again, in its order, with its bytes and when it was heard', async () => {
  const before = opened()
  for (const id of [1, 2, 3]) before.add(frame(id), false)
  await untilFile(holds(3))
  const after = opened(clockAt(5_000))
  expect(after.left).toEqual(
    [frame(1), frame(2), frame(3)].map(one => ({ ...one, data: Buffer.from(one.data) })),
  )
  expect(after.firstId).toBe(4)
})

test('being asked to force nothing onto the disk changes nothing', async () => {
  const spool = opened()
  await untilFile(holds(0))
  for (let times = 0; times < 2; times++) {
    spool.sync()
    await setTimeout(5)
  }
  spool.add(frame(1), true)
  await untilFile(holds(1))
})

test('what was confirmed is not there again, and once nothing waits the file is empty', async () => {
  const before = opened()
  for (const id of [1, 2, 3]) before.add(frame(id), false)
  await untilFile(holds(3))
  before.settle([frame(1), frame(3)])
  await untilFile(text => text.includes('"is":"settled"'))
  const after = opened()
  expect(ids(after)).toEqual([2])
  after.settle([frame(2)])
  await untilFile(holds(0))
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2)
  expect(ids(opened())).toEqual([])
})

test('after a new start of the machine nobody knows how long ago it was', async () => {
  opened().add(frame(1, 900), false)
  await untilFile(holds(1))
  expect(opened(clockAt(2_000, 'boot-2')).left[0]?.heardAtMs).toBeNull()
  await untilFile(text => text.includes('boot-2'))
  // And so it stays, though this start has the same name as the one that reads it.
  expect(opened(clockAt(3_000, 'boot-2')).left[0]?.heardAtMs).toBeNull()
})

test('a time that would lie in the future is none', async () => {
  opened().add(frame(1, 900), false)
  await untilFile(holds(1))
  expect(opened(clockAt(800)).left[0]?.heardAtMs).toBeNull()
})

test('a torn end, an altered line and bytes that are no line cost themselves only', async () => {
  const before = opened()
  for (const id of [1, 2, 3, 4]) before.add(frame(id), false)
  await untilFile(holds(4))
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, `${text.replace('"id":2', '"id":7').replace('\n', '\n\u0000\u0001nothing\n')}`)
  appendFileSync(file, text.slice(-40, -10))
  const after = opened()
  expect(ids(after)).toEqual([1, 3, 4])
  expect(after.unreadable).toBe(3)
})

test('a folder that cannot be written is said once, and again when it can', async () => {
  writeFileSync(join(folder, '..', 'deep'), 'a file where the folder should be')
  const said: (string | null)[] = []
  const clock = clockAt(1_000)
  const spool = opened(clock, why => said.push(why))
  spool.add(frame(1), true)
  while (said.length === 0) await setTimeout(5)
  spool.add(frame(2), true)
  expect(said).toEqual(['a part of its path is a file and no folder'])
  expect(spool.state().fault).toBe('a part of its path is a file and no folder')
  rmSync(folder)
  mkdirSync(folder)
  clock.advance(10_000)
  await untilFile(holds(2))
  while (said.length < 2) await setTimeout(5)
  expect(said[1]).toBeNull()
  expect(spool.state()).toEqual({ bytes: statSync(file).size })
})

test('a file that cannot be read is put aside and not written over', () => {
  mkdirSync(file, { recursive: true })
  const spool = opened()
  expect(ids(spool)).toEqual([])
  expect(spool.aside).toBe(`${file}.unread`)
  expect(existsSync(`${file}.unread`)).toBe(true)
})

test('what lies aside is told until somebody has taken it away, over a restart too', async () => {
  mkdirSync(file, { recursive: true })
  const words = `it lies there in …${file}.unread, and this is said until somebody takes it away`
  expect(opened().state().unread).toBe(words)
  const spool = opened()
  expect(spool.aside).toBeNull()
  expect(spool.state().unread).toBe(words)
  rmSync(`${file}.unread`, { recursive: true })
  while (spool.state().unread !== undefined) await setTimeout(5)
})

test('a file that is damaged before its end is kept aside; one whose last line is torn is not', async () => {
  const before = opened()
  for (const id of [1, 2]) before.add(frame(id), false)
  await untilFile(holds(2))
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.slice(0, -10))
  const torn = opened()
  expect([ids(torn), torn.unreadable, torn.aside]).toEqual([[1], 1, null])
  const damaged = text.replace('"id":1', '"id":7')
  writeFileSync(file, damaged)
  const after = opened()
  expect([ids(after), after.unreadable, after.aside]).toEqual([[2], 1, `${file}.unread`])
  expect(readFileSync(`${file}.unread`, 'utf8')).toBe(damaged)
})

test('what could not be put aside, as the disk refused, is put aside before anything takes its place', async () => {
  mkdirSync(`${file}.unread/taken`, { recursive: true })
  writeFileSync(file, lineOf({ is: 'heard-many', frames: [] }))
  const clock = clockAt(1_000)
  const said: (string | null)[] = []
  const spool = opened(clock, why => said.push(why))
  expect([spool.aside, spool.state().unread]).toEqual([null, expect.stringContaining('it lies there')])
  while (said.length === 0) await setTimeout(5)
  rmSync(`${file}.unread`, { recursive: true })
  spool.add(frame(1), true)
  clock.advance(10_000)
  await untilFile(holds(1))
  expect(readFileSync(`${file}.unread`, 'utf8')).toContain('heard-many')
})

/** As any version writes one: its CRC-32, a space, JSON. */
const lineOf = (line: object): string => {
  const text = JSON.stringify(line)
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`
}

test.each([
  ['a sort of line', lineOf({ is: 'heard-many', frames: [] })],
  ['a field of another sort', lineOf({ is: 'heard', id: 9, at: 900, from: [1], dbm: null, data: 7 })],
  ['a line of nothing', lineOf([])],
])('of a newer version that has %s all else is told, and the file is kept aside', async (_, strange) => {
  const before = opened()
  for (const id of [1, 2]) before.add(frame(id), false)
  await untilFile(holds(2))
  const text = readFileSync(file, 'utf8').replace('\n', `\n${strange}`)
  writeFileSync(file, text)
  const after = opened()
  expect(ids(after)).toEqual([1, 2])
  expect(after.aside).toBe(`${file}.unread`)
  expect(readFileSync(`${file}.unread`, 'utf8')).toBe(text)
  await untilFile(now => now !== text && holds(2)(now))
  expect(opened().aside).toBeNull()
})

test('what a newer version says of the time is not believed, and its frames are told', async () => {
  opened().add(frame(1, 900), false)
  await untilFile(holds(1))
  const [, ...frames] = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, [lineOf({ is: 'head', v: 2, boot: 'boot-1' }).trim(), ...frames].join('\n'))
  expect(opened(clockAt(2_000)).left).toMatchObject([{ id: 1, heardAtMs: null }])
})

test('a file of much that is settled is written anew with what is not', async () => {
  const spool = opened()
  spool.add(frame(1), false)
  for (let id = 2; id < 12_000; id++) {
    spool.add(frame(id & 0xffff), false)
    spool.settle([frame(id & 0xffff)])
    if (id % 500 === 0) await setTimeout(0)
  }
  await untilFile(text => holds(1)(text) || text.length < 1_100_000)
  await spool.close()
  expect(statSync(file).size).toBeLessThan(1_300_000)
  expect(ids(opened())).toEqual([1])
})

test('what nobody confirms is forced onto the disk after a moment, and no sooner', async () => {
  const clock = clockAt(1_000)
  const spool = opened(clock)
  spool.add(frame(1), false)
  await untilFile(holds(1))
  expect(clock.advanceToNext()).toBe(true)
  expect(clock.nowMs()).toBe(1_000 + SYNC_AFTER_MS)
  expect(clock.advanceToNext()).toBe(false)
})
