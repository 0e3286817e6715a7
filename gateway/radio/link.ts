// One connection of a receiver to its broker, from the first packet to the last. In: batches and a status to publish;
// out: which batch the broker confirmed, and which it never did. Never reconnects by itself.
import { connect, type MqttClient } from 'mqtt'
import { linkWords, RECEIVER } from '../../schemas/link-words.ts'
import {
  BeaconOrder,
  JOURNAL_TOPIC,
  JournalEnd,
  type ReceiverStatus,
  type ReportBatch,
  topicOf,
} from '../../schemas/report.ts'
import type { Waiting } from './queue.ts'

const CONNECT_TIMEOUT_MS = 4_000
const KEEPALIVE_SECONDS = 5
/** How long a goodbye may take before the line is dropped. */
const CLOSE_MS = 500

export type BrokerAddress = {
  host: string
  port: number
  /** Whether it speaks TLS, and whose certificates are believed there; those of the machine where none are given. */
  tls?: { ca?: string }
}
export type LinkOptions = { id: string; password: string; broker: BrokerAddress }

/** One line to the gateway, whatever it runs over. */
export type Link = {
  /** The most reports of one batch; as many as a message takes where it is left out. */
  readonly batchMax?: number
  isReady(): boolean
  inFlight(): number
  publish(batch: Waiting[], body: ReportBatch, onConfirmed: () => void): void
  say(status: ReceiverStatus): void
  close(): Promise<void>
  cut(): void
}
export type LinkEvents = {
  onReady(): void
  /** An order from the gateway, or null where it could not be understood. */
  onOrder(order: BeaconOrder | null): void
  /** The newest row of the gateway's journal. */
  onJournal(end: JournalEnd): void
  /** The connection is over; these batches were never confirmed, oldest first. */
  onGone(unconfirmed: Waiting[][], reason: string): void
}

export function createLink({ id, password, broker }: LinkOptions, events: LinkEvents): Link {
  const offline: ReceiverStatus = { v: 1, status: 'offline' }
  const will = {
    topic: topicOf(id, 'status'),
    payload: JSON.stringify(offline),
    qos: 1,
    retain: true,
  } as const
  const { host, port, tls } = broker
  const client: MqttClient = connect({
    host,
    port,
    ...(tls !== undefined && { protocol: 'mqtts', rejectUnauthorized: true, ...tls }),
    clientId: id,
    username: id,
    password,
    will,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_SECONDS,
  })
  const unconfirmed = new Set<Waiting[]>()
  let reason = 'the connection was closed'
  const say = (status: ReceiverStatus) =>
    client.publish(topicOf(id, 'status'), JSON.stringify(status), { qos: 1, retain: true })

  client.on('connect', () => {
    client.subscribe([topicOf(id, 'beacon'), JOURNAL_TOPIC], { qos: 1 })
    events.onReady()
  })
  client.on('message', (topic, payload) => {
    if (topic !== JOURNAL_TOPIC) return events.onOrder(readOrder(payload))
    const end = JournalEnd.safeParse(parsed(payload))
    if (end.success) events.onJournal(end.data)
  })
  client.on('error', error => {
    reason = linkWords(error, RECEIVER)
  })
  client.once('close', () => {
    client.end(true)
    events.onGone([...unconfirmed], reason)
  })

  return {
    isReady: () => client.connected,
    inFlight: () => unconfirmed.size,
    publish(batch, body, onConfirmed) {
      unconfirmed.add(batch)
      client.publish(topicOf(id, 'reports'), JSON.stringify(body), { qos: 1 }, error => {
        if (error == null && unconfirmed.delete(batch)) onConfirmed()
      })
    },
    say,
    close: () => {
      if (client.connected) say(offline)
      return ended(client)
    },
    cut: () => client.end(true),
  }
}

/** Waits for what is on the way, and no longer than CLOSE_MS. */
function ended(client: MqttClient): Promise<void> {
  return new Promise(resolve => {
    const force = setTimeout(() => {
      client.stream.destroy()
      resolve()
    }, CLOSE_MS)
    client.end(!client.connected, () => {
      clearTimeout(force)
      resolve()
    })
  })
}

function readOrder(payload: Buffer): BeaconOrder | null {
  const order = BeaconOrder.safeParse(parsed(payload))
  return order.success ? order.data : null
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch {
    return null
  }
}
