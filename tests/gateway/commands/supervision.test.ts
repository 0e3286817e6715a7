// What systemd is told: ready once, then a sign of life as often as it wants one, each of them given by the engine.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../gateway/clock.ts'
import { superviseBySystemd } from '../../../gateway/commands/supervision.ts'
import type { Log } from '../../../gateway/ports.ts'

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const env = {
  NOTIFY_SOCKET: '/run/systemd/notify',
  WATCHDOG_USEC: '30000000',
  WATCHDOG_PID: String(process.pid),
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const supervised = (given: NodeJS.ProcessEnv, isAlive: () => Promise<unknown> = async () => undefined) => {
  const told: string[] = []
  const notify = async (...words: string[]): Promise<void> => void told.push(...words)
  return { told, ...superviseBySystemd({ env: given, clock: systemClock(), log, isAlive, notify }) }
}

it('says that it is ready, then gives a sign each third of the time, until it stops', async () => {
  const { told, ready, stopping } = supervised(env)
  await ready()
  expect(told).toEqual(['READY=1', 'WATCHDOG=1'])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(told.slice(2)).toEqual(['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1'])
  stopping()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told.slice(5)).toEqual(['STOPPING=1'])
})

it('gives none while the engine stands still', async () => {
  let goOn = (): void => undefined
  const standing = new Promise<void>(resolve => {
    goOn = resolve
  })
  const { told, ready } = supervised(env, () => standing)
  const started = ready()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(told).toEqual(['READY=1'])
  goOn()
  await started
  expect(told).toEqual(['READY=1', 'WATCHDOG=1'])
})

it.each([
  ['no watchdog', { NOTIFY_SOCKET: env.NOTIFY_SOCKET }, ['READY=1']],
  ['a watchdog of another process', { ...env, WATCHDOG_PID: '1' }, ['READY=1']],
  ['no systemd', {}, []],
])('with %s says no more than that', async (_, given, expected) => {
  const { told, ready } = supervised(given)
  await ready()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual(expected)
})
