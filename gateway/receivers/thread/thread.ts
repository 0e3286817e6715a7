// The broker in a thread of its own: neither its sockets nor what stands in messages may delay an alarm that is being decided.
// The same port as in this thread, and proven by answering: a thread that hangs or died is replaced, and what it knew is said
// to the next one; receivers connect again, and send again what had no PUBACK.
import { Worker } from 'node:worker_threads'
import type { JournalEnd } from '../../../schemas/report.ts'
import { monotonicMs, systemClock } from '../../clock.ts'
import type { EngineEvent, Log, Submit } from '../../ports.ts'
import { beacons } from '../beacons.ts'
import type { Broker, BrokerOptions } from '../mqtt/broker.ts'
import { askBroker, newProbeAccount } from '../mqtt/probe.ts'
import { ANSWER_MS, faultText, watchBroker } from '../mqtt/watch.ts'
import { aged } from '../payload/parts.ts'
import { keepThread } from './keeper.ts'
import type { FromBroker, Setting, ToBroker } from './messages.ts'

export type WatchedBroker = Broker & {
  /** Asks itself over the network from now on; what comes of it is the fault `broker`. Replaces the thread where it must. */
  watch(): void
}

export type ThreadOptions = Omit<BrokerOptions, 'probe' | 'onCame'> & {
  /** Where a test starts it otherwise. */
  start?: (setting: Setting) => Worker
}

const startThread = (workerData: Setting): Worker =>
  new Worker(new URL('./broker-worker.mjs', import.meta.url), { execArgv: [], workerData })

/** Listens for receivers. Throws BrokerFailed where it can't. */
export async function startBrokerInThread(options: ThreadOptions): Promise<WatchedBroker> {
  const { host, submit, log, clock = systemClock(), start = startThread } = options
  const probe = newProbeAccount()
  const tell = faultTeller(submit, log)
  let { port } = options
  let { receivers } = options.site
  let heard = 0
  const here = new Set<string>()
  // What the next thread is to be told.
  const live = beacons()
  let end: JournalEnd | null = null

  const carryOut = async (
    { call, event, sentAtMs }: Extract<FromBroker, { is: 'event' }>,
    answer: (message: ToBroker) => void,
  ): Promise<void> => {
    heard += 1
    if (isOffline(event)) here.delete(event.receiver)
    const failure = await submit(aged(event, monotonicMs() - sentAtMs)).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    answer({ is: 'decided', call, failure })
  }
  const receive = (message: FromBroker, answer: (message: ToBroker) => void): void => {
    if (message.is === 'event') void carryOut(message, answer)
    else if (message.is === 'came') here.add(message.receiver)
    else if (message.is === 'log') log[message.level](message.fields, message.text)
  }
  /** Whoever was connected is not taken for being there. */
  const allLeft = (): void => {
    for (const receiver of here)
      submit({ kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } }).catch(
        () => undefined,
      )
    here.clear()
  }
  const keeper = keepThread({
    start: () => start({ host, port, receivers, probe }),
    clock,
    log,
    receive,
    onLost(why) {
      tell(faultText(why))
      allLeft()
    },
    onBegun() {
      keeper.post({ is: 'told', orders: live.orders(clock.nowMs()) })
      if (end !== null) keeper.post({ is: 'end', end })
    },
  })
  port = await keeper.begin()
  let watching: { close(): void } | null = null
  const reopen = (): Promise<void> => {
    log.warn({ host, port }, 'the broker does not answer: its thread is replaced')
    allLeft()
    return keeper.replace()
  }

  return {
    port,
    broadcast(orders) {
      live.take(orders, clock.nowMs())
      keeper.post({ is: 'told', orders })
    },
    tellEnd(now) {
      end = now
      keeper.post({ is: 'end', end })
    },
    setSite(site) {
      receivers = site.receivers
      keeper.post({ is: 'receivers', receivers })
    },
    watch() {
      const ask = async (): Promise<string | null> => {
        const why = await askBroker({ host, port, account: probe, clock, limitMs: ANSWER_MS })
        if (why === null) keeper.works()
        return why
      }
      watching ??= watchBroker({ clock, ask, heardCount: () => heard, tell, reopen })
    },
    async close() {
      watching?.close()
      await keeper.close()
    },
  }
}

const isOffline = (event: EngineEvent): event is Extract<EngineEvent, { kind: 'receiver-status' }> =>
  event.kind === 'receiver-status' && event.status.status === 'offline'

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
