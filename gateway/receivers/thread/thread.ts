// The broker in a thread of its own: neither its sockets nor what stands in messages may delay an alarm that is being decided.
// The same port as in this thread, and proven by answering: a thread that hangs or died is replaced at once, one that answers and is not
// reached over the network after a while; what it knew is said to the next one; receivers connect again, and send again what had no PUBACK.
import { Worker } from 'node:worker_threads'
import type { JournalEnd } from '../../../schemas/report.ts'
import type { Account } from '../../../schemas/site/accounts.ts'
import { monotonicMs, systemClock } from '../../clock.ts'
import type { Clock, EngineEvent, Log, NotKeptAbout, Submit, ToldOrder } from '../../ports.ts'
import { type Memory, newMemory, type Proved } from '../accounts/known.ts'
import { beacons } from '../beacons.ts'
import { keptSetting } from '../kept/setting.ts'
import type { KeptWay } from '../kept/way.ts'
import type { Broker, BrokerOptions } from '../mqtt/broker.ts'
import { newProbeAccount } from '../mqtt/probe.ts'
import { faultText, type Watching, watchBroker } from '../mqtt/watch.ts'
import { aged } from '../payload/parts.ts'
import { keepThread, type ThreadKeeper } from './keeper.ts'
import { keepingIn } from './keeping.ts'
import type { DecidedCall, FromBroker, SentEvent, Setting, ToBroker } from './messages.ts'
import { type Together, together } from './together.ts'
import { type WaySite, wayIn } from './way-in.ts'

export type WatchedBroker = Omit<Broker, 'setSite' | 'setCertificate'> & {
  /**
   * Takes over the receivers; who is gone or has a new password is disconnected. A certificate is taken up without
   * that; another port for TLS, or none, is another thread.
   */
  setSite(site: WaySite): void
  /** Takes over the accounts; who is gone, was revoked or has a new password is disconnected. */
  setAccounts(accounts: readonly Account[]): void
  /** Looks now whether the certificate was renewed. */
  renew(): void
  /** How receivers come in, for the desk. */
  words(): string
  /** Asks itself over the network from now on; what comes of it is the fault `broker`. Replaces the thread where it must. That it goes on is asked from the start. */
  watch(): void
  /** Where what other systems are told is kept for them. */
  kept: KeptWay
}

export type ThreadOptions = Pick<BrokerOptions, 'host' | 'submit' | 'log' | 'clock'> & {
  /** 0 takes a free one. */
  port: number
  site: WaySite
  /** Somebody has come in by this account. */
  onAdmitted?(account: string): void
  /** Where a test starts it otherwise. */
  start?: (setting: Setting) => Worker
}

const startThread = (workerData: Setting): Worker =>
  new Worker(new URL('./broker-worker.mjs', import.meta.url), { execArgv: [], workerData })

/** Listens for receivers. Throws BrokerFailed where it can't, CertificateRefused where the files of TLS cannot be used. */
export async function startBrokerInThread(options: ThreadOptions): Promise<WatchedBroker> {
  const { submit, log, clock = systemClock(), start = startThread } = options
  const probe = newProbeAccount()
  const tell = faultTeller(submit, log, 'broker')
  let site = { ...options.site, accounts: options.site.accounts ?? [] }
  const way = wayIn({
    ...{ host: options.host, port: options.port, site: options.site, clock, log },
    post: message => keeper.post(message),
    answers: () => keeper.answers(),
    tellCertificate: faultTeller(submit, log, 'certificate'),
    onLink: tell,
  })
  const known = toldToNext(clock)
  const ears = listening(options)
  const keeping = keepingIn(message => keeper.post(message))
  let watching: Watching | null = null
  const keeper = keepThread({
    start: () => start({ ...way.setting(), ...admissionOf(site), memory: ears.memory(), probe }),
    clock,
    log,
    receive(message, answer) {
      if (message.is === 'log') log[message.level](message.fields, message.text)
      for (const part of [way, keeping]) part.hear(message)
      ears.take(message, answer)
    },
    onLost(why, is) {
      watching?.lost()
      tell(faultText(why, is))
      ears.allLeft()
      keeping.lost(why)
    },
    onBegun() {
      for (const message of known.all()) keeper.post(message)
      keeping.hear({ is: 'empty' })
    },
  })
  const port = await keeper.begin()
  way.listens(port)
  const reopen = (): Promise<void> => {
    log.warn({ port }, 'the thread of the broker is replaced')
    ears.allLeft()
    keeping.lost('it is started anew')
    return keeper.replace()
  }

  return {
    port,
    broadcast(orders) {
      known.orders(orders)
      keeper.post({ is: 'told', orders })
    },
    tellEnd(end) {
      known.end(end)
      keeper.post({ is: 'end', end })
    },
    setSite(next) {
      site = { ...next, accounts: site.accounts }
      keeper.post({ is: 'site', ...admissionOf(site) })
      if (way.use(site) === 'other') void reopen()
    },
    setAccounts(next) {
      site = { ...site, accounts: next }
      keeper.post({ is: 'site', ...admissionOf(site) })
    },
    renew: way.renew,
    kept: keeping.way,
    words: way.words,
    watch() {
      watching ??= watchBroker({
        clock,
        ask: () => way.ask(probe).then(why => workingIf(why, keeper)),
        heardCount: ears.heardCount,
        tell: why => tell(way.fault(why)),
        reopen,
      })
    },
    async close() {
      watching?.close()
      way.close()
      ears.answerNow()
      await keeper.close()
    },
  }
}

