// The telephone worker, a process of its own, kept alive: hired, watched by answering, and replaced when it dies or hangs.
// Messages go both ways; what a worker owed when it was lost is its owner's business (`onLost`).
import type { ChildProcess } from 'node:child_process'
import type { Clock, Log } from '../../ports.ts'
import type { FromWorker, ToWorker, WorkerSetting } from './messages.ts'

const RESTART_FIRST_MS = 100
const RESTART_MOST_MS = 5000
/** The worker takes 0.5 s for its goodbyes. */
const CLOSE_LIMIT_MS = 2000
/** So many questions without an answer, and it hangs: noticed within four seconds. */
const PING_EVERY_MS = 1000
const PINGS_MISSED = 3
/** One that is starting has its files to load first, on a machine that is busy: that it is slow is said, and it is waited for. */
const PINGS_MISSED_STARTING = 20
/** Of what it wrote before it ended, so much is logged. */
const LAST_WORDS = 4000

export type Keeper = {
  /** Lost where there is no worker: `onHired` is the moment to say it again. */
  post(message: ToWorker): void
  isThere(): boolean
  /** The worker proved that it works: the next one that is lost is replaced at once. */
  works(): void
  close(): Promise<void>
}

type Keeping = {
  start: () => ChildProcess
  setting: WorkerSetting
  clock: Clock
  log: Log
  receive(message: FromWorker): void
  onLost(why: string): void
  /** One that was hired has not answered yet. */
  onSlow(why: string): void
  onHired(): void
}

/** Hires the first worker at once. Time is the machine's own for the watch: it is a process of this machine that is watched. */
export function keepWorker(keeping: Keeping): Keeper {
  const { start, setting, clock, log, receive, onSlow } = keeping
  let restartMs = RESTART_FIRST_MS
  let isClosing = false
  let worker: ChildProcess | null = null
  let stopWatching = (): void => {}
  hire()

  function hire(): boolean {
    const hired = begin()
    if (hired === null) return false
    const watch = watchPings(number => send(hired, { is: 'ping', number }))
    worker = hired
    send(hired, { is: 'start', setting })
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
    logLastWords(hired, log)
    hired.on('error', error => lose(hired, error.message))
    hired.on('exit', (code, signal) => lose(hired, signal ? `ended by ${signal}` : `ended with code ${code}`))
    return true
  }

  /** Null where the machine has no process to give: as one that died. */
  function begin(): ChildProcess | null {
    try {
      return start()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      setImmediate(() => replace(why))
      return null
    }
  }

  function lose(lost: ChildProcess, why: string): void {
    if (lost !== worker || isClosing) return
    worker = null
    stopWatching()
    // It may hang: asking it to end would be asking nobody.
    lost.kill('SIGKILL')
    replace(why)
  }

  function replace(why: string): void {
    if (isClosing) return
    keeping.onLost(why)
    clock.after(restartMs, () => {
      if (!isClosing && hire()) keeping.onHired()
    })
    restartMs = Math.min(restartMs * 2, RESTART_MOST_MS)
  }

  return {
    post: message => void (worker && send(worker, message)),
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

/** One that ended a moment ago gets nothing: that it ended is told apart. */
function send(worker: ChildProcess, message: ToWorker): void {
  if (worker.connected) worker.send(message, () => {})
}

/** What it wrote, where it did not end as it should: Node's account of a crash. */
function logLastWords(worker: ChildProcess, log: Log): void {
  let words = ''
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
  })
  worker.on('close', code => {
    if (code !== 0 && words !== '') log.error({ words }, 'the telephone worker crashed')
  })
}

async function goodbye(worker: ChildProcess): Promise<void> {
  const isGone = worker.pid === undefined || worker.exitCode !== null || worker.signalCode !== null
  if (isGone) return
  const gone = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  send(worker, { is: 'close' })
  const limit = setTimeout(() => worker.kill('SIGKILL'), CLOSE_LIMIT_MS)
  await gone
  clearTimeout(limit)
}
