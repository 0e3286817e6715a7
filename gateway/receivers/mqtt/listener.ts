// One listening port with the MQTT broker behind it: sockets in, the front desk's hooks around it. It can be closed though it
// hangs, and opened anew on the same port.
import { createServer, type Server } from 'node:net'
import { Aedes, type AedesOptions, type PublishPacket } from 'aedes'
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Clock, Log } from '../../ports.ts'
import type { Access } from '../access.ts'
import { Connection } from './connection.ts'

const CONNECTIONS_MAX = 1024
const LIMITS = {
  connectTimeout: 5000,
  /** A receiver that is gone without a word is noticed after one and a half of the keepalive it promised. */
  keepaliveLimit: 120,
  /** How long, in ms, a receiver may leave the beacons sent to it unread. */
  drainTimeout: 10_000,
  /** MQTT 3.1 has shorter client ids than 3.1.1; ours carry the account before them. */
  maxClientsIdLength: 128,
} satisfies AedesOptions

/** The broker can't listen; `cause` says why. */
export class BrokerFailed extends Error {
  override readonly name = 'BrokerFailed'
}

export type Listener = {
  readonly port: number
  publish(packet: PublishPacket, done: (error?: Error) => void): void
  /** Lets go of the port, and ends what is connected. */
  close(): Promise<void>
}

export type ListenerOptions = {
  host: string
  /** 0 takes a free one. */
  port: number
  desk: Pick<Access, 'hooks' | 'arrived' | 'connectionFailed'>
  clock: Clock
  log: Log
}

/** Listens for receivers. Throws BrokerFailed where it can't. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { desk, log } = options
  const aedes = await Aedes.createBroker({ ...LIMITS, ...desk.hooks })
  for (const event of ['clientError', 'connectionError'] as const) aedes.on(event, desk.connectionFailed)
  // Typed for other events only; without a listener it would end the process.
  aedes.on('error' as 'clientError', (error: unknown) => log.error({ error }, 'broker'))
  const server = createServer({ noDelay: true, keepAlive: true }, socket => {
    const connection = new Connection(socket, options.clock.nowMs)
    desk.arrived(connection)
    aedes.handle(connection)
  })
  return {
    port: await listen(server, options),
    publish: (packet, done) => aedes.publish(packet, done),
    async close() {
      await new Promise<void>(done => server.close(() => done()))
      await new Promise<void>(done => aedes.close(done))
    },
  }
}

function listen(server: Server, { host, port, log }: ListenerOptions): Promise<number> {
  server.maxConnections = CONNECTIONS_MAX
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      const place = `${host}:${port}`
      const expected = `expected to listen on ${place} for receivers (--mqtt)`
      reject(new BrokerFailed(`${expected}, and could not: ${faultWords(cause)}`, { cause }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      server.on('error', error => log.error({ error }, 'broker'))
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
