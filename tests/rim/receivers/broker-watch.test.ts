// The way in for receivers is proven by answering: the gateway asks itself over the network. One that does not answer is a
// fault within 10 s, and is opened anew on its port; receivers come back to it and hear what the wearers are being told.
import { once } from 'node:events'
import { createServer, Server } from 'node:net'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../../../gateway/log.ts'
import { type Broker, startBroker } from '../../../gateway/receivers/mqtt/broker.ts'
import { askBroker, newProbeAccount } from '../../../gateway/receivers/mqtt/probe.ts'
import { topicOf } from '../../../schemas/report.ts'
import { type SteppedClock, steppedClock } from '../../../simulator/clock.ts'
import { type Engine, standInEngine } from './stand-in-engine.ts'

const EACH_MS = 5_000
const ANSWER_MS = 5_000
const HOST = '127.0.0.1'
const site = { receivers: [{ id: 'rx-1', room: 'r-1', password: 'password of rx-1' }] }
const log = createLog({ level: 'silent', pretty: false })

let engine: Engine
let broker: Broker
let clock: SteppedClock
/** Every server that has begun to listen, so that a test can break one as a bug would. */
let servers: Server[]
beforeEach(async () => {
  servers = []
  const { listen } = Server.prototype
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...of: unknown[]) {
    servers.push(this)
    return listen.apply(this, of as Parameters<typeof listen>)
  } as typeof listen)
  engine = standInEngine()
  clock = steppedClock(1_790_000_000_000)
  broker = await startBroker({ host: HOST, port: 0, site, submit: engine.submit, log, clock })
  broker.watch()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await broker.close()
})

const fault = async () => (await engine.next('fault')).text
const connects = (of: MqttClient) => new Promise<void>(resolve => of.once('connect', () => resolve()))
const listening = () => servers.at(-1) as Server

describe('the broker', () => {
  it('is asked at once and answers: proven, once, with no security event and no receiver by it', async () => {
    expect(await fault()).toBeNull()
    for (let i = 0; i < 3; i++) {
      const came = once(listening(), 'connection')
      clock.advance(EACH_MS)
      const [socket] = await came
      await once(socket, 'close')
    }
    expect(engine.heard).toEqual(['fault'])
  })

  it('whose port is gone is a fault at the next asking, is opened anew, and a receiver comes back and is told', async () => {
    expect(await fault()).toBeNull()
    const data = '02010614ff9005b1'
    broker.broadcast([{ pendant: 'p-07', data, forMs: 600_000 }])
    const receiver = mqtt.connect({
      host: HOST,
      port: broker.port,
      username: 'rx-1',
      password: 'password of rx-1',
      reconnectPeriod: 20,
    })
    receiver.on('error', () => undefined)
    await connects(receiver)
    listening().close()
    clock.advance(EACH_MS)
    expect(await fault()).toMatch(/does not answer \(nothing listens there\)/)
    const left = engine.next('receiver-status')
    const back = connects(receiver)
    clock.advance(EACH_MS)
    await back
    expect(servers, 'a second one, on the same port').toHaveLength(2)
    expect(await left, 'and whoever was connected is not taken for being there').toMatchObject({
      receiver: 'rx-1',
      status: { status: 'offline' },
    })
    const told = new Promise<string>(resolve => receiver.once('message', (_, body) => resolve(String(body))))
    await receiver.subscribeAsync(topicOf('rx-1', 'beacon'), { qos: 1 })
    expect(JSON.parse(await told).beacons).toMatchObject([{ data }])
    clock.advance(EACH_MS)
    expect(await fault()).toBeNull()
    receiver.end(true)
  })

  it('that takes connections and says nothing is a fault 5 s later', async () => {
    expect(await fault()).toBeNull()
    listening().removeAllListeners('connection')
    const came = once(listening(), 'connection')
    clock.advance(EACH_MS)
    const [socket] = await came
    clock.advance(ANSWER_MS)
    expect(await fault()).toMatch(/no answer within 5 s/)
    socket.destroy()
  })

  it('lets nobody else in by that name', async () => {
    const { username } = newProbeAccount()
    const stranger = { username, password: '0'.repeat(64) }
    const why = await askBroker({
      host: HOST,
      port: broker.port,
      account: stranger,
      clock,
      limitMs: ANSWER_MS,
    })
    expect(why).toBe('it answers something else than a broker would')
    expect((await engine.next('refused')).reason).toBe('wrong-password')
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
