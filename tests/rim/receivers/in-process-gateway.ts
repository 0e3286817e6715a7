// Broker and engine in this process on a clock that the test moves: receivers on real MQTT in, orders to call out.
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { systemClock } from '../../../gateway/clock.ts'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { type Engine, startEngine } from '../../../gateway/engine/engine.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { Clock, PageOrder } from '../../../gateway/ports.ts'
import { type Broker, startBroker } from '../../../gateway/receivers/mqtt/broker.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { topicOf } from '../../../schemas/report.ts'
import type { Site } from '../../../schemas/site.ts'
import { type SteppedClock, steppedClock } from '../../../simulator/clock.ts'

export const T0 = 1_790_000_000_000
const log = createLog({ level: 'silent', pretty: false })

export type Gateway = {
  engine: Engine
  broker: Broker
  clock: SteppedClock
  /** The calls asked for so far. */
  placed: PageOrder[]
  metric(line: string): Promise<number>
  connect(receiver: string, options?: IClientOptions): Promise<MqttClient>
  /** Resolves at the PUBACK. */
  publish(client: MqttClient, receiver: string, payload: string | Buffer): Promise<void>
  /** Another process on the same journal, at the same instant; receivers connect anew. */
  restart(): Promise<Gateway>
  close(): Promise<void>
}

export async function startHere(
  site: Site,
  { journal = memoryJournal(), clock = steppedClock(T0), brokerClock = systemClock() as Clock } = {},
): Promise<Gateway> {
  const placed: PageOrder[] = []
  const metrics = createMetrics()
  const effects = {
    place: (order: PageOrder) => void placed.push(order),
    withdraw() {},
    reply() {},
    tell() {},
  }
  const engine = await startEngine({ plan: planOf(site), journal, clock, effects, metrics, log })
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    site,
    log,
    submit: engine.submit,
    clock: brokerClock,
  })
  const clients: MqttClient[] = []
  const close = async () => {
    for (const client of clients.splice(0)) await client.endAsync(true)
    await broker.close()
    await engine.close()
  }
  return {
    engine,
    broker,
    clock,
    placed,
    async metric(name) {
      const line = (await metrics.render()).split('\n').find(each => each.startsWith(`${name} `))
      return line === undefined ? 0 : Number(line.slice(name.length))
    },
    async connect(receiver, options = {}) {
      const password = site.receivers.find(({ id }) => id === receiver)?.password ?? ''
      const at = { host: '127.0.0.1', port: broker.port, username: receiver, password, reconnectPeriod: 0 }
      const client = mqtt.connect({ ...at, ...options })
      client.on('error', () => undefined)
      clients.push(client)
      await new Promise<void>(resolve => client.once('connect', () => resolve()))
      return client
    },
    async publish(client, receiver, payload) {
      await client.publishAsync(topicOf(receiver, 'reports'), payload, { qos: 1 })
    },
    async restart() {
      await close()
      return startHere(site, { journal, clock, brokerClock })
    },
    close,
  }
}
