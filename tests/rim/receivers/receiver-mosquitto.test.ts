// A receiver against a real broker (mosquitto): what it publishes, when, and what survives the broker's death.
// needs: mosquitto
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLink, type LinkEvents } from '../../../gateway/radio/link.ts'
import { createReceiver, type Receiver } from '../../../gateway/radio/receiver.ts'
import { ReceiverStatus, ReportBatch, topicOf } from '../../../schemas/report.ts'
import { inTurns } from '../../../simulator/air/turns.ts'
import { freePort } from '../telephone/port.ts'

/** While a test holds it, no timer of the receiver fires: so it cannot be back before whoever listens for it. */
let gate = Promise.resolve()
const clock = {
  nowMs: () => Date.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(() => void gate.then(run), delayMs)
    return () => clearTimeout(timer)
  },
}
const address = 'c7:f9:36:dd:b0:ca'
const frame = (counter: number) =>
  Uint8Array.of(2, 1, 6, 12, 0x16, 0xd2, 0xfc, 0x45, 1, 2, 3, counter, 0, 0, 0, 9)
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

let directory = ''
let port = 0
let broker: ChildProcess
let desk: MqttClient
let receiver: Receiver
let onBroadcast: (data: Uint8Array) => void = () => {}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'broker-'))
  port = await freePort()
  writeFileSync(join(directory, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\n`)
  await startBroker()
  desk = await connectAsync({ host: '127.0.0.1', port, reconnectPeriod: 20 })
  await desk.subscribeAsync(
    ['status', 'reports'].map(leaf => `tocsin/v1/a1/${leaf}`),
    { qos: 1 },
  )
})
afterEach(async () => {
  await receiver?.stop()
  await desk.endAsync(true)
  await killBroker()
  rmSync(directory, { recursive: true })
})

test('a receiver says that it is online, with its counters, and retained', async () => {
  const online = next('status')
  await start()
  expect(await online).toMatchObject({ status: 'online', heard: 0, published: 0, dropped: 0 })
  const late = await connectAsync({ host: '127.0.0.1', port })
  const isRetained = new Promise(resolve =>
    late.on('message', (_topic, _body, { retain }) => resolve(retain)),
  )
  await late.subscribeAsync(topicOf('a1', 'status'))
  expect(await isRetained).toBe(true)
  await late.endAsync(true)
})

test('a fresh frame is published at once with its age; its repeats come together in a later batch', async () => {
  await start()
  const first = next('reports')
  receiver.hear({ address, data: frame(1), rssiDbm: -61, heardAtMs: clock.nowMs() - 40 })
  const [report] = (await first).reports
  expect(report).toMatchObject({ address, rssiDbm: -61, data: hex(frame(1)) })
  expect(report?.ageMs).toBeGreaterThanOrEqual(40)

  const second = next('reports')
  for (let count = 0; count < 3; count++)
    receiver.hear({ address, data: frame(1), rssiDbm: -62, heardAtMs: clock.nowMs() })
  expect((await second).reports).toHaveLength(3)
})

test('what was heard while the broker was dead arrives after it is back, with its true age', async () => {
  const { wentDown } = await start()
  let openGate = () => {}
  gate = new Promise(resolve => {
    openGate = resolve
  })
  await killBroker()
  await wentDown
  const heardAtMs = clock.nowMs()
  receiver.hear({ address, data: frame(1), rssiDbm: -61, heardAtMs })
  receiver.hear({ address, data: frame(2), rssiDbm: -61, heardAtMs })
  const arrived = next('reports')
  const deskIsBack = new Promise(resolve => desk.once('connect', resolve))
  await startBroker()
  await deskIsBack
  await desk.subscribeAsync(topicOf('a1', 'reports'), { qos: 1 })
  openGate()
  const batch = await arrived
  const reports = batch.reports.map(report => report.data)
  expect(reports).toEqual([hex(frame(1)), hex(frame(2))])
  // The broker was back no sooner than it was started, so the age covers the whole time away.
  expect(batch.reports[0]?.ageMs).toBeGreaterThan(0)
  expect(batch.reports[0]?.ageMs).toBeLessThanOrEqual(clock.nowMs() - heardAtMs)
})

test('a batch that the broker took and never confirmed is published again', async () => {
  await receiver?.stop()
  const deaf = await startDeafBroker()
  try {
    const down = linkGone()
    receiver = createReceiver({ ...options(deaf.port), onLink: down.onLink })
    const taken = deaf.nextPublish()
    receiver.hear({ address, data: frame(7), rssiDbm: -61, heardAtMs: clock.nowMs() })
    await taken
    expect(receiver.counters().published).toBe(0)
    const again = deaf.nextPublish()
    deaf.hangUp()
    await down.gone
    await again
  } finally {
    await receiver.stop()
    deaf.close()
  }
})

test('a receiver that stops says offline; one whose plug is pulled has it said by its last will', async () => {
  await start()
  const goodbye = next('status', ({ status }) => status === 'offline')
  await receiver.stop()
  await goodbye
  await start()
  const will = next('status', ({ status }) => status === 'offline')
  receiver.cut()
  await will
})

test('a beacon order is broadcast in turn, and an empty order ends it', async () => {
  const sent: string[] = []
  let twice: () => void = () => {}
  const heardBoth = new Promise<void>(resolve => {
    twice = resolve
  })
  onBroadcast = data => {
    sent.push(hex(data))
    if (sent.length === 4) twice()
  }
  await start()
  const beacons = ['0201', '0302'].map(data => ({ data, forMs: 60_000 }))
  await desk.publishAsync(topicOf('a1', 'beacon'), JSON.stringify({ v: 1, beacons }), { qos: 1 })
  await heardBoth
  expect(sent.slice(0, 4)).toEqual(['0201', '0302', '0201', '0302'])
})

test('an order that cannot be understood is counted and changes nothing', async () => {
  await start()
  const answered = next('status')
  await desk.publishAsync(topicOf('a1', 'beacon'), '{"v":1,"beacons":[{"data":"zz"}]}', { qos: 1 })
  await desk.publishAsync(topicOf('a1', 'beacon'), 'not json', { qos: 1 })
  receiver.hear({ address, data: frame(9), rssiDbm: -61, heardAtMs: clock.nowMs() })
  await next('reports')
  expect(receiver.counters().misunderstood).toBe(2)
  await receiver.stop()
  await answered
})

// ---- the parts on both sides ---------------------------------------------------------------------------------

function options(to = port) {
  const account = { id: 'a1', password: 'example-only-a1', broker: { host: '127.0.0.1', port: to } }
  return {
    id: 'a1',
    connect: (events: LinkEvents) => createLink(account, events),
    clock,
    broadcast: inTurns(clock, data => onBroadcast(data)),
  }
}

function linkGone() {
  let tell: () => void = () => {}
  const gone = new Promise<void>(resolve => {
    tell = resolve
  })
  return { gone, onLink: (isConnected: boolean) => (isConnected ? undefined : tell()) }
}

async function start() {
  const down = linkGone()
  const online = next('status', ({ status }) => status === 'online')
  receiver = createReceiver({ ...options(), onLink: down.onLink })
  await online
  return { wentDown: down.gone }
}

type Bodies = { status: ReceiverStatus; reports: ReportBatch }
/** The next message on a leaf that passes, checked against its schema. */
function next<Leaf extends keyof Bodies>(
  leaf: Leaf,
  passes: (body: Bodies[Leaf]) => boolean = () => true,
): Promise<Bodies[Leaf]> {
  const schema = { status: ReceiverStatus, reports: ReportBatch }[leaf]
  return new Promise((resolve, reject) => {
    const read = (topic: string, payload: Buffer) => {
      if (topic !== topicOf('a1', leaf)) return
      const parsed = schema.safeParse(JSON.parse(payload.toString()))
      if (!parsed.success) return reject(parsed.error)
      const body = parsed.data as Bodies[Leaf]
      if (!passes(body)) return
      desk.off('message', read)
      resolve(body)
    }
    desk.on('message', read)
  })
}

async function startBroker() {
  broker = spawn('mosquitto', ['-v', '-c', join(directory, 'mosquitto.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise<void>(resolve => {
    broker.stderr?.on('data', line => String(line).includes('running') && resolve())
  })
}

async function killBroker() {
  if (broker.exitCode !== null || broker.signalCode !== null) return
  broker.kill('SIGKILL')
  await once(broker, 'exit')
}

/** Takes connections and publications (MQTT 3.1.1, CONNACK 3.2) and confirms none. */
async function startDeafBroker() {
  let socket: Socket | null = null
  let publish: () => void = () => {}
  const server = createServer(newcomer => {
    socket = newcomer
    newcomer.once('data', () => newcomer.write(Uint8Array.of(0x20, 2, 0, 0)))
    newcomer.on('data', bytes => bytes.includes(topicOf('a1', 'reports')) && publish())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    nextPublish: () =>
      new Promise<void>(resolve => {
        publish = resolve
      }),
    hangUp: () => socket?.destroy(),
    close() {
      socket?.destroy()
      server.close()
    },
  }
}
