// The pages under way, on the main thread: orders in, and what the worker saw of each; out: each step, always to exactly one
// 'ended'. Here are the timers; the calls themselves live in the worker.
import type { Clock, EngineEvent, Log, PageProgress } from '../../ports.ts'
import type { CallOrder, CallReply, ToWorker } from './messages.ts'
import { ended, follow, type Heard, type PageState, replied } from './page.ts'
import type { Outcome } from './wire/outcome.ts'

/** Whether the line is there is known within 6 s, where the worker has started; one that has not begun by now never will. */
const PLACE_LIMIT_MS = 30_000
/** A call that was ended is over at once; one whose worker does not say so is over all the same. */
const END_LIMIT_MS = 3000

type CallsSetting = {
  clock: Clock
  log: Log
  tell(event: EngineEvent): void
  post(message: ToWorker): void
  hasWorker(): boolean
}

/** `strayFrom`: a key came from there, which is not the telephone's place. */
type Watched = { state: PageState; cancelTimer: () => void; lastAtMs?: number; strayFrom?: string }

export class Calls {
  readonly #setting: CallsSetting
  readonly #pages = new Map<string, Watched>()

  constructor(setting: CallsSetting) {
    this.#setting = setting
  }

  get size(): number {
    return this.#pages.size
  }

  has(page: string): boolean {
    return this.#pages.has(page)
  }

  /** Without a worker the order waits for the next one, which is told by `placeAnew`. */
  place(order: CallOrder): void {
    const watched: Watched = { state: { order, phase: 'placed', ending: null }, cancelTimer: () => {} }
    this.#pages.set(order.page, watched)
    this.#post(order)
    const detail = `the telephone worker did not begin within ${seconds(PLACE_LIMIT_MS)}`
    watched.cancelTimer = this.#setting.clock.after(PLACE_LIMIT_MS, () =>
      this.#end(watched, { outcome: 'failed', detail }),
    )
  }

  placeAnew(): void {
    for (const { state } of this.#pages.values()) this.#post(state.order)
  }

  /** What the worker saw. Of a page that is over nothing is heard any more. */
  heard(message: Heard): void {
    const watched = this.#pages.get(message.page)
    if (watched) this.#advance(watched, message.atMs, follow(watched.state, message))
  }

  stray(page: string, from: string): void {
    const watched = this.#pages.get(page)
    if (watched) watched.strayFrom = from
    this.#setting.log.warn(
      { page, from },
      'a key came from a place that is not the telephone’s: it is not believed',
    )
  }

  end(page: string, ending: Outcome): void {
    const watched = this.#pages.get(page)
    if (watched) this.#end(watched, ending)
  }

  /** Last words are said whole, and what grew worse is listened to for as long as an answered call is. */
  reply(order: CallReply): void {
    const watched = this.#pages.get(order.page)
    if (!watched) return
    const wasLast = watched.state.isLast === true
    watched.state = replied(watched.state, order)
    const { phase, order: page } = watched.state
    if (order.isLast) watched.cancelTimer()
    else if ((order.is === 'worse' || wasLast) && phase === 'answered') this.#limitTalk(watched, page)
    const { words, phrases, isLast, news } = order
    this.#setting.post({ is: 'reply', page: page.page, words, phrases, isLast, news })
  }

  /** Each page ends so: the calls are gone with their worker. */
  finishAll(outcome: Outcome): void {
    for (const page of [...this.#pages.keys()]) this.#finish(page, outcome)
  }

  /** Says nothing more of any. */
  close(): void {
    for (const { cancelTimer } of this.#pages.values()) cancelTimer()
  }

  #post({ page, target, phrases }: CallOrder): void {
    this.#setting.post({ is: 'place', page, target, phrases })
  }

  /** `wireAtMs` is the machine's time; its age is what counts where the clock is another. */
  #advance(watched: Watched, wireAtMs: number, next: { page: PageState; steps: PageProgress[] }): void {
    const { clock, log, tell } = this.#setting
    const { order } = next.page
    const cameAtMs = Math.round(clock.nowMs() - Math.max(0, Date.now() - wireAtMs))
    // The two clocks tick apart: no step is before the one before it.
    const atMs = Math.max(cameAtMs, watched.lastAtMs ?? cameAtMs)
    watched.lastAtMs = atMs
    watched.state = next.page
    for (const progress of next.steps) {
      if (progress.step === 'sent')
        this.#limit(watched, order.ringMs, () => `no answer within ${seconds(order.ringMs)}`)
      if (progress.step === 'reached') this.#limitTalk(watched, order)
      if (progress.step === 'ended') this.#forget(order.page)
      log.info({ page: order.page, target: order.target, ...progress }, `page ${progress.step}`)
      tell({ kind: 'page', page: order.page, atMs, progress })
    }
  }

  #limit(watched: Watched, ms: number, detail: () => string): void {
    watched.cancelTimer()
    watched.cancelTimer = this.#setting.clock.after(ms, () =>
      this.#end(watched, { outcome: 'no-answer', detail: detail() }),
    )
  }

  #limitTalk(watched: Watched, { talkMs }: CallOrder): void {
    this.#limit(watched, talkMs, () => {
      const { strayFrom } = watched
      const stray = strayFrom ? ` (but one from ${strayFrom}, which is not the telephone’s place)` : ''
      return `answered, but no key within ${seconds(talkMs)}${stray}`
    })
  }

  /** The worker's 'over' is the end, so that nothing that happened on the wire before it is lost. */
  #end(watched: Watched, ending: Outcome): void {
    const { clock, post, hasWorker } = this.#setting
    const { page } = watched.state.order
    watched.state = { ...watched.state, ending }
    watched.cancelTimer()
    if (hasWorker()) {
      post({ is: 'end', page })
      watched.cancelTimer = clock.after(END_LIMIT_MS, () => this.#finish(page, ending))
    } else this.#finish(page, ending)
  }

  #finish(page: string, outcome: Outcome): void {
    const watched = this.#pages.get(page)
    if (watched) this.#advance(watched, Date.now(), ended(watched.state, outcome))
  }

  #forget(page: string): void {
    this.#pages.get(page)?.cancelTimer()
    this.#pages.delete(page)
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`
