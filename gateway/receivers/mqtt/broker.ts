// The embedded MQTT broker: receivers' messages in, engine events out; what the wearers are to be told back out.
// Promises that a report is acknowledged only after the engine has committed what came of it, in the order it came, and that
// its way in is proven by answering.
import type { JournalEnd } from '../../../schemas/report.ts'
import type { Site } from '../../../schemas/site.ts'
import { systemClock } from '../../clock.ts'
import { isTeller } from '../../core/plan/foreign.ts'
import type { Clock, Log, Submit, ToldOrder } from '../../ports.ts'
import { access } from '../access.ts'
import { beaconLists } from '../beacon-lists.ts'
import { toldSettings } from '../told-settings.ts'
import { type Listener, openListener } from './listener.ts'
import { askBroker, newProbeAccount } from './probe.ts'
import { ANSWER_MS, watchBroker } from './watch.ts'

/** A broker that hangs may not end what is connected to it either: no longer than this is waited for it. */
const LET_GO_MS = 2_000

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
  /** Tells every receiver the newest row of the journal, to be remembered off this machine. */
  tellEnd(end: JournalEnd): void
  /** Takes over the accounts; receivers that are gone or have a new password are disconnected. */
  setSite(site: Pick<Site, 'receivers'>): void
  /** Asks itself over the network from now on; what comes of it is the fault `broker`. Opens the port anew where it must. */
  watch(): void
  close(): Promise<void>
}

/** Listens for receivers. Throws BrokerFailed where it can't. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host, log, clock = systemClock() } = options
  const account = newProbeAccount()
  let heard = 0
  const submit: Submit = event => {
    heard += 1
    return options.submit(event)
  }
  const desk = access({ ...options, clock, submit, probe: account })
  let listener: Listener = await openListener({ ...options, clock, desk })
  const { port } = listener
  const told = beaconLists({ publish: (packet, done) => listener.publish(packet, done) }, clock, log)
  told.setReceivers(receiverIds(options.site))
  const settings = toldSettings({ publish: (packet, done) => listener.publish(packet, done) }, log)
  settings.setReceivers(options.site.receivers)
  log.info({ host, port }, 'broker listens for receivers')

  const reopen = async (): Promise<void> => {
    log.warn({ host, port }, 'the broker does not answer: it is opened anew')
    const gone = listener.close()
    desk.expelAll()
    await Promise.race([gone, new Promise<void>(resolve => clock.after(LET_GO_MS, resolve))])
    listener = await openListener({ clock, host, port, desk, log })
    told.repeat()
    settings.repeat()
  }
  let watching: { close(): void } | null = null
  const tell = faultTeller(options.submit, log)

  return {
    port,
    broadcast: told.take,
    tellEnd: told.tellEnd,
    setSite(site) {
      desk.setReceivers(site.receivers)
      told.setReceivers(receiverIds(site))
      settings.setReceivers(site.receivers)
    },
    watch() {
      const ask = () => askBroker({ host, port, account, clock, limitMs: ANSWER_MS })
      watching ??= watchBroker({ clock, ask, heardCount: () => heard, tell, reopen })
    },
    async close() {
      watching?.close()
      told.close()
      desk.close()
      await listener.close()
    },
  }
}

/** Tells the engine a fault once, and once that it is gone. */
function faultTeller(submit: Submit, log: Log): (fault: string | null) => void {
  let before: string | null | undefined
  return text => {
    if (text === before) return
    before = text
    if (text !== null) log.error({ fault: 'broker' }, text)
    submit({ kind: 'fault', key: 'broker', text }).catch(error => log.error({ error }, 'fault not taken'))
  }
}

/**
 * Those that broadcast: an ESPresense node does not, nor a radio of this machine by this way, and few
 * gateways of other systems do.
 */
const receiverIds = ({ receivers }: Pick<Site, 'receivers'>): string[] =>
  receivers.filter(each => isTeller(each) && each.radio === undefined).map(({ id }) => id)
