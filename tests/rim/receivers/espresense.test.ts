// ESPresense nodes on the real broker: simulated ones, which speak as that firmware does, in a walk through the simulated
// building that one receiver of ours hears; and what the broker lets a node say, with a real client.
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { type Engine, startEngine } from '../../../gateway/engine/engine.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { EngineEvent } from '../../../gateway/ports.ts'
import type { Receiver } from '../../../gateway/radio/receiver.ts'
import { type Broker, startBroker } from '../../../gateway/receivers/mqtt/broker.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { deviceTopic, nodeStatusTopic } from '../../../schemas/espresense.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { topicOf } from '../../../schemas/report.ts'
import { Site } from '../../../schemas/site.ts'
import { fadeOf, hearPacket, meanLevel, quietOffice } from '../../../simulator/air/radio.ts'
import { createRandom } from '../../../simulator/air/random.ts'
import { northgatePlan } from '../../../simulator/building/plan.ts'
import { type SteppedClock, steppedClock } from '../../../simulator/clock.ts'
import { readSite } from '../../../simulator/gateway/site.ts'
import { createRounds } from '../../../simulator/people/rounds.ts'
import { createEspresense } from '../../../simulator/receivers/espresense.ts'
import { sealedFrame } from '../../gateway/core/building.ts'

const OURS = 'a3'
const T0 = 1_790_000_000_000
const log = createLog({ level: 'silent', pretty: false })
const northgate = await readSite('simulator/building/northgate.yaml')
const doors = new Map(
  northgate.buildings.flatMap(({ floors }) =>
    floors.flatMap(({ rooms }) => rooms.map(({ id, adjacent }) => [id, adjacent] as const)),
  ),
)
/** Northgate House with one receiver of ours, in the corridor, and nodes for the others; p-07 is known to them. */
const site = Site.parse({
  ...northgate,
  receivers: northgate.receivers.map(receiver =>
    receiver.id === OURS ? receiver : { ...receiver, espresense: { node: `room-${receiver.id}` } },
  ),
  pendants: northgate.pendants.map(pendant => ({
    ...pendant,
    ...(pendant.id === 'p-07' ? { espresense: `known:${pendant.address.replaceAll(':', '')}` } : {}),
  })),
})
const pendant = site.pendants.find(({ id }) => id === 'p-07')
if (pendant?.key === undefined || pendant.espresense === undefined)
  throw new Error('expected p-07 and its key')
const { address, key, espresense: device } = pendant

type Gateway = {
  engine: Engine
  broker: Broker
  clock: SteppedClock
  metrics: ReturnType<typeof createMetrics>
  /** How many events of this kind were carried out. */
  heard(kind: EngineEvent['kind']): number
  until(isSo: () => boolean): Promise<void>
}
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(): Promise<Gateway> {
  const clock = steppedClock(T0)
  const metrics = createMetrics()
  const effects = { place() {}, withdraw() {}, reply() {}, tell() {} }
  const engine = await startEngine({
    plan: planOf(site),
    journal: memoryJournal(),
    clock,
    effects,
    metrics,
    log,
  })
  const counts = new Map<string, number>()
  const waiting: (() => void)[] = []
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    site,
    log,
    submit: async event => {
      const decided = await engine.submit(event)
      counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1)
      for (const wake of waiting.splice(0)) wake()
      return decided
    },
  })
  ends.push(
    () => engine.close(),
    () => broker.close(),
  )
  return {
    engine,
    broker,
    clock,
    metrics,
    heard: kind => counts.get(kind) ?? 0,
    async until(isSo) {
      while (!isSo()) await new Promise<void>(wake => waiting.push(wake))
    },
  }
}

async function connected(gateway: Gateway, id: string, options: IClientOptions = {}): Promise<MqttClient> {
  const password = site.receivers.find(receiver => receiver.id === id)?.password ?? ''
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: gateway.broker.port,
    username: id,
    password,
    reconnectPeriod: 0,
    ...options,
  })
  client.on('error', () => undefined)
  ends.push(() => client.endAsync(true))
  await new Promise<void>(resolve => client.once('connect', () => resolve()))
  return client
}

type Second = { truth: string; room: string | null; sinceS: number }
const ROOMS = ['bedroom', 'annex', 'bathroom', 'living', 'entry', 'hall', 'bedroom']

type Walker = {
  /** Goes through these rooms; each half second is one packet, and `each` is told where it was sent. */
  go(seed: number, press: boolean, each: (truth: string | null, atMs: number) => Promise<void>): Promise<void>
  gateway: Gateway
}

