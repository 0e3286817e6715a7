// What a busy building costs is what is done for each report. A frame heard by many receivers is opened and read once.
import * as crypto from 'node:crypto'
import { beforeEach, expect, test, vi } from 'vitest'
import * as decoding from '../../../../../gateway/core/hearing/decode.ts'
import { KIND_CORD } from '../../../../../schemas/frame.ts'
import { createBench } from '../../engine.ts'

vi.mock('node:crypto', async original => {
  const real = await original<typeof crypto>()
  return { ...real, createDecipheriv: vi.fn(real.createDecipheriv) }
})
vi.mock('../../../../../gateway/core/hearing/decode.ts', async original => {
  const real = await original<typeof decoding>()
  return { ...real, decode: vi.fn(real.decode) }
})

const opened = vi.mocked(crypto.createDecipheriv)
const read = vi.mocked(decoding.decode)

beforeEach(() => {
  opened.mockClear()
  read.mockClear()
})

/** The same bytes, by one receiver after the other, three times round. */
function heardAround(bench: ReturnType<typeof createBench>, counter: number, kind = 0): void {
  for (let round = 0; round < 3; round++)
    for (const receiver of ['r-hall', 'r-interview']) bench.report({ counter, kind }, { receiver })
}

test('one frame heard six times is opened once and read once', () => {
  heardAround(createBench(), 10)
  expect(opened).toHaveBeenCalledTimes(1)
  expect(read).toHaveBeenCalledTimes(1)
})

test('each new seal is opened, and so is an alarm', () => {
  const bench = createBench()
  heardAround(bench, 10)
  heardAround(bench, 11)
  heardAround(bench, 12, KIND_CORD)
  expect(opened).toHaveBeenCalledTimes(3)
  expect(read).toHaveBeenCalledTimes(3)
  expect(bench.state.incidents.size).toBe(1)
})

test('the receivers that hear it again are all remembered, each with its level', () => {
  const bench = createBench()
  bench.report({ counter: 10 }, { receiver: 'r-hall', rssiDbm: -70 })
  bench.report({ counter: 10 }, { receiver: 'r-interview', rssiDbm: -50 })
  expect(bench.state.ears.get('r-hall')?.heardAtMs).toBe(bench.nowMs)
  expect(bench.state.ears.get('r-interview')?.heardAtMs).toBe(bench.nowMs)
  const belief = bench.state.tracks.get('p-07')?.belief
  expect([...(belief?.level ?? [])].slice(0, 2)).toEqual([-70, -50])
})
