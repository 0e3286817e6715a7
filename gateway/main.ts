// One gateway, put together: journal, engine, broker, pagers and console, started in the order in which each can rely
// on the last; stopped so that nothing new comes in, every call is ended, and what came is written down.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Site } from '../schemas/site.ts'
import { systemClock } from './clock.ts'
import type { Config, Endpoint } from './config.ts'
import { startConsole } from './console/server.ts'
import { type Plan, planOf } from './core/plan/plan.ts'
import { newState } from './core/state/state.ts'
import { type Engine, startEngine } from './engine/engine.ts'
import { learnInThread } from './engine/learn.ts'
import { watchStalls } from './engine/stall.ts'
import type { Log } from './log.ts'
import type { LogOutlet } from './log-outlet.ts'
import { createMetrics } from './metrics.ts'
import { startOut } from './out/out.ts'
import { ownRadios } from './own-radios.ts'
import { CHANNELS } from './pagers/channels.ts'
import { type Pagers, startPagers } from './pagers/pagers.ts'
import type { Clock, Submit, ToldOrder } from './ports.ts'
import { startBrokerInThread } from './receivers/thread/thread.ts'
import { accountsFileOf } from './site/accounts/file.ts'
import { seenAccounts } from './site/accounts/seen.ts'
import { watchAccounts } from './site/accounts/watch.ts'
import { readSite } from './site/read.ts'
import { createReload } from './site/reload.ts'
import { journalFiles, mayOthersRead } from './store/disk/modes.ts'
import { watchDisk } from './store/disk/watch.ts'
import { watchEnds } from './store/ends.ts'
import { startJournalThread, type ThreadJournal } from './store/thread/thread.ts'

export type Gateway = {
  url: string
  mqtt: Endpoint
  /** Reads the site file again and takes it up, or says why not. Never rejects. */
  reload(by: string): Promise<void>
  /** Resolves once the engine has looked at what was put to it now, whatever came of it; not at all while it stands still. */
  isAlive(): Promise<unknown>
  close(): Promise<void>
}

const UI_DIR = fileURLToPath(new URL('../dist/ui/desk', import.meta.url))

/**
 * Starts a gateway. Throws SiteRefused, JournalFailed or the listener's own error, having stopped what it had started.
 */
