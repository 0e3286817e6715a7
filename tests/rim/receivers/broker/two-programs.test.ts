// needs: socat
// Two programs connect as one receiver: MQTT lets each put the other out. The desk says so, once, as long as it goes on; a receiver that
// comes again after its connection ended is none of them.

import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createLog } from '../../../../gateway/log.ts'
import type { EngineEvent } from '../../../../gateway/ports.ts'
import { type Broker, startBroker } from '../../../../gateway/receivers/mqtt/broker.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { type SteppedClock, steppedClock } from '../../../../simulator/clock.ts'
import { untilDesk } from '../../../gateways/gateway-process.ts'
import { startReceiverBox } from '../../../gateways/receiver-process.ts'
import { startSmallBuilding } from '../../../gateways/small-building.ts'
import { PATIENCE } from '../../../patience.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'

const HOST = '127.0.0.1'
const ACCOUNT = { username: 'rx-1', password: 'password of rx-1' }
const site = { receivers: [{ id: 'rx-1', room: 'r-1', password: ACCOUNT.password }] }

let engine: Engine
let broker: Broker
let clock: SteppedClock
let faults: Extract<EngineEvent, { kind: 'fault' }>[]
const clients: MqttClient[] = []
beforeEach(async () => {
  engine = standInEngine()
  clock = steppedClock(1_790_000_000_000)
  faults = []
  const submit: Engine['submit'] = event => {
    if (event.kind === 'fault') faults.push(event)
    return engine.submit(event)
  }
  const log = createLog({ level: 'silent', pretty: false })
  broker = await startBroker({ host: HOST, port: 0, site, submit, log, clock })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await broker.close()
})

async function connected(clientId = 'rx-1'): Promise<MqttClient> {
  const client = mqtt.connect({ host: HOST, port: broker.port, ...ACCOUNT, clientId, reconnectPeriod: 0 })
  client.on('error', () => undefined)
  clients.push(client)
  await new Promise<void>(resolve => client.once('connect', () => resolve()))
  return client
}
const isOut = (client: MqttClient) => vi.waitUntil(() => !client.connected, PATIENCE)
/** Two programs in turn, each of which puts the other out. */
async function contend(times: number): Promise<void> {
  let before = clients.findLast(({ connected: isIn }) => isIn)
  for (let i = 0; i < times; i++) {
    const next = await connected()
    if (before !== undefined) await isOut(before)
    before = next
    clock.advance(5_000)
  }
}
const told = () => vi.waitUntil(() => faults.at(-1), PATIENCE)

it('is said once in words, however long it goes on, and taken back when it has stopped', async () => {
  await contend(4)
  expect(faults).toEqual([])
  await contend(30)
  expect(await told()).toEqual({
    kind: 'fault',
    key: 'receiver-twice:rx-1',
    text: 'Two programs connect as receiver rx-1, and each puts the other out: what they hear may come late. Give each a receiver and an account of its own. If there is one alone, its network breaks off again and again',
  })
  expect(faults).toHaveLength(1)
  clock.advance(114_000)
  expect(faults).toHaveLength(1)
  clock.advance(1_000)
  expect(faults.slice(1)).toEqual([{ kind: 'fault', key: 'receiver-twice:rx-1', text: null }])
  expect(engine.heard.filter(kind => kind === 'receiver-status')).toEqual([])
})

it('is not said of one that comes again after its connection ended, nor of two under ids of their own', async () => {
  for (let i = 0; i < 10; i++) {
    const client = await connected()
    await client.endAsync(true)
    await engine.next('receiver-status')
  }
  const both = [await connected('a'), await connected('b')]
  for (const client of both)
    await client.publishAsync(topicOf('rx-1', 'reports'), '{"v":1,"reports":[]}', { qos: 1 })
  expect(both.map(({ connected: isIn }) => isIn)).toEqual([true, true])
  expect(faults).toEqual([])
})

it('two daemons of one receiver: it stands on the desk in one row', async () => {
  const small = await startSmallBuilding()
  const at = { id: 'r-hall', password: 'password-hall', broker: `mqtt://${HOST}:${small.gateway.mqtt.port}` }
  const boxes = [await startReceiverBox(at), await startReceiverBox(at)]
  try {
    const fault = await untilDesk(small.gateway.url, ({ technical }) =>
      technical.find(({ key }) => key === 'receiver-twice:r-hall'),
    )
    expect(fault.text).toMatch(/^Two programs connect as receiver r-hall, and each puts the other out/)
  } finally {
    for (const box of boxes) await box.close()
    await small.stop()
  }
})
