// A receiver that comes and goes, as fast as it can: said once and in few rows, and taken for well once it stays.
import { afterEach, expect, it, vi } from 'vitest'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { topicOf } from '../../../schemas/report.ts'
import { site } from '../../gateway/core/building.ts'
import { PATIENCE } from '../../patience.ts'
import { type Gateway, startHere } from './in-process-gateway.ts'

const TIMES = 40
/** Two that it is gone and back, and one that it comes and goes. */
const ROWS_MAX = 5
const status = JSON.stringify({ v: 1, status: 'online', uptimeMs: 1, heard: 1, published: 1, dropped: 0 })

let gateway: Gateway
afterEach(() => gateway.close())

it('a receiver that comes and goes fills neither disk nor desk, is shown as such, and is back once it has stayed', async () => {
  const journal = memoryJournal()
  gateway = await startHere(site(), { journal })
  const { desk } = gateway.engine
  const shown = () => desk.snapshot().technical.find(({ key }) => key === 'receiver:r-hall')?.text
  const isOnline = () => desk.snapshot().receivers.find(({ id }) => id === 'r-hall')?.isOnline
  const rows = () => journal.entries.filter(entry => JSON.stringify(entry).includes('receiver:r-hall')).length
  const comeBack = async () => {
    const client = await gateway.connect('r-hall')
    await client.publishAsync(topicOf('r-hall', 'status'), status, { qos: 1 })
    return client
  }
  for (let i = 0; i < TIMES; i++) {
    const client = await comeBack()
    expect(isOnline()).toBe(true)
    await client.endAsync(true)
    await vi.waitFor(() => expect(isOnline()).toBe(false), { ...PATIENCE, interval: 2 })
    gateway.clock.advance(200)
  }
  expect(rows()).toBeLessThanOrEqual(ROWS_MAX)
  expect(shown()).toContain('comes and goes')
  const client = await comeBack()
  expect(shown()).toContain('comes and goes')
  for (let i = 0; i < 4; i++) {
    gateway.clock.advance(10_000)
    await client.publishAsync(topicOf('r-hall', 'status'), status, { qos: 1 })
  }
  expect(shown()).toBeUndefined()
})
