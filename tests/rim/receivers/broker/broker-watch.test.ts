// The way in for receivers is proven by answering: the gateway asks its broker's thread each second, and over the network. One that hangs
// is a fault within 5 s, one that is not reached within 10 s, and another takes its place and its port; receivers come back to it,
// send again what had no PUBACK, and hear what the wearers are being told.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../../../gateway/log.ts'
import { BrokerFailed } from '../../../../gateway/receivers/mqtt/failed.ts'
import { askBroker, newProbeAccount } from '../../../../gateway/receivers/mqtt/probe.ts'
import { startBrokerInThread, type WatchedBroker } from '../../../../gateway/receivers/thread/thread.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { type SteppedClock, steppedClock } from '../../../../simulator/clock.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'

const EACH_MS = 5_000
/** Before another thread is started; each that cannot be doubles it. */
const RESTART_MS = 100
const BEACON = '02010614ff9005b1'
const ANSWER_MS = 5_000
const HOST = '127.0.0.1'
const site = { receivers: [{ id: 'rx-1', room: 'r-1', password: 'password of rx-1' }] }
const log = createLog({ level: 'silent', pretty: false })
const REPORTS = topicOf('rx-1', 'reports')
const batch = '{"v":1,"reports":[]}'

let engine: Engine
let broker: WatchedBroker
let clock: SteppedClock
/** Every thread so far, and how often something began to wait for the clock. */
let threads: Worker[]
let waits: number
/** So many threads the machine does not give. */
let refuses: number
const started = (port = 0) =>
  startBrokerInThread({
    ...{ host: HOST, port, site, submit: engine.submit, log, clock },
    start(workerData) {
      if (refuses-- > 0) throw new Error('no thread to give')
      const file = new URL('breakable-broker.mjs', import.meta.url)
      const thread = new Worker(file, { execArgv: [], workerData })
      threads.push(thread)
      return thread
    },
  })
beforeEach(async () => {
  threads = []
  refuses = 0
  engine = standInEngine()
  const stepped = steppedClock(1_790_000_000_000)
  waits = 0
  clock = {
    ...stepped,
    after(delayMs, run) {
      waits += 1
      return stepped.after(delayMs, run)
    },
  }
  broker = await started()
})
afterEach(() => broker.close())

const fault = async () => (await engine.next('fault')).text
/** The same, and time goes by until it comes. */
async function faultWhile(): Promise<string | null> {
  const next: { text?: string | null } = {}
  void fault().then(text => Object.assign(next, { text }))
  await until(
    () => next.text !== undefined,
    () => clock.advance(1),
  )
  return next.text ?? null
}
const at = () => ({ host: HOST, port: broker.port, username: 'rx-1', password: 'password of rx-1' })
/** A whole exchange with the broker: what it sent at once before is here by then. */
const exchange = async () => void (await mqtt.connectAsync(at())).end(true)
const connects = (of: MqttClient) => new Promise<void>(resolve => of.once('connect', () => resolve()))
/** Resolves once the thread has taken it; one that hangs is given up for having done so. */
async function breaks(broken: 'hang' | 'die' | 'close' | 'say nothing'): Promise<void> {
  const thread = threads.at(-1) as Worker
  const taken = new Promise<void>(resolve =>
    thread.on('message', said => said.broken === broken && resolve()),
  )
  thread.postMessage({ broken })
  await taken
}
const until = async (isSo: () => boolean, meanwhile = () => {}): Promise<void> => {
  while (!isSo()) {
    await new Promise(resolve => setImmediate(resolve))
    meanwhile()
  }
}
/** The watch waits twice for each question: for its answer, and until the next one. Here: for the next, after so many. */
const asked = (questions: number) => until(() => waits === 2 * questions)
/** Nothing else waits for the clock meanwhile. */
const replaced = () =>
  until(
    () => threads.length === 2,
    () => clock.advance(1),
  )
const receiver = () => {
  const made = mqtt.connect({
    ...at(),
    ...{ clientId: 'rx-1', clean: false, reconnectPeriod: 20 },
  })
  made.on('error', () => undefined)
  return made
}

