// The embedded MQTT broker: receivers' messages in, engine events out; what the wearers are to be told back out.
// Promises that a report is acknowledged only after the engine has committed what came of it, in the order it came.
import { createServer, type Server } from 'node:net'
import { Aedes, type AedesOptions } from 'aedes'
import type { Site } from '../../schemas/site.ts'
import { systemClock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Clock, Submit, ToldOrder } from '../ports.ts'
import { Connection } from './connection.ts'
import { reception } from './reception.ts'
import { teller } from './teller.ts'

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

export type BrokerOptions = {
  host: string
  /** 0 takes a free one. */
  port: number
  site: Pick<Site, 'receivers'>
  submit: Submit
  log: Log
  clock?: Clock
}

export type Broker = {
  readonly port: number
  /** Tells every receiver the newest live order of each pendant. */
  broadcast(orders: readonly ToldOrder[]): void
  /** Takes over the accounts; receivers that are gone or have a new password are disconnected. */
  setSite(site: Pick<Site, 'receivers'>): void
  close(): Promise<void>
}

/** Listens for receivers. Throws BrokerFailed where it can't. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { log, clock = systemClock() } = options
  const desk = reception(options)
  const aedes = await Aedes.createBroker({ ...LIMITS, ...desk.hooks })
  for (const event of ['clientError', 'connectionError'] as const) aedes.on(event, desk.connectionFailed)
  // Typed for other events only; without a listener it would end the process.
  aedes.on('error' as 'clientError', (error: unknown) => log.error({ error }, 'broker'))
  const server = createServer({ noDelay: true, keepAlive: true }, socket => {
    const connection = new Connection(socket)
    desk.arrived(connection)
    aedes.handle(connection)
  })
  const port = await listen(server, options)
  const told = teller(aedes, clock, log)
  told.setReceivers(receiverIds(options.site))
  log.info({ host: options.host, port }, 'broker listens for receivers')
  return {
    port,
    broadcast: told.take,
    setSite(site) {
      desk.setReceivers(site.receivers)
      told.setReceivers(receiverIds(site))
    },
    async close() {
      told.close()
      desk.close()
      await new Promise<void>(done => server.close(() => done()))
      await new Promise<void>(done => aedes.close(done))
    },
  }
}

/** Those that broadcast: an ESPresense node does not. */
const receiverIds = ({ receivers }: Pick<Site, 'receivers'>): string[] =>
  receivers.flatMap(({ id, espresense }) => (espresense === undefined ? [id] : []))

function listen(server: Server, { host, port, log }: BrokerOptions): Promise<number> {
  server.maxConnections = CONNECTIONS_MAX
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      reject(new BrokerFailed(`the broker can't listen on ${host}:${port}: ${cause.message}`, { cause }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      server.on('error', error => log.error({ error }, 'broker'))
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
