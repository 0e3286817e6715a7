// A broker outside in place of the gateway's own. In: what receivers publish there. Out: events, beacon lists, the journal's end.
// The gateway is its client once for each receiver, and once for what it says itself.
import { type JournalEnd, TOPIC_PREFIX } from '../../../schemas/report.ts'
import { type ExternalBroker, GATEWAY_STATUS_TOPIC } from '../../../schemas/site/broker.ts'
import type { Receiver } from '../../../schemas/site.ts'
import { isTeller } from '../../core/plan/foreign.ts'
import type { Clock, EngineEvent, Log, Submit, ToldOrder } from '../../ports.ts'
import { beaconLists } from '../beacon-lists.ts'
import type { Broker, BrokerSite } from '../mqtt/broker.ts'
import { quoted, refused } from '../mqtt/intake.ts'
import { owing } from '../payload/owing.ts'
import { toldSettings } from '../told-settings.ts'
import type { Account, Connection, Message } from './connection.ts'
import { atMost } from './dropped.ts'
import { forgotten } from './forgotten.ts'
import { receiverLines } from './lines.ts'
import { linkStates, OWN } from './link-states.ts'
import { keepSession } from './session.ts'

const GOODBYE_MS = 1_000
const EVERY_STATUS = `${TOPIC_PREFIX}/+/status`
const ONLINE = '{"v":1,"status":"online"}'
const OFFLINE = '{"v":1,"status":"offline"}'
/** Refusals of strangers on their way; what more they say is not told. */
const STRANGERS_MAX = 8

/** What the thread is given: secrets as they are, files read. */
export type ExternalSetting = Account & Pick<ExternalBroker, 'clientId'>

export type ExternalOptions = {
  setting: ExternalSetting
  site: BrokerSite
  submit: Submit
  clock: Clock
  log: Log
  onCame(receiver: string): void
  /** Null while all of it is connected and lets the gateway listen; otherwise what the desk is told. */
  onLink(fault: string | null): void
}

/** Goes on trying for ever where it cannot be had. */
export function startExternal({ setting, site, onLink, ...around }: ExternalOptions): Broker {
  const { clock, log } = around
  const { clientId, ...account } = setting
  let { receivers } = site
  let end: JournalEnd | null = null
  const states = linkStates(setting.url, clock, onLink)
  const tell = (event: EngineEvent): Promise<unknown> =>
    around.submit(event).catch(error => log.error({ error, event: event.kind }, 'event not committed'))
  const owed = owing(clock, around.submit)
  const forgot = forgotten(setting.url, clock, tell)
  const lines = receiverLines({
    ...{ ...around, account, states, owing: owed },
    ...{ clientIdOf: id => `${clientId}-${id}`, onForgotten: forgot.now },
  })
  const strangers = hearStrangers(tell, lines.has)

  states.expect(OWN)
  const own = keepSession({
    ...{ account, clientId, isKept: false, clock, filters: () => [EVERY_STATUS] },
    will: { topic: GATEWAY_STATUS_TOPIC, payload: Buffer.from(OFFLINE), qos: 1, retain: true },
    onListening: greet,
    onMessage(_, { topic }, next) {
      strangers(topic)
      next()
    },
    onState: why => states.set(OWN, why),
  })
  /** While it is away nothing is kept for it: all of it is said anew when it is back. */
  const publish = (message: Message, done: (error?: Error) => void): void => {
    own.connection()?.publish(message)
    done()
  }
  const told = beaconLists({ publish }, clock, log)
  let settings = toldSettings({ publish }, log)
  lines.setReceivers(receivers.filter(hasAccount))

  /** All that is kept there once more: it may have been another broker, or one that forgot. */
  function greet(connection: Connection): void {
    connection.publish({ topic: GATEWAY_STATUS_TOPIC, payload: ONLINE, retain: true })
    settings = toldSettings({ publish }, log)
    settings.setReceivers(receivers)
    told.setReceivers(tellersOf(receivers))
    if (end !== null) told.tellEnd(end)
  }

  return {
    port: 0,
    broadcast: (orders: readonly ToldOrder[]) => told.take(orders),
    tellEnd(now) {
      end = now
      told.tellEnd(now)
    },
    setSite(next) {
      receivers = next.receivers
      lines.setReceivers(receivers.filter(hasAccount))
      told.setReceivers(tellersOf(receivers))
      settings.setReceivers(receivers)
    },
    // Whose certificate it shows is its own business.
    setCertificate() {},
    async close() {
      for (const each of [told, states, forgot, lines, owed]) each.close()
      await goodbye(own.connection(), clock)
      own.close()
    },
  }
}

/** One that is a radio of the gateway's own machine has no account, and does not come in by a broker. */
const hasAccount = ({ radio }: Receiver): boolean => radio === undefined

const tellersOf = (receivers: readonly Receiver[]): string[] => receivers.filter(isTeller).map(({ id }) => id)

/** Resolves once the broker has it, and after GOODBYE_MS where it does not say so. */
function goodbye(connection: Connection | null, clock: Clock): Promise<void> {
  return new Promise(resolve => {
    if (connection === null) return resolve()
    const cancel = clock.after(GOODBYE_MS, resolve)
    connection.publish({ topic: GATEWAY_STATUS_TOPIC, payload: OFFLINE, retain: true }, () => {
      cancel()
      resolve()
    })
  })
}

/** Whoever says that it is there, and is no receiver of the site: nothing else of it is heard. */
function hearStrangers(
  tell: (event: EngineEvent) => Promise<unknown>,
  isKnown: (receiver: string) => boolean,
): (topic: string) => void {
  const few = atMost(STRANGERS_MAX, () => undefined)
  return topic => {
    const id = topic.slice(TOPIC_PREFIX.length + 1).split('/')[0] ?? ''
    if (topic === GATEWAY_STATUS_TOPIC || isKnown(id)) return
    const why = refused('', 'wrong-topic', `expected a receiver of the site, came ${quoted(topic)}`)
    few(() => tell(why))
  }
}
