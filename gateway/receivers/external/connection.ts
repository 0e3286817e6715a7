// One connection to a broker outside, from its first packet to its last. In: what is published and listened to. Out: what comes, the
// acknowledgement of each left to the caller, and why it ended. Never connects again by itself, and leaves nothing to the next one:
// what was not acknowledged on it the broker delivers again.
import mqtt, { type IClientOptions, type IPublishPacket } from 'mqtt'
import { GATEWAY, linkWords } from '../../../schemas/link-words.ts'
import type { Clock } from '../../ports.ts'
import { puback } from '../payload/owing.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** So long the broker may take to say whether the gateway may listen. */
const ANSWER_MS = 5_000
const KEEPALIVE_S = 15

export const NO_ANSWER = 'the connection was cut, or nobody answers'

export type Account = { url: string; username?: string; password?: string; ca?: string }
export type Message = Pick<IPublishPacket, 'topic' | 'payload' | 'retain'>

export type ConnectionEvents = {
  /** The broker let it in; `sessionPresent` where it had kept something for it, some of which may have come already. */
  onReady(sessionPresent: boolean): void
  /** Nothing more comes before `next` is called; that acknowledges nothing. */
  onMessage(packet: IPublishPacket, next: () => void): void
  /** Once, and the last of all; in words. */
  onGone(why: string): void
}

export type Connection = {
  /** At QoS 1. `done` once the broker has it; never where the connection ends before. */
  publish(message: Message, done?: () => void): void
  /** Calls back with why it may not, or with null. Not at all where the connection ends before. */
  listen(filters: readonly string[], qos: 0 | 1, done: (why: string | null) => void): void
  unlisten(filters: readonly string[]): void
  /** Of a message at QoS 1. Nothing where the connection has ended. */
  acknowledge(packet: IPublishPacket): void
  /** Ends it, for this reason. */
  cut(why: string): void
}

export type ConnectionOptions = Account &
  Pick<IClientOptions, 'clean' | 'clientId' | 'will'> & { clock: Clock; events: ConnectionEvents }

export function openConnection({ url, clock, events, ...options }: ConnectionOptions): Connection {
  const client = mqtt.connect(url, {
    ...options,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_S,
  })
  // The client's only one, since it never connects again.
  const { stream } = client
  let why: string | null = null
  let cancel = (): void => {}
  function cut(reason: string): void {
    why ??= reason
    client.end(true)
  }
  client.on('error', error => cut(linkWords(error, GATEWAY)))
  client.on('connect', ({ sessionPresent }) => events.onReady(sessionPresent))
  client.once('close', () => {
    cancel()
    client.end(true)
    events.onGone(why ?? NO_ANSWER)
  })
  client.handleMessage = (packet, done) => {
    // mqtt.js acknowledges where it is called back without an error, and goes on to the next either way.
    const next = (): void => done(packet.qos === 1 ? ANSWERED_LATER : undefined)
    if (why === null) events.onMessage(packet, next)
  }
  return {
    publish({ topic, payload, retain }, done = () => {}) {
      client.publish(topic, payload, { qos: 1, retain }, error => error == null && done())
    },
    listen(filters, qos, done) {
      if (filters.length === 0) return done(null)
      cancel = clock.after(ANSWER_MS, () => cut('it does not answer whether the gateway may listen'))
      client.subscribe([...filters], { qos }, (error, _asked, answer) => {
        cancel()
        const at = answer?.granted.findIndex(granted => Number(granted) > 2) ?? -1
        if (at >= 0) done(`it lets the gateway not listen to ${filters[at]}: look at its ACL`)
        // Otherwise the connection has ended, and says so itself.
        else if (error == null) done(null)
      })
    },
    unlisten: filters => void (filters.length > 0 && client.unsubscribe([...filters])),
    // By the client's own way one that was late would go out on the next connection, for another message of its id.
    acknowledge: ({ messageId = 0 }) => void (stream.destroyed || stream.write(puback(messageId))),
    cut,
  }
}

/** Keeps mqtt.js from acknowledging by itself. */
const ANSWERED_LATER = new Error('acknowledged after the commit')
