// The telephone worker, kept alive: hired, watched by answering, and replaced when it dies or hangs.
// Messages go both ways; what a worker owed when it was lost is its owner's business (`onLost`).
import type { Worker } from 'node:worker_threads'
import type { Clock, Log } from '../../ports.ts'
import type { FromWorker, ToWorker } from './messages.ts'

const RESTART_FIRST_MS = 100
const RESTART_MOST_MS = 5000
/** The worker takes 0.5 s for its goodbyes. */
const CLOSE_LIMIT_MS = 2000
/** So many questions without an answer, and the thread hangs: noticed within four seconds. */
const PING_EVERY_MS = 1000
const PINGS_MISSED = 3
/** A thread that is starting has its files to load first, on a machine that is busy: that it is slow is said, and it is waited for. */
const PINGS_MISSED_STARTING = 20

export type Keeper = {
  /** Lost where there is no worker: `onHired` is the moment to say it again. */
  post(message: ToWorker): void
  isThere(): boolean
  /** The worker proved that it works: the next one that is lost is replaced at once. */
  works(): void
  close(): Promise<void>
}

type Keeping = {
  start: () => Worker
  clock: Clock
  log: Log
  receive(message: FromWorker): void
  onLost(why: string): void
  /** One that was hired has not answered yet. */
  onSlow(why: string): void
  onHired(): void
}

/** Hires the first worker at once. Time is the machine's own for the watch: it is a thread of this machine that is watched. */
export function keepWorker({ start, clock, log, receive, onLost, onSlow, onHired }: Keeping): Keeper {
  let restartMs = RESTART_FIRST_MS
  let isClosing = false
  let worker: Worker | null = null
  let stopWatching = (): void => {}
  hire()

  function hire(): void {
    const hired = start()
    const watch = watchPings(number => hired.postMessage({ is: 'ping', number } satisfies ToWorker))
    let why = 'it exited'
    worker = hired
    stopWatching = watch.start({
      onHung: missed => lose(hired, `it has not answered for ${missed} s`),
      onSlow: missed => onSlow(`it was started ${missed} s ago and has not answered yet`),
    })
    hired.on('message', (message: FromWorker) => {
      // What one that was given up says when it wakes is about calls that have been placed anew.
      if (hired !== worker) return
      if (message.is === 'pong') watch.answered(message.number)
      else receive(message)
    })
    hired.on('error', error => {
      why = error.message
      log.error({ err: error }, 'the telephone worker crashed')
    })
    hired.on('exit', () => lose(hired, why))
  }

  function lose(lost: Worker, why: string): void {
    if (lost !== worker || isClosing) return
    worker = null
    stopWatching()
    void lost.terminate()
    onLost(why)
    clock.after(restartMs, () => {
      if (isClosing) return
      hire()
      onHired()
    })
    restartMs = Math.min(restartMs * 2, RESTART_MOST_MS)
  }

  return {
    post: message => worker?.postMessage(message),
    isThere: () => worker !== null,
    works() {
      restartMs = RESTART_FIRST_MS
    },
    async close() {
      isClosing = true
      stopWatching()
      if (worker) await goodbye(worker)
    },
  }
}

/** Counts what is asked and not answered. A pong is read between two turns of the timer, however late this thread is. */
function watchPings(ping: (number: number) => void) {
  let asked = 0
  let answered = 0
  return {
    answered: (number: number): void => {
      answered = Math.max(answered, number)
    },
    start({ onHung, onSlow }: Record<'onHung' | 'onSlow', (missed: number) => void>): () => void {
      const timer = setInterval(() => {
        const missed = asked - answered
        if (answered === 0 && missed === PINGS_MISSED) onSlow(missed)
        if (missed >= (answered === 0 ? PINGS_MISSED_STARTING : PINGS_MISSED)) return onHung(missed)
        asked += 1
        ping(asked)
      }, PING_EVERY_MS)
      asked += 1
      ping(asked)
      return () => clearInterval(timer)
    },
  }
}

async function goodbye(worker: Worker): Promise<void> {
  if (worker.threadId < 0) return
  const gone = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  worker.postMessage({ is: 'close' } satisfies ToWorker)
  const limit = setTimeout(() => void worker.terminate(), CLOSE_LIMIT_MS)
  await gone
  clearTimeout(limit)
}
