// The journal in a thread of its own: SQLite waits for the disk in the thread that asks, and a disk that hangs, or another
// program that holds the file, must not hold the gateway. The same port; every call may now take as long as the disk does.
import { Worker } from 'node:worker_threads'
import type { Journal } from '../../ports.ts'
import { JournalFailed } from '../failed.ts'
import type { SiteJournal } from '../journal.ts'
import type { JournalEnd } from '../note.ts'
import type { Answer, Asked, Called, FromThread } from './messages.ts'
import { failureFrom } from './messages.ts'

/** A thread that hangs on its disk is left to the end of the process after so long. */
const CLOSE_MS = 2_000

/** The port of the gateway's journal, as it is had from another thread. */
export type ThreadJournal = Journal & {
  /** As of the last answer; null while nothing can be kept. */
  end(): JournalEnd | null
  hashAt(seq: number): Promise<string | null>
  prove(): Promise<void>
  onRows: SiteJournal['onRows']
  onLoss: SiteJournal['onLoss']
}

type Waiting = { resolve(value: unknown): void; reject(error: Error): void }

/** A thread that has no journal yet: it loads its program, which takes a fifth of a gateway's start, while others do theirs. */
export type JournalThread = {
  /** As `openJournal` does. Rejects with JournalFailed where another gateway has it; the thread is gone then. */
  open(file: string): Promise<ThreadJournal>
  close(): Promise<void>
}

export function startJournalThread(): JournalThread {
  const worker = new Worker(new URL('./journal-worker.mjs', import.meta.url), { execArgv: [] })
  const waiting = new Map<number, Waiting>()
  const rowsListeners: ((end: JournalEnd) => void)[] = []
  const lossListeners: (() => void)[] = []
  let calls = 0
  let end: JournalEnd | null = null
  let gone: JournalFailed | null = null

  const lost = (why: string): void => {
    gone = new JournalFailed(`the journal's thread ended: ${why}`)
    for (const { reject } of waiting.values()) reject(gone)
    waiting.clear()
  }
  const answered = ({ call, outcome, end: now }: Answer): void => {
    end = now
    const asker = waiting.get(call)
    waiting.delete(call)
    if ('value' in outcome) asker?.resolve(outcome.value)
    else asker?.reject(failureFrom(outcome.failure))
  }
  worker.on('message', (message: FromThread) => {
    if (message.is === 'answer') answered(message)
    else if (message.is === 'loss') for (const listener of lossListeners) listener()
    else {
      end = message.end
      for (const listener of rowsListeners) listener(message.end)
    }
  })
  // A bug there is a bug here: the process ends, and the journal replays.
  worker.on('error', error => {
    lost(error.message)
    throw error
  })
  worker.on('exit', code => lost(`code ${code}`))

  const ask = <Call extends keyof Called>(
    is: Call,
    ...args: Called[Call]['args']
  ): Promise<Called[Call]['value']> => {
    if (gone !== null) return Promise.reject(gone)
    calls += 1
    const call = calls
    const asked = new Promise((resolve, reject) => waiting.set(call, { resolve, reject }))
    worker.postMessage({ call, is, args } as Asked)
    return asked as Promise<Called[Call]['value']>
  }

  const close = async (): Promise<void> => {
    if (gone !== null) return
    const late = new Promise<void>(resolve => setTimeout(resolve, CLOSE_MS).unref())
    await Promise.race([ask('close').catch(() => undefined), late])
    worker.removeAllListeners('error')
    await Promise.race([worker.terminate(), late])
  }
  const journal: ThreadJournal = {
    load: () => ask('load'),
    commit: batch => ask('commit', batch),
    hashAt: seq => ask('hashAt', seq),
    prove: () => ask('prove'),
    end: () => end,
    onRows: told => rowsListeners.push(told),
    onLoss: told => lossListeners.push(told),
    close,
  }
  return {
    async open(file) {
      try {
        await ask('open', file)
        return journal
      } catch (error) {
        await worker.terminate()
        throw error
      }
    },
    close,
  }
}