/** The building with these nodes and our receiver, all on the broker, and somebody with p-07 in it. */
async function building(nodes: readonly string[]): Promise<Walker> {
  const gateway = await start()
  const { broker, clock, engine } = gateway
  const link = { broker: { host: '127.0.0.1', port: broker.port }, clock, knownMacs: new Set([address]) }
  const simulated: Omit<Receiver, 'say'>[] = nodes.map(id =>
    createEspresense({ ...link, id, node: `room-${id}`, password: passwordOf(id) }),
  )
  for (const node of simulated) ends.push(() => node.stop())
  const online = () => engine.desk.snapshot().receivers.filter(({ isOnline }) => isOnline).length
  await gateway.until(() => online() >= nodes.length)
  const ours = await connected(gateway, OURS)
  await ours.publishAsync(topicOf(OURS, 'status'), ALIVE, { qos: 1 })
  let counter = 0
  const go: Walker['go'] = async (seed, press, each) => {
    const rounds = createRounds({ plan: northgatePlan, doors, rooms: ROOMS, secondsARoom: 40, seed })
    const random = createRandom(seed + 1)
    const level = (id: string, atMs: number): number | null => {
      const here = rounds.place(atMs)
      const [x = 0, y = 0, height = 0] = site.receivers.find(receiver => receiver.id === id)?.at ?? []
      const at = { x, y, height }
      const dbm = meanLevel(quietOffice, northgatePlan, here, at, 4) + fadeOf(quietOffice, here, at, random)
      return hearPacket(quietOffice, dbm, random)
    }
    for (let atMs = 0; atMs < rounds.lengthMs; atMs += PACKET_MS) {
      counter += 1
      const data = sealedFrame({
        counter,
        address,
        key,
        ...(press ? { kind: KIND_CORD, alarmNumber: 1 } : {}),
      })
      for (const node of simulated) {
        const rssiDbm = level(node.id, atMs)
        const bytes = Buffer.from(data, 'hex')
        if (rssiDbm !== null) node.hear({ address, data: bytes, rssiDbm, heardAtMs: clock.nowMs() })
      }
      const rssiDbm = level(OURS, atMs)
      if (rssiDbm !== null) {
        const batch = { v: 1, reports: [{ address, rssiDbm, data, ageMs: 0 }] }
        await ours.publishAsync(topicOf(OURS, 'reports'), JSON.stringify(batch), { qos: 1 })
      }
      const told = simulated.reduce((sum, node) => sum + node.counters().published, 0)
      await gateway.until(() => gateway.heard('hint') >= told)
      clock.advance(PACKET_MS)
      if (atMs % 10_000 === 0) await ours.publishAsync(topicOf(OURS, 'status'), ALIVE, { qos: 1 })
      await each(rounds.room(atMs), atMs)
    }
  }
  return { go, gateway }
}
const PACKET_MS = 500
const ALIVE = JSON.stringify({ v: 1, status: 'online', uptimeMs: 0, heard: 0, published: 0, dropped: 0 })
const passwordOf = (id: string): string => site.receivers.find(receiver => receiver.id === id)?.password ?? ''

/** A walk test of all rooms, tapped as they were; nothing is learnt where nobody of ours hears. */
async function walkTest({ go, gateway: { engine } }: Walker): Promise<void> {
  const by = { pendant: 'p-07', by: 'Ada' }
  await engine.submit({ kind: 'walk-start', ...by })
  let tapped: string | null = null
  await go(11, false, async truth => {
    if (truth === tapped || truth === null) return
    tapped = truth
    await engine.submit({ kind: 'walk-enter', room: truth, ...by })
  })
  expect((await engine.submit({ kind: 'walk-finish', ...by })).refused).toBeNull()
}

/** Rooms as they were and as the desk had them, while the cord is out. */
async function followed({ go, gateway: { engine } }: Walker): Promise<Second[]> {
  const seen: Second[] = []
  let [entered, sinceMs] = ['', 0]
  await go(5, true, async (truth, atMs) => {
    if (truth !== entered) [entered, sinceMs] = [truth ?? '', atMs]
    const [incident] = engine.desk.snapshot().incidents
    if (truth !== null && incident !== undefined)
      seen.push({ truth, room: incident.whereabouts.room, sinceS: (atMs - sinceMs) / 1_000 })
  })
  return seen
}
const shareRight = (seen: readonly { truth: string; room: string | null }[]): number =>
  seen.filter(({ truth, room }) => truth === room).length / seen.length

const NODES = ['a1', 'a2', 'a4', 'a5', 'a6']

/** The nodes' smoothing reaches back 15 s. */
const settled = (seen: readonly Second[]) => seen.filter(({ sinceS }) => sinceS >= 15)

async function walked(nodes: readonly string[], isTaught: boolean): Promise<number> {
  const somebody = await building(nodes)
  if (isTaught) await walkTest(somebody)
  return shareRight(settled(await followed(somebody)))
}

describe('a walk through the building, of which one receiver of ours in the corridor hears', () => {
  it('is followed by ESPresense nodes into rooms that our receiver cannot tell', async () => {
    const withNodes = await walked(NODES, false)
    expect(withNodes).toBeGreaterThan(0.4)
    expect(withNodes).toBeGreaterThan((await walked([], false)) + 0.2)
  })

  it('is followed better after a walk test, in which nodes are learnt like any receiver', async () => {
    const withNodes = await walked(NODES, true)
    expect(withNodes).toBeGreaterThan(0.7)
    expect(withNodes).toBeGreaterThan((await walked([], true)) + 0.2)
  })
})