/** Who may come in, and what stands there to be read. */
const admissionOf = ({ receivers, accounts = [], out }: WaySite) => ({
  ...{ receivers, accounts },
  kept: keptSetting(out),
})

/** What the next thread is to be told: beacons that still last, and the end of the journal. */
function toldToNext(clock: Clock) {
  const live = beacons()
  let newest: JournalEnd | null = null
  return {
    orders: (orders: readonly ToldOrder[]): void => live.take(orders, clock.nowMs()),
    end(end: JournalEnd): void {
      newest = end
    },
    all: (): ToBroker[] => [
      { is: 'told', orders: live.orders(clock.nowMs()) },
      ...(newest === null ? [] : [{ is: 'end' as const, end: newest }]),
    ],
  }
}

/** One that answers is replaced soon where it is lost. */
function workingIf(why: string | null, { works }: ThreadKeeper): string | null {
  if (why === null) works()
  return why
}

type Answer = (message: ToBroker) => void

/** What the thread hears, handed to the engine, and what became of it handed back; and who is connected to it. */
function listening({ submit, onAdmitted }: Pick<ThreadOptions, 'submit' | 'onAdmitted'>) {
  const { key } = newMemory()
  const proved = new Map<string, Proved>()
  const here = new Set<string>()
  /** What the thread said is wrong, and nobody but that thread would take back. */
  const faults = new Set<string>()
  let heard = 0
  /** What the newest thread is to be told. */
  let answering: { to: Answer; calls: Together<DecidedCall> } | null = null

  function answersTo(to: Answer): Together<DecidedCall> {
    if (answering?.to !== to) answering = { to, calls: together(calls => to({ is: 'decided', calls })) }
    return answering.calls
  }

  async function carryOut(
    { call, event, sentAtMs }: SentEvent,
    answers: Together<DecidedCall>,
  ): Promise<void> {
    heard += 1
    if (isOffline(event)) here.delete(event.receiver)
    if (event.kind === 'fault') faults[event.text === null ? 'delete' : 'add'](event.key)
    const failure = await submit(aged(event, monotonicMs() - sentAtMs)).then(
      () => null,
      (error: unknown) =>
        error instanceof Error
          ? {
              name: error.name,
              words: error.message,
              ...('about' in error && { about: error.about as NotKeptAbout }),
            }
          : { name: 'Error', words: String(error) },
    )
    answers.add({ call, failure })
  }

  return {
    take(message: FromBroker, answer: Answer): void {
      if (message.is === 'events') {
        const answers = answersTo(answer)
        for (const sent of message.events) void carryOut(sent, answers)
      } else if (message.is === 'came') here.add(message.receiver)
      else if (message.is === 'admitted') onAdmitted?.(message.account)
      else if (message.is === 'proved') proved.set(message.proved.account, message.proved)
    },
    heardCount: () => heard,
    /** Says now what is carried out by now. */
    answerNow: () => answering?.calls.flush(),
    /** What was proved to any thread, for the next one. */
    memory: (): Memory => ({ key, proved: [...proved.values()] }),
    /** Whoever was connected is not taken for being there; what is wrong with them the next thread finds anew. */
    allLeft(): void {
      for (const key of faults) submit({ kind: 'fault', key, text: null }).catch(() => undefined)
      faults.clear()
      for (const receiver of here)
        submit({ kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } }).catch(
          () => undefined,
        )
      here.clear()
    },
  }
}

const isOffline = (event: EngineEvent): event is Extract<EngineEvent, { kind: 'receiver-status' }> =>
  event.kind === 'receiver-status' && event.status.status === 'offline'

/** Tells the engine a fault once, and once that it is gone. */
function faultTeller(submit: Submit, log: Log, key: string): (fault: string | null) => void {
  let before: string | null | undefined
  return text => {
    if (text === before) return
    before = text
    if (text !== null) log.error({ fault: key }, text)
    submit({ kind: 'fault', key, text }).catch(error => log.error({ error }, 'fault not taken'))
  }
}
