// The telephone worker dies or hangs: noticed within seconds, said, replaced; its pages end as interrupted and are called
// again. And what a call says while nobody has decided what a key means.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { startSipWorker } from '../../../../gateway/pagers/sip/pager.ts'
import { createPhone } from '../../../../simulator/phones/phone.ts'
import { isGone } from '../../../gateways/gateway-process.ts'
import { PATIENCE } from '../../../patience.ts'
import { endOf, order, PHRASES, type Rig, startRig, untilCall } from './rig.ts'

/** What the fault of a hung worker is written to promise (README). */
const NOTICED_MS = 5000

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A pager whose workers can be made to do nothing any more: a process that is stopped answers nobody. */
async function startHanging(decide?: NonNullable<Parameters<typeof startRig>[1]>['decide']) {
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
  closers.push(() => phone.close())
  const workers: ChildProcess[] = []
  const rig: Rig = await startRig(phone.address.port, {
    startWorker: () => {
      const worker = startSipWorker()
      workers.push(worker)
      return worker
    },
    ...(decide ? { decide } : {}),
  })
  closers.push(() => rig.close())
  const hang = (): void => void workers.at(-1)?.kill('SIGSTOP')
  return { phone, rig, hang, workers }
}

test('a worker that hangs is noticed within five seconds, said, replaced, and its page can be called again', async () => {
  const { rig, hang, workers } = await startHanging()
  rig.pager.place(order('page-a'))
  await rig.step('page-a', 'reached')
  const past = rig.events.length
  const hungMs = performance.now()
  hang()
  const end = endOf(await rig.step('page-a', 'ended'))
  expect(performance.now() - hungMs).toBeLessThan(NOTICED_MS)
  expect(end.outcome).toBe('interrupted')
  expect(end.detail).toMatch(/^the telephone worker stopped: it has not answered for \d s$/)
  const faults = (): (string | null)[] =>
    rig.events
      .slice(past)
      .flatMap(event => (event.kind === 'fault' && event.key === 'sip' ? [event.text] : []))
  expect(faults()[0]).toContain('the telephone worker stopped')
  rig.pager.place(order('page-b'))
  await rig.step('page-b', 'reached')
  expect(faults().at(-1), 'and mended by the next one').toBeNull()
  expect(workers).toHaveLength(2)
  expect(workers[0]?.signalCode, 'and nothing of it is left').toBe('SIGKILL')
})

test('a key that nobody decides about is said to have been pressed, and neither thanked nor met with silence', async () => {
  const { phone, rig } = await startHanging(() => {})
  rig.pager.place(order('page-a', { phrases: [] }))
  await rig.step('page-a', 'reached')
  const call = await untilCall(phone, each => each.state === 'talking')
  phone.press('1')
  await rig.step('page-a', 'answered')
  await untilCall(phone, each => phone.heard(each.id).some(sample => Math.abs(sample) > 1000))
  expect(call.state).toBe('talking')
  expect(rig.steps('page-a')).toBe('sent accepted reached answered')
})

test('news is said at once, told when it was said, and the call goes on with it until its last words', async () => {
  const { phone, rig } = await startHanging(() => {})
  const about = { page: 'page-a', phrases: ['Personal alarm.'] }
  rig.pager.place(order('page-a'))
  rig.pager.reply({ ...about, is: 'news', words: [], isLast: false, news: 1 })
  await rig.step('page-a', 'reached')
  await untilCall(phone, each => each.state === 'talking')
  rig.pager.reply({ ...about, is: 'worse', words: ['It has grown worse: duress.'], isLast: false, news: 2 })
  expect((await rig.step('page-a', 'said')).progress).toEqual({ step: 'said', news: 2 })
  rig.pager.reply({
    ...about,
    is: 'taken',
    words: ['Somebody else has it already.'],
    phrases: [],
    isLast: true,
    news: null,
  })
  expect(endOf(await rig.step('page-a', 'ended'))).toEqual({
    outcome: 'withdrawn',
    detail: 'no longer needed, and told so',
  })
  await untilCall(phone, each => each.state === 'ended')
  expect(rig.steps('page-a')).toBe('sent accepted reached said ended')
})