export async function startGateway(
  config: Config,
  log: Log,
  outlet?: LogOutlet,
  clock: Clock = systemClock(),
): Promise<Gateway> {
  const closers: Closers = {}
  let closed: Promise<void> | null = null
  const close = (): Promise<void> => {
    closed ??= stop(closers)
    return closed
  }
  try {
    return { ...(await start({ config, log, outlet, clock }, closers)), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The file was damaged or taken away while the gateway ran on it. The next start says in full what is lost. */
function tellLoss(submit: Submit): void {
  const text =
    'The journal was damaged or taken away while the gateway ran: a new one was begun. What is lost is said after a restart.'
  submit({ kind: 'fault', key: 'journal-anew', text }).catch(() => undefined)
}

/** Names, rooms, keys and hashes are in these files. */
function warnOfReaders({ siteFile, dataDir }: Config, log: Log): void {
  for (const file of [siteFile, accountsFileOf(siteFile), ...journalFiles(dataDir)])
    if (mayOthersRead(file)) log.warn({ file }, `others may read ${file}: chmod go= ${file}`)
}

/** What happens is not logged for a while: that is all that is lost, and the desk says so. */
function tellLogFault(submit: Submit, why: string | null): void {
  const text = `The gateway's log cannot be written: ${why}. Alarms go out as ever; what happens meanwhile is not logged.`
  submit({ kind: 'fault', key: 'log', text: why === null ? null : text }).catch(() => undefined)
}

type Closing = { close(): Promise<void> }
type Closers = Partial<
  Record<'console' | 'broker' | 'radios' | 'pagers' | 'engine' | 'journal' | 'seen', Closing> & {
    accounts: { close(): void }
    stalls: { close(): void }
    out: { close(): void }
    disk: { stop(): void }
  }
>

/**
 * Calls end while the engine still listens, so that a key that was just pressed counts; only then does the journal close.
 * A page whose call is ended here stays open in it, and the next start calls again.
 */
async function stop(closers: Closers): Promise<void> {
  closers.stalls?.close()
  closers.accounts?.close()
  closers.out?.close()
  await closers.console?.close()
  await closers.broker?.close()
  await closers.seen?.close()
  await closers.radios?.close()
  await closers.pagers?.close()
  closers.disk?.stop()
  await closers.engine?.close()
  await closers.journal?.close()
}

type Setting = { config: Config; log: Log; outlet: LogOutlet | undefined; clock: Clock }

async function start(
  { config, log, outlet, clock }: Setting,
  closers: Closers,
): Promise<Omit<Gateway, 'close'>> {
  // It begins first and is opened last: a program is loaded meanwhile, and the site is read.
  const thread = startJournalThread()
  closers.journal = thread
  const site = readSite(config.siteFile)
  const plan = planOf(site)
  const metrics = createMetrics()

  // The rim starts before the engine, which dispatches at once what the journal left unfinished; what the rim hears
  // until then waits here, and receivers wait for their PUBACK.
  let engineStarted: (engine: Engine) => void = () => {}
  const engineReady = new Promise<Engine>(resolve => {
    engineStarted = resolve
  })
  const submit: Submit = async event => (await engineReady).submit(event)
  outlet?.watch({ onDropped: metrics.countLogDropped, onFault: why => tellLogFault(submit, why) })

  const pagers = startPagers(CHANNELS, { plan, dataDir: config.dataDir, clock, log }, submit)
  closers.pagers = pagers

  // Both threads go on while the state is made. Whether they failed is met below, in this order.
  const opening = thread.open(join(config.dataDir, 'journal.sqlite'))
  const hear = watchingEnds(opening, submit)
  const { listening, accounts } = letIn({ config, log, clock, site, submit, hear }, closers)
  opening.catch(() => undefined)
  const state = newState(plan, clock.nowMs())
  const journal = await opening
  warnOfReaders(config, log)
  const broker = await listening
  journal.onRows(broker.tellEnd)
  journal.onLoss(() => tellLoss(submit))
  const radios = ownRadios({ site, submit, clock, log })
  closers.radios = radios
  const inner = { plan, state, journal, clock, metrics, log, learn: learnInThread, wayIn: broker.words }
  const effects = { ...pagers, tell: toBoth(broker.broadcast, radios.tell) }
  const engine = await startEngine({ ...inner, effects })
  closers.engine = engine
  engineStarted(engine)
  broker.watch()
  closers.stalls = watchStalls({ clock: systemClock(), submit })
  const end = journal.end()
  if (end !== null) broker.tellEnd(end)
  closers.disk = watchDisk({ journal, folder: config.dataDir, clock, submit })

  const at = { ...config.http, desk: engine.desk, uiDir: UI_DIR, log }
  const consoleServer = await startConsole({ ...at, renderMetrics: () => metrics.render() })
  closers.console = consoleServer

  const isAlive = (): Promise<unknown> => engine.submit({ kind: 'tick' }).catch(() => undefined)
  const out = startOut({ ...engine, site, way: broker.kept, isAlive, clock, log })
  closers.out = out

  const prepare = readyAhead(pagers, engine)
  prepare(plan)
  const { reload } = createReload(
    {
      siteFile: config.siteFile,
      log,
      submit: engine.submit,
      renew() {
        broker.renew()
        accounts.look()
      },
      takeOver(before, after, by) {
        for (const each of [broker, radios, accounts, out]) each.setSite(after)
        pagers.renew(planOf(before), by)
        prepare(by)
      },
    },
    site,
  )
  const mqtt = { host: config.mqtt.host, port: broker.port }
  return { url: consoleServer.url, mqtt, reload, isAlive }
}

type LettingIn = Pick<Setting, 'config' | 'log' | 'clock'> & { site: Site; submit: Submit; hear: Submit }

/** The broker, and who may use it: accounts change while it runs. */
function letIn({ config, log, clock, site, submit, hear }: LettingIn, closers: Closers) {
  const seen = seenAccounts({ dataDir: config.dataDir, clock, log })
  const accounts = watchAccounts({
    ...{ siteFile: config.siteFile, site, clock, log },
    onChanged: next => void listening.then(broker => broker.setAccounts(next)).catch(() => undefined),
    tell: text => void submit({ kind: 'fault', key: 'accounts', text }).catch(() => undefined),
  })
  const at = { ...config.mqtt, site: { ...site, accounts: accounts.current() } }
  const listening = startBrokerInThread({ ...at, submit: hear, log, onAdmitted: seen.note })
  closers.seen = seen
  closers.accounts = accounts
  closers.broker = { close: () => listening.then(broker => broker.close()).catch(() => undefined) }
  return { listening, accounts }
}

/** What receivers say, on its way to the engine; beside it, whether they remember rows that the journal has lost. */
function watchingEnds(opening: Promise<ThreadJournal>, submit: Submit): Submit {
  const watching = opening.then(watchEnds)
  watching.catch(() => undefined)
  return event => {
    const decided = submit(event)
    // Where the disk hangs, no answer comes, and there is nothing to compare with.
    watching
      .then(endNews => endNews(event))
      .then(news => (news === null ? undefined : submit(news)))
      .catch(() => undefined)
    return decided
  }
}

/** What the wearers are told goes out by the receivers of the broker and by the radios of this machine. */
const toBoth =
  (...ways: ((orders: readonly ToldOrder[]) => void)[]) =>
  (orders: readonly ToldOrder[]): void => {
    for (const tell of ways) tell(orders)
  }

/** Has every channel made ready for the newest plan, and for the sessions' notes as they come and go. */
function readyAhead(pagers: Pagers, engine: Engine): (plan: Plan) => void {
  const notes = (): string[] => engine.desk.snapshot().sessions.flatMap(({ note }) => note ?? [])
  let prepared = ''
  let current: Plan | null = null
  const prepare = (plan: Plan): void => {
    current = plan
    const own = notes()
    prepared = own.join()
    pagers.prepare(plan, own)
  }
  engine.desk.subscribe(event => {
    if (event.kind === 'sessions' && current !== null && notes().join() !== prepared) prepare(current)
  })
  return prepare
}