describe("the broker's thread", () => {
  it('is asked at once and answers: proven, once, with no security event and no receiver by it', async () => {
    broker.watch()
    expect(await fault()).toBeNull()
    for (let i = 1; i <= 3; i++) {
      await asked(i)
      clock.advance(EACH_MS)
    }
    await asked(4)
    expect(engine.heard).toEqual(['fault'])
  })

  /** A receiver that has said something, and what it is to broadcast. */
  async function beforeIt(): Promise<MqttClient> {
    broker.watch()
    expect(await fault()).toBeNull()
    broker.broadcast([{ pendant: 'p-07', data: BEACON, forMs: 600_000 }])
    broker.tellEnd({ edition: 1, seq: 7, hash: 'ab'.repeat(32) })
    const rx = receiver()
    await connects(rx)
    await rx.publishAsync(REPORTS, batch, { qos: 1 })
    await engine.next('reports')
    await asked(1)
    return rx
  }
  async function isTold(rx: MqttClient): Promise<void> {
    const told = new Promise<string>(resolve => rx.once('message', (_, body) => resolve(String(body))))
    await rx.subscribeAsync(topicOf('rx-1', 'beacon'), { qos: 1 })
    expect(JSON.parse(await told).beacons).toMatchObject([{ data: BEACON }])
  }
  const offline = { receiver: 'rx-1', status: { status: 'offline' } }

  it('that hangs is a fault and is replaced, whatever the time: its receivers come back, nothing is lost or doubled, and what was told is told again', async () => {
    const rx = await beforeIt()
    const left = engine.next('receiver-status')
    await breaks('hang')
    const back = connects(rx)
    const again = rx.publishAsync(REPORTS, batch, { qos: 1 })
    // The network is not asked meanwhile: its question is due by a clock that stands.
    expect(await fault()).toMatch(
      /hangs \(its thread has said nothing for 3 s\): no pendant is heard by it\. It is opened anew$/,
    )
    expect(await left, 'and whoever was connected is not taken for being there').toMatchObject(offline)
    // One for the next question, one before the next thread.
    await until(() => waits === 4)
    clock.advance(RESTART_MS)
    await back
    await again
    expect(threads).toHaveLength(2)
    await isTold(rx)
    clock.advance(EACH_MS)
    expect(await fault()).toBeNull()
    expect(engine.heard.filter(kind => kind === 'reports')).toHaveLength(2)
    expect(
      engine.heard.filter(kind => kind === 'fault'),
      'said once, and taken back once',
    ).toHaveLength(3)
    rx.end(true)
  })

  it('is not taken for one that hangs where it is the gateway that stands still', async () => {
    broker.watch()
    expect(await fault()).toBeNull()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000)
    const answers = new Promise<void>(resolve =>
      threads[0]?.on('message', ({ is }) => is === 'pong' && resolve()),
    )
    await answers
    await exchange()
    expect(threads).toHaveLength(1)
    expect(engine.heard.filter(kind => kind === 'fault')).toHaveLength(1)
  })

  it('that no longer listens is a fault, and is replaced: its receivers come back, nothing is lost, and what was told is told again', async () => {
    const rx = await beforeIt()
    await breaks('close')
    const left = engine.next('receiver-status')
    const back = connects(rx)
    // Who is heard is not cut off.
    await rx.publishAsync(REPORTS, batch, { qos: 1 })
    clock.advance(EACH_MS)
    expect(await fault()).toMatch(/nothing listens there\), though receivers are heard/)
    await asked(2)
    clock.advance(EACH_MS)
    expect(await fault()).toMatch(/no pendant may be heard\. It is opened anew$/)
    expect(await left, 'and whoever was connected is not taken for being there').toMatchObject(offline)
    await replaced()
    await back
    await isTold(rx)
    // One wait more: before the next thread was started.
    await until(() => waits === 7)
    clock.advance(EACH_MS)
    expect(await fault()).toBeNull()
    rx.end(true)
  })

  it('for which the machine has no thread to give is tried again, and said', async () => {
    await breaks('die')
    refuses = 1
    expect(await fault()).toMatch(/its thread ended: a bug/)
    expect(await faultWhile()).toMatch(/no thread to give/)
    await replaced()
    const rx = receiver()
    await connects(rx)
    rx.end(true)
  })

  it('that dies is replaced at once; what it had asked the engine is acknowledged by nobody else', async () => {
    const rx = receiver()
    await connects(rx)
    engine.hold()
    const acknowledged = rx.publishAsync(REPORTS, batch, { qos: 1 })
    await engine.next('reports')
    await breaks('die')
    expect(await fault()).toMatch(/has ended \(its thread ended: a bug.*It is opened anew$/)
    await replaced()
    await engine.next('reports')
    let isAcknowledged = false
    void acknowledged.then(() => {
      isAcknowledged = true
    })
    // The first of two calls under one number is answered: that one was another thread's.
    engine.releaseOldest()
    await exchange()
    expect(isAcknowledged).toBe(false)
    engine.release()
    await acknowledged
    rx.end(true)
  })

  it('that dies takes back what it had said of its receivers: the next one finds that anew', async () => {
    const those: MqttClient[] = []
    for (let i = 0; i < 5; i++) {
      const rx = mqtt.connect({ ...at(), clientId: 'rx-1', reconnectPeriod: 0 })
      rx.on('error', () => undefined)
      await connects(rx)
      those.push(rx)
    }
    const said = await engine.next('fault')
    expect(said).toMatchObject({ key: 'receiver-twice:rx-1', text: expect.stringMatching(/^Two programs/) })
    await breaks('die')
    expect(await fault()).toMatch(/its thread ended: a bug/)
    expect(await engine.next('fault')).toEqual({ ...said, text: null })
    for (const rx of those) rx.end(true)
    await replaced()
  })

  it('that takes connections and says nothing is a fault 5 s later', async () => {
    broker.watch()
    expect(await fault()).toBeNull()
    await asked(1)
    await breaks('say nothing')
    clock.advance(EACH_MS)
    clock.advance(ANSWER_MS)
    expect(await fault()).toMatch(
      /does not answer \(no answer within 5 s\): no pendant may be heard\. It is asked again, and opened anew where it stays so$/,
    )
  })

  it('acknowledges only after the commit, in the order of the messages, and not what could not be committed', async () => {
    const rx = receiver()
    await connects(rx)
    engine.hold()
    const acknowledged: number[] = []
    const levels = Array.from({ length: 40 }, (_, i) => i)
    const all = levels.map(i => {
      const payload = JSON.stringify({
        v: 1,
        reports: [{ address: 'c7:f9:36:dd:b0:ca', data: '02', rssiDbm: -i }],
      })
      return rx.publishAsync(REPORTS, payload, { qos: 1 }).then(() => acknowledged.push(i))
    })
    await engine.next('reports')
    await exchange()
    expect(acknowledged).toEqual([])
    engine.releaseNewestFirst()
    await Promise.all(all)
    expect(acknowledged).toEqual(levels)
    const before = engine.heard.length
    engine.failNext(new Error('disk full'))
    await rx.publishAsync(REPORTS, batch, { qos: 1 })
    expect(engine.heard.slice(before)).toEqual(['reports', 'reports'])
    rx.end(true)
  })

  it('lets in and out by a changed site, and turns strangers away', async () => {
    const rx = receiver()
    await connects(rx)
    const gone = new Promise<void>(resolve => rx.once('close', resolve))
    broker.setSite({ receivers: [{ id: 'rx-1', room: 'r-1', password: 'a new password' }] })
    await gone
    expect((await engine.next('refused')).reason).toBe('wrong-password')
    rx.end(true)
    const { username } = newProbeAccount()
    const why = await askBroker({
      ...{ host: HOST, port: broker.port, clock, limitMs: ANSWER_MS },
      account: { username, password: '0'.repeat(64) },
    })
    expect(why).toBe('it answers something else than a broker would')
  })

  it('says where it could not listen', async () => {
    const { port } = broker
    await expect(started(port)).rejects.toThrow(BrokerFailed)
    await expect(started(port)).rejects.toThrow(`127.0.0.1:${port}`)
  })
})

it('something else that listens there is no broker', async () => {
  const other = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, HOST)
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const of = { host: HOST, port, account: newProbeAccount(), clock, limitMs: ANSWER_MS }
  expect(await askBroker(of)).toBe('it answers something else than a broker would')
  other.close()
  expect(await askBroker(of)).toBe('nothing listens there')
})