test('what grew worse during the last words is said whole: the call goes on, is listened to, and is not over with them', async () => {
  const { phone, rig } = await startHanging(() => {})
  const about = { page: 'page-a', news: null } as const
  const taken = ['Somebody else has it already.']
  const last = { ...about, phrases: [], isLast: true } as const
  rig.pager.place(order('page-a', { talkMs: 60_000 }))
  await rig.step('page-a', 'reached')
  const call = await untilCall(phone, each => each.state === 'talking')
  rig.pager.reply({ ...last, is: 'taken', words: taken })
  const worse = ['It has grown worse: duress.', ...Array.from({ length: 4 }, () => PHRASES).flat()]
  rig.pager.reply({ ...about, is: 'worse', words: worse, phrases: PHRASES, isLast: false, news: 1 })
  // All of it takes longer than last words may.
  await rig.step('page-a', 'said')
  phone.press('1')
  await rig.step('page-a', 'answered')
  expect(call.state).toBe('talking')
  rig.pager.reply({ ...last, is: 'thank', words: ['Acknowledged. Thank you.'] })
  expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('acknowledged')
  expect(rig.steps('page-a')).toBe('sent accepted reached said answered ended')
})

test('one that hangs while it starts is said, and replaced; the next one places the call', async () => {
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
  closers.push(() => phone.close())
  let hired = 0
  const rig = await startRig(phone.address.port, {
    startWorker: () => {
      hired += 1
      if (hired > 1) return startSipWorker()
      return spawn(process.execPath, ['-e', 'for (;;);'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    },
  })
  closers.push(() => rig.close())
  rig.pager.place(order('page-a'))
  const fault = await rig.until(event => event.kind === 'fault' && event.key === 'sip' && event.text !== null)
  expect(fault).toMatchObject({ text: expect.stringContaining('the telephone worker is not there yet') })
  expect(hired, 'long before it is given up').toBe(1)
  expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('interrupted')
  rig.pager.place(order('page-b'))
  await rig.step('page-b', 'reached')
})

test('where the machine has no process to give, that is said, and it is tried again', async () => {
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
  closers.push(() => phone.close())
  const refusing = [
    () => spawn('/nobody/here', { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    () => {
      throw new Error('spawn ENOMEM')
    },
  ]
  const rig = await startRig(phone.address.port, {
    startWorker: () => (refusing.shift() ?? startSipWorker)(),
  })
  closers.push(() => rig.close())
  for (const why of ['spawn /nobody/here ENOENT', 'spawn ENOMEM'])
    await rig.until(event => event.kind === 'fault' && event.text === `the telephone worker stopped: ${why}`)
  rig.pager.place(order('page-a'))
  await rig.step('page-a', 'reached')
})

test('one whose gateway is gone hangs up and ends, and a signal for all of them does not end it before', async () => {
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
  closers.push(() => phone.close())
  const workers: ChildProcess[] = []
  const rig = await startRig(phone.address.port, {
    startWorker: () => {
      workers.push(startSipWorker())
      return workers[0] as ChildProcess
    },
  })
  closers.push(() => rig.close())
  // It is not to end by its time while others load the machine.
  rig.pager.place(order('page-a', { talkMs: 10 * 60_000 }))
  await rig.step('page-a', 'reached')
  await untilCall(phone, each => each.state === 'talking')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) workers[0]?.kill(signal)
  phone.press('5')
  await rig.step('page-a', 'answered')
  workers[0]?.disconnect()
  expect((await untilCall(phone, each => each.state === 'ended')).state).toBe('ended')
})

test('one that hangs when its gateway is killed does not stay behind', async () => {
  const entry = fileURLToPath(new URL('../../../../gateway/pagers/sip/worker.mjs', import.meta.url))
  const sip = { server: '127.0.0.1', port: 9, transport: 'tcp', user: 'a', register: false, displayName: 'A' }
  const setting = { sip, speech: { voice: 'en-gb', wordsPerMinute: 150 }, cacheDir: tmpdir(), targets: [] }
  const hangs = 'data:text/javascript,process.on("SIGUSR2",()=>{for(;;);})'
  const code = `
    const worker = require('node:child_process').fork(${JSON.stringify(entry)}, { execArgv: ['--import', ${JSON.stringify(hangs)}] })
    worker.on('message', ({ is }) => is === 'pong' && console.log(worker.pid))
    worker.send({ is: 'start', setting: ${JSON.stringify(setting)} })
    worker.send({ is: 'ping', number: 1 })`
  const gateway = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(gateway.stdout, 'data')
  const pid = Number(String(line))
  closers.push(async () => void (isGone(pid) || process.kill(pid, 'SIGKILL')))
  process.kill(pid, 'SIGUSR2')
  gateway.kill('SIGKILL')
  await vi.waitFor(() => expect(isGone(pid)).toBe(true), { ...PATIENCE, interval: 100 })
})
