import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import mqtt from 'mqtt'
import mqttPacket, { type Packet } from 'mqtt-packet'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../../../../gateway/log.ts'
import { type Broker, startBroker } from '../../../../gateway/receivers/mqtt/broker.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'

const PASSWORD = 'password of rx-1'
const site = { receivers: [{ id: 'rx-1', room: 'r-1', password: PASSWORD }] }
const log = createLog({ level: 'silent', pretty: false })

let engine: Engine
let broker: Broker
beforeEach(async () => {
  engine = standInEngine()
  broker = await startBroker({ host: '127.0.0.1', port: 0, site, submit: engine.submit, log })
})
afterEach(async () => {
  await broker.close()
})

const open = () =>
  new Promise<Socket>(resolve => {
    const socket = connect(broker.port, '127.0.0.1', () => resolve(socket))
    socket.on('error', () => {})
  })
const connectPacket = mqttPacket.generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'raw',
  clean: true,
  keepalive: 60,
  username: 'rx-1',
  password: Buffer.from(PASSWORD),
})

/** Sends the bytes and leaves, politely or not; resolves once the connection is gone. */
async function sendAndLeave(bytes: Buffer, isReset: boolean): Promise<void> {
  const socket = await open()
  const gone = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.resume()
  socket.write(bytes, () => (isReset ? socket.resetAndDestroy() : socket.end()))
  await gone
}

async function expectStillServing(): Promise<void> {
  const rx = await mqtt.connectAsync({
    host: '127.0.0.1',
    port: broker.port,
    username: 'rx-1',
    password: PASSWORD,
    reconnectPeriod: 0,
  })
  await rx.publishAsync(topicOf('rx-1', 'reports'), '{"v":1,"reports":[]}', { qos: 1 })
  await engine.next('reports')
  await rx.endAsync(true)
}

const anyPacket: fc.Arbitrary<Buffer> = fc
  .record({
    cmd: fc.constantFrom(
      'publish',
      'subscribe',
      'unsubscribe',
      'pingreq',
      'puback',
      'pubrel',
      'connect',
      'disconnect',
    ),
    topic: fc.constantFrom(topicOf('rx-1', 'reports'), topicOf('rx-1', 'status'), '#', '/', 'a'.repeat(300)),
    qos: fc.constantFrom(0, 1, 2),
    payload: fc.uint8Array({ maxLength: 80 }).map(bytes => Buffer.from(bytes)),
    messageId: fc.integer({ min: 1, max: 9 }),
    retain: fc.boolean(),
  })
  .map(fields => {
    const more = {
      subscriptions: [{ topic: fields.topic, qos: fields.qos }],
      unsubscriptions: [fields.topic],
      clientId: 'x',
    }
    return mqttPacket.generate({ ...fields, ...more, dup: false } as unknown as Packet)
  })

it('survives any bytes on its port, before and after the password, however the sender leaves', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map(raw => Buffer.from(raw)),
    fc.array(anyPacket, { maxLength: 6 }).map(packets => Buffer.concat(packets)),
  )
  const attempt = fc.record({
    bytes,
    isAdmitted: fc.boolean(),
    cutAt: fc.nat(400),
    flipAt: fc.option(fc.nat(400)),
    isReset: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(attempt, async ({ bytes, isAdmitted, cutAt, flipAt, isReset }) => {
      const sent = Buffer.concat([isAdmitted ? connectPacket : Buffer.alloc(0), bytes])
      if (flipAt !== null && flipAt < sent.length) sent[flipAt] = (sent[flipAt] ?? 0) ^ 0xff
      await sendAndLeave(isReset ? sent.subarray(0, cutAt) : sent, isReset)
    }),
    { numRuns: 400 },
  )
  await expectStillServing()
})

it('holds no more than a small packet for a stranger, and says what came', async () => {
  const socket = await open()
  const gone = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.resume()
  socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
  await gone
  const { reason, detail } = await engine.next('refused')
  expect(reason).toBe('oversized')
  expect(detail).toBe('expected packets of at most 4096 bytes, came a packet of 268435455 bytes')
  await expectStillServing()
})

it('lets strangers that say nothing keep nobody out: the oldest go first', async () => {
  const first = await open()
  const gone = new Promise<void>(resolve => first.once('close', () => resolve()))
  first.resume()
  const others = await Promise.all(Array.from({ length: 128 }, open))
  await gone
  await expectStillServing()
  for (const stranger of others) stranger.destroy()
})

it('reads no faster than the engine commits', async () => {
  engine.hold()
  const socket = await open()
  socket.write(connectPacket)
  await new Promise(resolve => socket.once('data', resolve))
  const payload = `{"v":1,"reports":[]}${' '.repeat(1000)}`
  const one = mqttPacket.generate({
    cmd: 'publish',
    topic: topicOf('rx-1', 'reports'),
    payload,
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  })
  const many = Buffer.concat(Array(1000).fill(one))
  // Tens of megabytes are offered; what neither the system nor the broker takes is still here at the end.
  for (let i = 0; i < 40; i++) socket.write(many)
  await engine.next('reports')
  const other = await mqtt.connectAsync({
    host: '127.0.0.1',
    port: broker.port,
    username: 'rx-1',
    password: PASSWORD,
    reconnectPeriod: 0,
  })
  for (let i = 0; i < 50; i++) await other.subscribeAsync(topicOf('rx-1', 'beacon'))
  expect(engine.heard.length).toBeLessThan(1000)
  expect(socket.writableLength).toBeGreaterThan(10_000_000)
  engine.release()
  other.end(true)
  socket.destroy()
})
