// Pages by telephone: orders in, each step of the call out through `submit`, always to exactly one 'ended'; only closing
// ends calls without a word. The call itself lives in a worker; this side keeps the timers and what is owed if it dies.
import { Worker } from 'node:worker_threads'
import type { Sip, Speech } from '../../../schemas/site.ts'
import type { Clock, PageOrder, PageProgress, Pager, ReplyOrder, Submit } from '../../ports.ts'
import type { PagerLog } from '../log.ts'
import type { EngineChoice } from '../speech/engine.ts'
import { keepWorker } from './keeper.ts'
import type { FromWorker, WorkerSetting } from './messages.ts'
import type { Outcome } from './outcome.ts'
import { ended, follow, type PageState, replied } from './page.ts'

/** All targets of all open incidents at once; beyond this something is placing pages in a loop. */
const PAGES_AT_ONCE = 64
/** Whether the line is there is known within 6 s, where the worker has started; one that has not begun by now never will. */
const PLACE_LIMIT_MS = 30_000
/** A call that was ended is over at once; one whose worker does not say so is over all the same. */
const END_LIMIT_MS = 3000

export type SipPagerOptions = {
  sip: Sip
  speech: Speech
  /** Where rendered phrases are kept between starts. */
  cacheDir: string
  clock: Clock
  submit: Submit
  log: PagerLog
  /** PEM certificates to trust besides the machine's own (transport tls). */
  ca?: string
  /** Telephones that are to be asked for all the time, without ringing. */
  targets?: readonly string[]
  /** Insists on one speech engine; otherwise espeak-ng where installed, else its npm build. */
  engine?: EngineChoice
  /** Starts the worker; a test may want to hold it. */
  startWorker?: (setting: WorkerSetting) => Worker
}

/** `strayFrom`: a key came from there, which is not the telephone's place. */
type Watched = { state: PageState; cancelTimer: () => void; strayFrom?: string }

