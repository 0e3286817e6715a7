// A broker outside in place of the gateway's own: the gateway is its client, under a session that goes on while it is away. In:
// what receivers publish there. Out: events, beacon lists, the journal's end. Promises that a message at QoS 1 is acknowledged only
// once what came of it is committed, so that the broker delivers it again where it was not.
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import type { JournalEnd } from '../../../schemas/report.ts'
import { type ExternalBroker, GATEWAY_STATUS_TOPIC } from '../../../schemas/site/broker.ts'
import type { Receiver } from '../../../schemas/site.ts'
import { isTeller } from '../../core/plan/foreign.ts'
import type { Clock, Log, Submit, ToldOrder } from '../../ports.ts'
import { beaconLists } from '../beacon-lists.ts'
import type { Broker, BrokerSite } from '../mqtt/broker.ts'
import { toldSettings } from '../told-settings.ts'
import { heardOutside } from './heard.ts'
import { linkWords } from './link-words.ts'
import { filtersOf } from './subscribed.ts'

const RECONNECT_MS = 1_000
const CONNECT_TIMEOUT_MS = 5_000
const KEEPALIVE_S = 15

/** What the thread is given: secrets as they are, files read. */
export type ExternalSetting = Pick<ExternalBroker, 'url' | 'username' | 'password' | 'clientId'> & {
  ca?: string
}

export type ExternalOptions = {
  setting: ExternalSetting
  site: BrokerSite
  submit: Submit
  clock: Clock
  log: Log
  onCame(receiver: string): void
  /** Null while it is connected and lets the gateway listen; otherwise why not, in words. */
  onLink(why: string | null): void
}

/** Goes on trying for ever where it cannot be had. */
export function startExternal(options: ExternalOptions): Broker {
  const { setting, clock, log, onLink } = options
  let { receivers } = options.site
  let end: JournalEnd | null = null
  const client = mqtt.connect(setting.url, optionsOf(setting))
  const publish = publisher(client)
  const told = beaconLists({ publish }, clock, log)
  let settings = toldSettings({ publish }, log)
  const heard = heardOutside(client, options)
  heard.setReceivers(receivers)

  /** All that is kept there once more: it may have been another broker, or one that forgot. */
  async function greet(): Promise<void> {
    const granted = await client.subscribeAsync(filtersOf(receivers), { qos: 1 })
    const refused = granted.find(({ qos }) => qos > 2)
    if (refused !== undefined)
      return onLink(`it lets the gateway not listen to ${refused.topic}: look at its ACL`)
    heard.subscribed()
    const online = JSON.stringify({ v: 1, status: 'online' })
    publish({ topic: GATEWAY_STATUS_TOPIC, payload: online, qos: 1, retain: true }, () => undefined)
    settings = toldSettings({ publish }, log)
    settings.setReceivers(receivers)
    told.setReceivers(tellersOf(receivers))
    if (end !== null) told.tellEnd(end)
    onLink(null)
  }
  // What had waited may come before mqtt.js says that it is connected.
  client.on('packetreceive', packet => {
    if (packet.cmd === 'connack') heard.connected(packet.sessionPresent)
  })
  client.on('connect', () => {
    why = null
    greet().catch(error => onLink(linkWords(error)))
  })
  /** Until it is connected again: that it is closed then says less. */
  let why: string | null = null
  client.on('error', error => {
    why = linkWords(error)
    onLink(why)
  })
  client.on('close', () => onLink(why ?? 'the connection was cut, or nobody answers'))

  return {
    port: 0,
    broadcast: (orders: readonly ToldOrder[]) => told.take(orders),
    tellEnd(now) {
      end = now
      told.tellEnd(now)
    },
    setSite(site) {
      receivers = site.receivers
      heard.setReceivers(receivers)
      told.setReceivers(tellersOf(receivers))
      settings.setReceivers(receivers)
      if (client.connected) client.subscribe(filtersOf(receivers), { qos: 1 })
    },
    // Whose certificate it shows is its own business.
    setCertificate() {},
    async close() {
      told.close()
      heard.close()
      const offline = JSON.stringify({ v: 1, status: 'offline' })
      if (client.connected)
        await client
          .publishAsync(GATEWAY_STATUS_TOPIC, offline, { qos: 1, retain: true })
          .catch(() => undefined)
      // What had no acknowledgement has none: it comes again to whoever starts next.
      await client.endAsync(true)
    },
  }
}

const tellersOf = (receivers: readonly Receiver[]): string[] => receivers.filter(isTeller).map(({ id }) => id)

function optionsOf({ username, password, clientId, ca }: ExternalSetting): IClientOptions {
  return {
    clientId,
    // The session, and what comes for it, is kept there while the gateway is away.
    clean: false,
    resubscribe: false,
    // It may be let in later: accounts are put right there too.
    reconnectOnConnackError: true,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_S,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    will: {
      topic: GATEWAY_STATUS_TOPIC,
      payload: Buffer.from('{"v":1,"status":"offline"}'),
      qos: 1,
      retain: true,
    },
  }
}

/** While it is away nothing is kept for it: all of it is said anew when it is back. */
const publisher =
  (client: MqttClient) =>
  (
    { topic, payload, retain }: Pick<IPublishPacket, 'topic' | 'payload' | 'retain'> & { qos: 0 | 1 | 2 },
    done: (error?: Error) => void,
  ): void => {
    if (client.connected)
      client.publish(topic, payload, { qos: 1, retain }, error => done(error ?? undefined))
    else done()
  }
