// Pages by telephone: orders in, each step of the call out through `submit`, always to exactly one 'ended'; only closing
// ends calls without a word. The call itself lives in a worker; this side keeps the timers (calls.ts) and what is owed if it dies.
import { type ChildProcess, fork } from 'node:child_process'
import type { Sip, Speech } from '../../../schemas/site/paging.ts'
import type { Clock, EngineEvent, Log, Submit } from '../../ports.ts'
import type { EngineChoice } from '../speech/engine.ts'
import { Calls } from './calls.ts'
import { keepWorker } from './keeper.ts'
import type { CallOrder, CallReply, FromWorker, ToWorker, WorkerSetting } from './messages.ts'

export const CHANNEL = 'sip'

/** All targets of all open incidents at once; beyond this something is placing pages in a loop. */
const PAGES_AT_ONCE = 64

/** What the channel asks of it, in words to be spoken. Its promises are those of a `Pager`. */
export type SipPager = {
  place(order: CallOrder): void
  withdraw(page: string): void
  reply(reply: CallReply): void
  /** Renders these ahead. False where it was closed before that was done. */
  prepare(phrases: readonly string[]): Promise<boolean>
  close(): Promise<void>
}

export type SipPagerOptions = {
  sip: Sip
  speech: Speech
  /** Where rendered phrases are kept between starts. */
  cacheDir: string
  clock: Clock
  submit: Submit
  log: Log
  /** PEM certificates to trust besides the machine's own (transport tls). */
  ca?: string
  /** Telephones that are to be asked for all the time, without ringing. */
  targets?: readonly string[]
  /** Insists on one speech engine; otherwise espeak-ng where installed, else its npm build. */
  engine?: EngineChoice
  /** Starts the worker; a test may want to hold it. */
  startWorker?: () => ChildProcess
}

/** Throws PagerMisconfigured for a transport that is not offered. */
export function createSipPager(options: SipPagerOptions): SipPager {
  const { clock, log } = options
  const setting = workerSetting(options)
  const tell = teller(options)
  const faults = faultTeller(tell, log)
  const preparing = preparations(message => keeper.post(message))
  let isClosing = false

  const asked = (target: string, fault: string | null): void =>
    tell({ kind: 'target', channel: CHANNEL, target, fault })
  const cutOff = (why: string): void => {
    for (const target of setting.targets) asked(target, why)
  }

  const keeper = keepWorker({
    start: options.startWorker ?? startSipWorker,
    setting,
    clock,
    log,
    receive,
    onLost: lost,
    onSlow: why => faults('sip', `the telephone worker is not there yet: ${why}`),
    onHired: takeUp,
  })
  const calls = new Calls({ clock, log, tell, post: keeper.post, hasWorker: keeper.isThere })

  /** Its calls are gone with it: each page ends, and whoever placed it calls again. */
  function lost(why: string): void {
    const detail = `the telephone worker stopped: ${why}`
    faults('sip', detail)
    cutOff('the telephone worker stopped')
    calls.finishAll({ outcome: 'interrupted', detail })
  }

  function takeUp(): void {
    preparing.sayAgain()
    calls.placeAnew()
  }

  function receive(message: FromWorker): void {
    if (isClosing && isOurDoing(message)) return
    if (message.is === 'line') {
      if (message.fault === null) keeper.works()
      faults('sip', message.fault)
      // Not asked for at the next turn: with the line, every telephone is gone now.
      if (message.fault !== null) cutOff(message.fault)
    } else if (message.is === 'telephone') asked(message.target, message.fault)
    else if (message.is === 'speech') faults('speech', message.fault)
    else if (message.is === 'prepared') preparing.done(message.token)
    else if (message.is === 'stray') calls.stray(message.page, message.from)
    else if (message.is !== 'pong') calls.heard(message)
  }

  return {
    place(order) {
      if (calls.has(order.page)) return log.warn({ page: order.page }, 'this page is being placed already')
      if (isClosing) return
      if (calls.size >= PAGES_AT_ONCE) return tell(refused(order, clock.nowMs()))
      calls.place(order)
    },
    withdraw(page) {
      if (!isClosing) calls.end(page, { outcome: 'withdrawn', detail: 'no longer needed' })
    },
    reply(order) {
      if (!isClosing) calls.reply(order)
    },
    prepare: preparing.prepare,
    async close() {
      if (isClosing) return
      isClosing = true
      preparing.close()
      await keeper.close()
      calls.close()
    },
  }
}

function workerSetting({ sip, speech, cacheDir, targets, ca, engine }: SipPagerOptions): WorkerSetting {
  if (sip.transport === 'udp') {
    throw new PagerMisconfigured(
      'sip.transport: expected tcp or tls, came udp: a lost packet would be a lost page',
    )
  }
  return {
    sip,
    speech,
    cacheDir,
    targets: targets ?? [],
    ...(ca ? { ca } : {}),
    ...(engine ? { engine } : {}),
  }
}

type Tell = (event: EngineEvent) => void

/** What the engine does not take is logged, since nobody waits for it. */
const teller =
  ({ submit, log }: SipPagerOptions): Tell =>
  event =>
    void submit(event).catch(error =>
      log.error({ err: error }, `the engine did not take a ${event.kind} event`),
    )

/** Says a fault once, and once that it is gone. */
function faultTeller(tell: Tell, log: Log): (key: 'sip' | 'speech', text: string | null) => void {
  const faults = new Map<string, string | null>()
  return (key, text) => {
    if (faults.has(key) && faults.get(key) === text) return
    faults.set(key, text)
    if (text === null) log.info({ fault: key }, `${key}: works`)
    else log.warn({ fault: key }, text)
    tell({ kind: 'fault', key, text })
  }
}

/** What is to be rendered ahead: the newest wish stands, and is said again to each new worker. */
function preparations(post: (message: ToWorker) => void) {
  const waiting = new Map<number, { phrases: readonly string[]; resolve(isDone: boolean): void }>()
  let newest: readonly string[] = []
  let tokens = 0
  return {
    prepare(phrases: readonly string[]): Promise<boolean> {
      newest = phrases
      return new Promise(resolve => {
        tokens += 1
        waiting.set(tokens, { phrases, resolve })
        post({ is: 'prepare', token: tokens, phrases })
      })
    },
    sayAgain(): void {
      post({ is: 'prepare', token: 0, phrases: newest })
      for (const [token, { phrases }] of waiting) post({ is: 'prepare', token, phrases })
    },
    done(token: number): void {
      waiting.get(token)?.resolve(true)
      waiting.delete(token)
    },
    close(): void {
      for (const { resolve } of waiting.values()) resolve(false)
    },
  }
}

const refused = ({ page }: CallOrder, atMs: number): EngineEvent => ({
  kind: 'page',
  page,
  atMs,
  progress: { step: 'ended', outcome: 'failed', detail: `more than ${PAGES_AT_ONCE} calls at once` },
})

/** While closing, what happened on a call before its end still counts; that it ended, and each fault, does not. */
const isOurDoing = (message: FromWorker): boolean => message.is === 'over' || !('page' in message)

/** No flags of the parent: what the worker needs, its first file switches on. */
export function startSipWorker(): ChildProcess {
  return fork(new URL('./worker.mjs', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** The site file asks for something this pager does not do; the message says what was expected and what came. */
export class PagerMisconfigured extends Error {
  override name = 'PagerMisconfigured'
}
