// The broker's thread kept alive: started, watched by answering, replaced when it dies, hangs or is given up, and ended. Messages go both
// ways; what one that is gone had on the way is its receivers' to send again. Promises that only the newest thread is heard.
import type { Worker } from 'node:worker_threads'
import type { Clock, Log } from '../../ports.ts'
import { BrokerFailed } from '../mqtt/failed.ts'
import type { FromBroker, ToBroker } from './messages.ts'
import { type Pings, watchPings } from './pings.ts'

const RESTART_FIRST_MS = 100
const RESTART_MOST_MS = 5_000
/** A thread that hangs may not end what is connected to it either: no longer than this is waited for it. */
const LET_GO_MS = 2_000
/** It has its files to read first, on a machine that is busy. */
const BEGIN_MS = 20_000

/** How one that listened was lost. */
type Gone = 'ended' | 'hung'

export type ThreadKeeper = {
  /** Starts the first one; resolves with its port. Rejects with BrokerFailed where it cannot listen. */
  begin(): Promise<number>
  /** Lost where none listens: `onBegun` is the moment to say it again. */
  post(message: ToBroker): void
  /** It is given up, and another takes its place. Resolves when that one listens. */
  replace(): Promise<void>
  /** It proved that it works: the next that is lost is replaced soon. */
  works(): void
  /** At its next word, or once it is lost: whether one listens and answers. */
  answers(): Promise<boolean>
  close(): Promise<void>
}

export type Keeping = {
  start(): Worker
  clock: Clock
  log: Log
  /** What it says, but that it listens, failed or is closed. An answer is for this one: the next counts its calls anew. */
  receive(message: FromBroker, answer: (message: ToBroker) => void): void
  /** The one that listened has ended, or hangs; or its successor failed to begin, and is tried again. */
  onLost(why: string, is: Gone | 'failed'): void
  /** One listens. Said before anything it says. */
  onBegun(): void
}

export function keepThread({ start, clock, log, receive, onLost, onBegun }: Keeping): ThreadKeeper {
  let current: Worker | null = null
  let restartMs = RESTART_FIRST_MS
  let isClosing = false
  let replacing: Promise<void> | null = null
  let ending: Promise<unknown> = Promise.resolve()
  const asking: ((isThere: boolean) => void)[] = []
  const answer = (isThere: boolean): void => {
    for (const tell of asking.splice(0)) tell(isThere)
  }

  const begin = async (): Promise<number> => {
    const worker = started(start)
    current = worker
    return followed(worker, {
      isCurrent: () => worker === current,
      receive(message, back) {
        if (message.is === 'pong') answer(true)
        else receive(message, back)
      },
      onBegun,
      onGone(why, is) {
        current = null
        ending = worker.terminate()
        answer(false)
        if (is === 'failed' || isClosing) return
        onLost(why, is)
        void replace()
      },
    })
  }

  async function anew(): Promise<void> {
    if (current !== null) ending = current.terminate()
    current = null
    answer(false)
    // It has the port until then.
    await inTime(ending)
    while (!isClosing) {
      await new Promise<void>(resolve => clock.after(restartMs, resolve))
      restartMs = Math.min(restartMs * 2, RESTART_MOST_MS)
      if (isClosing) return
      const why = await begin().then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      if (why === null) return
      log.error({ why }, 'the broker cannot be started')
      onLost(why, 'failed')
    }
  }

  function replace(): Promise<void> {
    replacing ??= anew().finally(() => {
      replacing = null
    })
    return replacing
  }

  return {
    begin,
    post: message => current?.postMessage(message),
    replace,
    works() {
      restartMs = RESTART_FIRST_MS
    },
    answers: () => new Promise(resolve => (current === null ? resolve(false) : asking.push(resolve))),
    async close() {
      isClosing = true
      const worker = current
      if (worker === null) return
      const closed = new Promise<void>(resolve => {
        worker.on('message', ({ is }: FromBroker) => is === 'closed' && resolve())
        worker.on('exit', () => resolve())
      })
      worker.postMessage({ is: 'close' } satisfies ToBroker)
      await inTime(closed)
      current = null
      await inTime(worker.terminate())
    },
  }
}

/** Throws BrokerFailed where the machine has none to give, or what it is to be started with cannot be read. */
function started(start: () => Worker): Worker {
  try {
    return start()
  } catch (cause) {
    throw new BrokerFailed(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

type Following = Pick<Keeping, 'receive' | 'onBegun'> & {
  isCurrent(): boolean
  /** Said once, and no more after that it is current no longer. */
  onGone(why: string, is: Gone | 'failed'): void
}

/** Resolves with its port once it listens. Rejects where it is gone before, or does not say for long that it listens. */
function followed(worker: Worker, { isCurrent, receive, onBegun, onGone }: Following): Promise<number> {
  return new Promise((resolve, reject) => {
    let pings: Pings | null = null
    const gone = (why: string, is: Gone = 'ended'): void => {
      clearTimeout(slow)
      pings?.stop()
      if (isCurrent()) onGone(why, pings === null ? 'failed' : is)
      reject(new BrokerFailed(why))
    }
    const slow = setTimeout(() => gone('its thread does not begin'), BEGIN_MS)
    const hangs = (seconds: number): void => gone(`its thread has said nothing for ${seconds} s`, 'hung')
    worker.on('error', error => gone(`its thread ended: ${error.message}`))
    worker.on('exit', code => gone(`its thread ended: code ${code}`))
    const answer = (message: ToBroker): void => {
      if (isCurrent()) worker.postMessage(message)
    }
    worker.on('message', (message: FromBroker) => {
      if (!isCurrent()) return
      pings?.heard()
      if (message.is === 'failed') gone(message.message)
      else if (message.is === 'listens') {
        clearTimeout(slow)
        pings = watchPings(() => worker.postMessage({ is: 'ping' } satisfies ToBroker), hangs)
        onBegun()
        resolve(message.port)
      } else receive(message, answer)
    })
  })
}

/** A thread that hangs in the system is left to the end of the process. */
async function inTime(ended: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, LET_GO_MS)
  })
  await Promise.race([ended, late])
  clearTimeout(timer)
}