/** Throws PagerMisconfigured for a transport that is not offered. */
export function createSipPager(options: SipPagerOptions): Pager {
  const { sip, clock, log } = options
  if (sip.transport === 'udp') {
    throw new PagerMisconfigured(
      'sip.transport: expected tcp or tls, came udp: a lost packet would be a lost page',
    )
  }
  const setting: WorkerSetting = {
    sip,
    speech: options.speech,
    cacheDir: options.cacheDir,
    targets: options.targets ?? [],
    ...(options.ca ? { ca: options.ca } : {}),
    ...(options.engine ? { engine: options.engine } : {}),
  }
  const start = options.startWorker ?? startSipWorker
  const pages = new Map<string, Watched>()
  const preparing = new Map<number, { phrases: readonly string[]; resolve(isDone: boolean): void }>()
  const faults = new Map<string, string | null>()
  let prepared: readonly string[] = []
  let tokens = 0
  let isClosing = false
  const keeper = keepWorker({
    start: () => start(setting),
    clock,
    log,
    receive,
    onLost: lost,
    onHired: takeUp,
  })
  const { post } = keeper

  /** Its calls are gone with it: each page ends, and whoever placed it calls again. */
  function lost(why: string): void {
    fault('sip', `the telephone worker stopped: ${why}`)
    cutOff('the telephone worker stopped')
    for (const page of [...pages.keys()])
      finish(page, { outcome: 'interrupted', detail: `the telephone worker stopped: ${why}` })
  }

  function takeUp(): void {
    post({ is: 'prepare', token: 0, phrases: prepared })
    for (const [token, { phrases }] of preparing) post({ is: 'prepare', token, phrases })
    for (const { state } of pages.values()) place(state.order)
  }

  /** Without a worker it waits for the next one, which is told of every page that is still there. */
  function place({ page, target, phrases }: PageOrder): void {
    post({ is: 'place', page, target, phrases })
  }

  function placeNew(order: PageOrder): void {
    const watched: Watched = { state: { order, phase: 'placed', ending: null }, cancelTimer: () => {} }
    pages.set(order.page, watched)
    place(order)
    const detail = `the telephone worker did not begin within ${seconds(PLACE_LIMIT_MS)}`
    watched.cancelTimer = clock.after(PLACE_LIMIT_MS, () =>
      endOurselves(watched, { outcome: 'failed', detail }),
    )
  }

  function receive(message: FromWorker): void {
    if (isClosing && isOurDoing(message)) return
    if (message.is === 'line') {
      if (message.fault === null) keeper.works()
      fault('sip', message.fault)
      // Not asked for at the next turn: with the line, every telephone is gone now.
      if (message.fault !== null) cutOff(message.fault)
    } else if (message.is === 'telephone') {
      asked(message.target, message.fault)
    } else if (message.is === 'speech') {
      fault('speech', message.fault)
    } else if (message.is === 'prepared') {
      preparing.get(message.token)?.resolve(true)
      preparing.delete(message.token)
    } else if ('page' in message) {
      const watched = pages.get(message.page)
      if (message.is === 'stray') stray(message)
      else if (watched) advance(watched, message.atMs, follow(watched.state, message))
    }
  }

  function stray({ page, from }: { page: string; from: string }): void {
    const watched = pages.get(page)
    if (watched) watched.strayFrom = from
    log.warn({ page, from }, 'a key came from a place that is not the telephone’s: it is not believed')
  }

  /** `wireAtMs` is the machine's time; its age is what counts where the clock is another. */
  function advance(
    watched: Watched,
    wireAtMs: number,
    next: { page: PageState; steps: PageProgress[] },
  ): void {
    const { order } = next.page
    const atMs = Math.round(clock.nowMs() - Math.max(0, Date.now() - wireAtMs))
    watched.state = next.page
    for (const progress of next.steps) {
      if (progress.step === 'invited')
        limit(watched, order.ringMs, () => `no answer within ${seconds(order.ringMs)}`)
      if (progress.step === 'answered') limitTalk(watched, order)
      if (progress.step === 'ended') forget(order.page)
      log.info({ page: order.page, target: order.target, ...progress }, `page ${progress.step}`)
      tell({ kind: 'page', page: order.page, atMs, progress })
    }
  }

  function limit(watched: Watched, ms: number, detail: () => string): void {
    watched.cancelTimer()
    watched.cancelTimer = clock.after(ms, () =>
      endOurselves(watched, { outcome: 'no-answer', detail: detail() }),
    )
  }

  /** The worker's 'over' is the end, so that nothing that happened on the wire before it is lost. */
  function endOurselves(watched: Watched, ending: Outcome): void {
    const { page } = watched.state.order
    watched.state = { ...watched.state, ending }
    watched.cancelTimer()
    if (keeper.isThere()) {
      post({ is: 'end', page })
      watched.cancelTimer = clock.after(END_LIMIT_MS, () => finish(page, ending))
    } else finish(page, ending)
  }

  function finish(page: string, outcome: Outcome): void {
    const watched = pages.get(page)
    if (watched) advance(watched, Date.now(), ended(watched.state, outcome))
  }

  function forget(page: string): void {
    pages.get(page)?.cancelTimer()
    pages.delete(page)
  }

  /** Last words are said whole, and what grew worse is listened to for as long as an answered call is. */
  function reply(watched: Watched, order: ReplyOrder): void {
    const wasLast = watched.state.isLast === true
    watched.state = replied(watched.state, order)
    const { phase, order: page } = watched.state
    if (order.isLast) watched.cancelTimer()
    else if ((order.is === 'worse' || wasLast) && phase === 'answered') limitTalk(watched, page)
    const { words, phrases, isLast, news } = order
    post({ is: 'reply', page: page.page, words, phrases, isLast, news })
  }

  function limitTalk(watched: Watched, { talkMs }: PageOrder): void {
    limit(watched, talkMs, () => {
      const { strayFrom } = watched
      const stray = strayFrom ? ` (but one from ${strayFrom}, which is not the telephone’s place)` : ''
      return `answered, but no key within ${seconds(talkMs)}${stray}`
    })
  }

  function fault(key: 'sip' | 'speech', text: string | null): void {
    if (faults.has(key) && faults.get(key) === text) return
    faults.set(key, text)
    if (text === null) log.info({ fault: key }, `${key}: works`)
    else log.warn({ fault: key }, text)
    tell({ kind: 'fault', key, text })
  }

  function cutOff(why: string): void {
    for (const target of setting.targets) asked(target, why)
  }

  function asked(target: string, why: string | null): void {
    tell({ kind: 'telephone', target, fault: why })
  }

  function tell(event: Parameters<Submit>[0]): void {
    options
      .submit(event)
      .catch(error => log.error({ err: error }, `the engine did not take a ${event.kind} event`))
  }

  function refuse(order: PageOrder, detail: string): void {
    tell({
      kind: 'page',
      page: order.page,
      atMs: clock.nowMs(),
      progress: { step: 'ended', outcome: 'failed', detail },
    })
  }

  return {
    channel: 'sip',
    place(order) {
      if (pages.has(order.page)) return log.warn({ page: order.page }, 'this page is being placed already')
      if (isClosing) return
      if (pages.size >= PAGES_AT_ONCE) return refuse(order, `more than ${PAGES_AT_ONCE} calls at once`)
      placeNew(order)
    },
    withdraw(page) {
      const watched = pages.get(page)
      if (watched && !isClosing) endOurselves(watched, { outcome: 'withdrawn', detail: 'no longer needed' })
    },
    reply(order) {
      const watched = pages.get(order.page)
      if (watched && !isClosing) reply(watched, order)
    },
    prepare(phrases) {
      prepared = phrases
      return new Promise(resolve => {
        tokens += 1
        preparing.set(tokens, { phrases, resolve })
        post({ is: 'prepare', token: tokens, phrases })
      })
    },
    async close() {
      if (isClosing) return
      isClosing = true
      for (const { resolve } of preparing.values()) resolve(false)
      await keeper.close()
      for (const { cancelTimer } of pages.values()) cancelTimer()
    },
  }
}

/** While closing, what happened on a call before its end still counts; that it ended, and each fault, does not. */
const isOurDoing = (message: FromWorker): boolean => message.is === 'over' || !('page' in message)

/** No flags of the parent: what the worker needs, its first file switches on. */
function startSipWorker(workerData: WorkerSetting): Worker {
  return new Worker(new URL('./worker.mjs', import.meta.url), { workerData, execArgv: [] })
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}

/** The site file asks for something this pager does not do; the message says what was expected and what came. */
export class PagerMisconfigured extends Error {
  override name = 'PagerMisconfigured'
}
