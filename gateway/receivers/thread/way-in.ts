// The way in that the site file names: ports of the gateway's own, or a broker outside. It changes with the site file; and it says
// what is known of it where the thread answers.
import { isDeepStrictEqual } from 'node:util'
import type { ExternalBroker, Mqtt } from '../../../schemas/site/broker.ts'
import type { Out } from '../../../schemas/site/out.ts'
import type { Clock, Log } from '../../ports.ts'
import { wayOutside } from '../external/outside.ts'
import type { BrokerSite } from '../mqtt/broker.ts'
import type { ProbeAccount } from '../mqtt/probe.ts'
import type { FromBroker, ToBroker } from './messages.ts'
import { type Ways, waysIn } from './ways.ts'

/** What a site file says of the way in. */
export type WaySite = Pick<BrokerSite, 'receivers' | 'accounts'> & {
  mqtt?: Mqtt | undefined
  broker?: ExternalBroker | undefined
  out?: Out | undefined
}

export type WayIn = Pick<Ways, 'setting' | 'listens' | 'words' | 'renew' | 'close'> & {
  /** Takes over what the site file says now; `other` is another thread's. */
  use(site: WaySite): 'same' | 'other'
  ask(probe: ProbeAccount): Promise<string | null>
  /** Of what the thread says, what is about the way itself. */
  hear(message: FromBroker): void
  /** What is to be told where the thread itself has this fault, or none. */
  fault(why: string | null): string | null
}

export type WayInOptions = {
  host: string
  port: number
  site: WaySite
  clock: Clock
  log: Log
  post(message: ToBroker): void
  tellCertificate(fault: string | null): void
  /** Whether the thread answers. */
  answers(): Promise<boolean>
  /** The broker outside is connected (null) or not. */
  onLink(fault: string | null): void
}

export function wayIn({
  site,
  clock,
  log,
  post,
  answers,
  onLink,
  tellCertificate,
  ...at
}: WayInOptions): WayIn {
  let { broker } = site
  let link: string | null = null
  const waysOf = (of: WaySite): Ways =>
    of.broker === undefined
      ? waysIn({
          ...{ ...at, mqtt: of.mqtt ?? PLAIN, clock, log },
          onCertificate: pem => post({ is: 'certificate', pem }),
          tell: tellCertificate,
        })
      : wayOutside({ broker: of.broker, answers })
  let ways = waysOf(site)
  return {
    setting: () => ways.setting(),
    listens: port => ways.listens(port),
    words: () => ways.words(),
    renew: () => ways.renew(),
    close: () => ways.close(),
    ask: probe => ways.ask(probe),
    use(next) {
      if (isDeepStrictEqual(broker, next.broker))
        return broker === undefined ? ways.use(next.mqtt ?? PLAIN) : 'same'
      ways.close()
      broker = next.broker
      link = null
      ways = waysOf(next)
      return 'other'
    },
    hear(message) {
      if (message.is !== 'link') return
      link = broker === undefined ? null : message.fault
      onLink(link)
    },
    fault: why => why ?? link,
  }
}

const PLAIN: Mqtt = { plain: true }