describe('a node on the broker', () => {
  const reading = JSON.stringify({
    mac: 'c7f936ddb0ca',
    'rssi@1m': -59,
    rssi: -71.25,
    distance: 2.84,
    int: 412,
  })
  const refusals = async (gateway: Gateway, reason: string): Promise<number> => {
    const text = await gateway.metrics.render()
    const line = text.split('\n').find(each => each.startsWith(`tocsin_refused_total{reason="${reason}"}`))
    return Number(line?.split(' ').at(-1))
  }

  it('raises nothing and leaves no trace of an idle pendant', async () => {
    const gateway = await start()
    const node = await connected(gateway, 'a1')
    node.publish(deviceTopic(device, 'room-a1'), reading)
    await gateway.until(() => gateway.heard('hint') === 1)
    const { incidents, seq } = gateway.engine.desk.snapshot()
    expect([incidents, seq]).toEqual([[], 0])
  })

  it.each([
    ['a reading that was retained', deviceTopic(device, 'room-a1'), reading, { retain: true }, 'retained'],
    ['one sent before', deviceTopic(device, 'room-a1'), reading, { dup: true, qos: 1 }, 'stale'],
    ['no JSON', deviceTopic(device, 'room-a1'), '{"rssi":', {}, 'malformed'],
    ['a level in words', deviceTopic(device, 'room-a1'), '{"rssi":"near"}', {}, 'malformed'],
    ['a novel', deviceTopic(device, 'room-a1'), `{"rssi":-60,"x":"${'x'.repeat(9_000)}"}`, {}, 'oversized'],
  ] as const)('with %s is refused by reason, and goes on', async (_name, topic, payload, options, reason) => {
    const gateway = await start()
    const node = await connected(gateway, 'a1')
    node.publish(topic, payload, options)
    await gateway.until(() => gateway.heard('refused') === 1)
    expect(await refusals(gateway, reason)).toBe(1)
    node.publish(deviceTopic(device, 'room-a1'), reading)
    await gateway.until(() => gateway.heard('hint') === 1)
  })

  it.each([
    ['the reports of a receiver', topicOf('a1', 'reports'), JSON.stringify({ v: 1, reports: [] })],
    ['for another node', deviceTopic(device, 'room-a2'), reading],
    ['that another node is gone', nodeStatusTopic('room-a2'), 'offline'],
    ['for ESPresense’s companion', 'espresense/companion/p-07', 'attic'],
  ])('that speaks %s is cut off, and that is a security event', async (_name, topic, payload) => {
    const gateway = await start()
    const node = await connected(gateway, 'a1')
    const end = new Promise<void>(resolve => node.once('close', () => resolve()))
    node.publish(topic, payload)
    await end
    expect(gateway.engine.desk.snapshot().security).toMatchObject([{ reason: 'wrong-topic', receiver: 'a1' }])
    expect(gateway.heard('hint')).toBe(0)
  })

  it('is no way in for a receiver of ours, which is cut off when it speaks as a node', async () => {
    const gateway = await start()
    const ours = await connected(gateway, OURS)
    const end = new Promise<void>(resolve => ours.once('close', () => resolve()))
    ours.publish(deviceTopic(device, OURS), reading)
    await end
    expect(gateway.heard('hint')).toBe(0)
  })

  it('hears nothing of what other nodes say, their settings included', async () => {
    const gateway = await start()
    const [one, other] = [await connected(gateway, 'a1'), await connected(gateway, 'a2')]
    const heard: string[] = []
    other.on('message', topic => heard.push(topic))
    for (const filter of [
      'espresense/settings/+/config',
      'espresense/rooms/*/+/set',
      'espresense/rooms/room-a2/+/set',
    ])
      await other.subscribeAsync(filter).catch(() => 'refused')
    expect(gateway.engine.desk.snapshot().security).toEqual([])
    await one.publishAsync(`espresense/settings/${device}/config`, '{"rssi@1m":-10}', { qos: 1 })
    await other.publishAsync('espresense/rooms/room-a2/name', 'x', { qos: 1 })
    expect(heard).toEqual([])
  })

  it('is known to be down when it says so, and when its connection ends', async () => {
    const gateway = await start()
    const downs = () =>
      gateway.engine.desk
        .snapshot()
        .technical.map(({ key: of }) => of)
        .filter(of => of === 'receiver:a1')
    const node = await connected(gateway, 'a1')
    for (const [status, down] of [
      ['online', []],
      ['offline', ['receiver:a1']],
      ['online', []],
    ] as const) {
      await node.publishAsync(nodeStatusTopic('room-a1'), status, { qos: 1, retain: true })
      expect(downs()).toEqual(down)
    }
    const before = gateway.heard('receiver-status')
    node.stream.destroy()
    await gateway.until(() => gateway.heard('receiver-status') > before)
    expect(downs()).toEqual(['receiver:a1'])
  })
})
