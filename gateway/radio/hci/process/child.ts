// One process that holds a radio: started, asked again and again whether it still answers, and ended where it doesn't.
import { type ChildProcess, fork } from 'node:child_process'
import type { Readable } from 'node:stream'
import { faultWords } from '../../../../schemas/fault-words.ts'
import type { Heard } from '../../radio.ts'
import { createUnbatcher } from './batch.ts'
import { type FromProcess, REPORTS_FD, type ToProcess } from './messages.ts'

/** So many questions without an answer, and it hangs: noticed within four seconds. */
const PING_EVERY_MS = 1000
const PINGS_MISSED = 3
/** One that is starting has its files to load first, on a machine that is busy. */
const PINGS_MISSED_STARTING = 20
const CLOSE_MS_MAX = 2000
const LAST_WORDS = 4000

export type Hired = { post(message: ToProcess): void; close(): Promise<void> }
type Hiring = {
  take(heard: Heard): void
  toClock(monotonicMs: number): number
  said(message: FromProcess): void
  /** Once, when it is gone; `words` is what it wrote where it crashed. */
  ended(why: string, words: string): void
}

/** Starts one process. Throws where the machine has none to give. */
export function hire({ take, toClock, said, ended }: Hiring): Hired {
  // No flags of the parent: what the process needs, its first file switches on.
  const child = fork(new URL('./radio-process.mjs', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
  })
  let why: string | null = null
  child.once('error', error => {
    why ??= faultWords(error)
  })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  const post = (message: ToProcess): void => {
    if (child.connected) child.send(message, () => {})
  }
  const watch = watchAnswers(
    number => post({ is: 'ping', number }),
    seconds => {
      why ??= `the process of the radio has not answered for ${seconds} s`
      // It may hang: asking it to end would be asking nobody.
      child.kill('SIGKILL')
    },
  )
  const words = lastWordsOf(child)
  // Where the machine has no files left to give, it has no pipes, and nothing that is typed as being there.
  const reports = (child.stdio as ChildProcess['stdio'] | undefined)?.[REPORTS_FD] as Readable | undefined
  reports?.on('data', createUnbatcher(take, toClock))
  child.on('message', (message: FromProcess) => {
    if (message.is === 'pong') watch.answered(message.number)
    said(message)
  })
  // When its pipes are read to the end: what it heard before it went still counts.
  child.once('close', (code, signal) => {
    watch.stop()
    ended(
      why ?? (signal ? `its process was ended by ${signal}` : `its process ended with code ${code}`),
      code === 0 ? '' : words(),
    )
  })
  return {
    post,
    async close() {
      post({ is: 'close' })
      const limit = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS_MAX)
      await gone
      clearTimeout(limit)
    },
  }
}

/** By the machine's own time: it is a process of this machine that is watched. */
function watchAnswers(ping: (number: number) => void, hung: (seconds: number) => void) {
  let asked = 0
  let answered = 0
  const timer = setInterval(() => {
    const missed = asked - answered
    if (missed >= (answered === 0 ? PINGS_MISSED_STARTING : PINGS_MISSED)) {
      hung((missed * PING_EVERY_MS) / 1000)
      return
    }
    asked += 1
    ping(asked)
  }, PING_EVERY_MS)
  return {
    answered: (number: number): void => {
      answered = Math.max(answered, number)
    },
    stop: () => clearInterval(timer),
  }
}

/** What a process wrote last: Node's account of a crash. */
function lastWordsOf(child: ChildProcess): () => string {
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
  })
  return () => words
}
