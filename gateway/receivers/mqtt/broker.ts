// The embedded MQTT broker: receivers' messages in, engine events out; what the wearers are to be told back out.
// Promises that a report is acknowledged only after the engine has committed what came of it, in the order it came.
import type { JournalEnd } from '../../../schemas/report.ts'
import { systemClock } from '../../clock.ts'
import { isTeller } from '../../core/plan/foreign.ts'
import type { Clock, Log, Submit, ToldOrder } from '../../ports.ts'
import { type AccessOptions, type AccessSite, access } from '../access.ts'
import { beaconLists } from '../beacon-lists.ts'
import type { Publish } from '../kept/standing.ts'
import { toldSettings } from '../told-settings.ts'
import { openListener, type Pem } from './listener.ts'

export type BrokerSite = AccessSite

export type BrokerOptions = {
  host: string
  /** Without TLS; 0 takes a free one, null is none. */
  port: number | null
  tls?: { port: number; pem: Pem } | null
  site: BrokerSite
  submit: Submit
  log: Log
  clock?: Clock
} & Pick<AccessOptions, 'probe' | 'onCame' | 'onAdmitted' | 'memory' | 'onProved'>

export type Broker = {
  readonly port: number
  /** Tells every receiver the newest live order of each pendant. */
  broadcast(orders: readonly ToldOrder[]): void
  /** Tells every receiver the newest row of the journal, to be remembered off this machine. */
  tellEnd(end: JournalEnd): void
  /** Takes over the accounts; receivers that are gone or have a new password are disconnected. */
  setSite(site: BrokerSite): void
  /** Who connects from now on sees this certificate; who is connected stays. */
  setCertificate(pem: Pem): void
  close(): Promise<void>
}

/** The gateway's own, where other systems read too what it says. */
export type OwnBroker = Broker & { publish: Publish }

/** Listens for receivers in this thread (a gateway does it in one of its own: ../thread). Throws BrokerFailed where it can't. */
export async function startBroker(options: BrokerOptions): Promise<OwnBroker> {
  const { host, log, clock = systemClock() } = options
  const desk = access({ ...options, clock })
  const { status } = options.site.kept ?? { status: null }
  const first = status === null ? null : packetOf(status, 'offline', true)
  const listener = await openListener({ ...options, clock, desk, first })
  const { port } = listener
  const told = beaconLists(listener, clock, log)
  told.setReceivers(receiverIds(options.site))
  const settings = toldSettings(listener, log)
  settings.setReceivers(options.site.receivers)
  log.info({ host, port, tls: options.tls?.port }, 'broker listens for receivers')
  return {
    port,
    broadcast: told.take,
    tellEnd: told.tellEnd,
    publish: (topic, payload, isRetained) =>
      new Promise((resolve, reject) =>
        listener.publish(packetOf(topic, payload, isRetained), error => (error ? reject(error) : resolve())),
      ),
    setSite(site) {
      desk.setSite(site)
      told.setReceivers(receiverIds(site))
      settings.setReceivers(site.receivers)
    },
    setCertificate: listener.setCertificate,
    async close() {
      told.close()
      desk.close()
      await listener.close()
    },
  }
}

/** At QoS 0: a session ends with its connection, and who comes back is given what stands there. */
const packetOf = (topic: string, payload: string, retain: boolean) =>
  ({ cmd: 'publish', topic, payload, qos: 0, retain, dup: false }) as const

/** Those that broadcast: an ESPresense node does not, and few gateways of other systems do. */
const receiverIds = ({ receivers }: BrokerSite): string[] => receivers.filter(isTeller).map(({ id }) => id)
