// The listening ports with the MQTT broker behind them, plain and TLS: sockets in, the front desk's hooks around it.
import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { Aedes, type AedesOptions, type PublishPacket } from 'aedes'
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Clock, Log } from '../../ports.ts'
import type { Access } from '../access.ts'
import { Connection } from './connection.ts'
import { BrokerFailed } from './failed.ts'
import { CLIENT_ID_MAX, KEEPALIVE_S_MAX } from './handshake.ts'

const CONNECTIONS_MAX = 1024
const LIMITS = {
  connectTimeout: 5000,
  keepaliveLimit: KEEPALIVE_S_MAX,
  /** How long, in ms, a receiver may leave the beacons sent to it unread. */
  drainTimeout: 10_000,
  maxClientsIdLength: CLIENT_ID_MAX,
} satisfies AedesOptions

export type Listener = {
  /** The plain port; where there is none, that of TLS. */
  readonly port: number
  /** Who connects from now on sees this certificate; who is connected stays. */
  setCertificate(pem: Pem): void
  publish(packet: PublishPacket, done: (error?: Error) => void): void
  /** Lets go of the port, and ends what is connected. */
  close(): Promise<void>
}

export type Pem = { cert: string; key: string }

export type ListenerOptions = {
  host: string
  /** Without TLS; 0 takes a free one, null is none. */
  port: number | null
  tls?: { port: number; pem: Pem } | null
  desk: Pick<Access, 'hooks' | 'arrived' | 'connectionFailed'>
  clock: Clock
  log: Log
  /** Said before anybody can come in. */
  first?: PublishPacket | null
}

/** Listens for receivers. Throws BrokerFailed where it can't. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { desk, log } = options
  const aedes = await Aedes.createBroker({ ...LIMITS, ...desk.hooks })
  for (const event of ['clientError', 'connectionError'] as const) aedes.on(event, desk.connectionFailed)
  // Typed for other events only; without a listener it would end the process.
  aedes.on('error' as 'clientError', (error: unknown) => log.error({ error }, 'broker'))
  const { first = null } = options
  if (first !== null) await new Promise<void>(done => aedes.publish(first, () => done()))
  const take = (socket: Socket): void => {
    const connection = new Connection(socket, options.clock.nowMs)
    desk.arrived(connection)
    aedes.handle(connection)
  }
  const { tls = null } = options
  let secureContext = tls === null ? undefined : createSecureContext({ ...TLS, ...tls.pem })
  // Counted among those that have shown no password from the first byte on: a handshake is no way to keep others out.
  const secured = (socket: Socket): void =>
    take(new TLSSocket(socket, { isServer: true, ...(secureContext && { secureContext }) }))
  const servers: Server[] = []
  const open = async (port: number, setting: string, onSocket: (socket: Socket) => void): Promise<number> => {
    const server = createServer({ noDelay: true, keepAlive: true }, onSocket)
    servers.push(server)
    return listen(server, port, setting, options)
  }
  const close = async (): Promise<void> => {
    for (const server of servers) if (server.listening) await new Promise(done => server.close(done))
    await new Promise<void>(done => aedes.close(done))
  }
  try {
    const plain = options.port === null ? null : await open(options.port, '--mqtt', take)
    const secure = tls === null ? null : await open(tls.port, 'mqtt.tls.port', secured)
    return {
      port: plain ?? secure ?? 0,
      publish: (packet, done) => aedes.publish(packet, done),
      setCertificate(pem) {
        secureContext = createSecureContext({ ...TLS, ...pem })
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const TLS = { minVersion: 'TLSv1.2' } as const

function listen(
  server: Server,
  port: number,
  setting: string,
  { host, log }: Pick<ListenerOptions, 'host' | 'log'>,
): Promise<number> {
  server.maxConnections = CONNECTIONS_MAX
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      const place = `${host}:${port}`
      const expected = `expected to listen on ${place} for receivers (${setting})`
      reject(new BrokerFailed(`${expected}, and could not: ${faultWords(cause)}`, { cause }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      server.on('error', error => log.error({ error }, 'broker'))
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
