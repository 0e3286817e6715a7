// What systemd is told of a gateway that it started: that it is ready, and again and again that its engine still decides. In: the
// environment of a unit (NOTIFY_SOCKET, WATCHDOG_USEC). Promises no sign of life that the engine did not give.
import { execFile } from 'node:child_process'
import type { Clock, Log } from '../ports.ts'

/** Node opens no datagram sockets of this kind: systemd's own program speaks for it. */
const PROGRAM = 'systemd-notify'
const NOTIFY_MS = 10_000
/** A sign within each third of the time allowed: one that is late is not the end. */
const SIGNS = 3
const US_PER_MS = 1000

export type Supervision = { ready(): Promise<void>; stopping(): void }

export type Supervised = {
  env: NodeJS.ProcessEnv
  clock: Clock
  log: Log
  /** Resolves once the engine has looked at an event that was put to it now. Never rejects. */
  isAlive: () => Promise<unknown>
  /** Replaced by tests. Rejects where nobody was told. */
  notify?: (...words: string[]) => Promise<void>
}

/** Nothing at all where systemd did not start it. */
export function superviseBySystemd(parts: Supervised): Supervision {
  const { env, clock, log, isAlive, notify = notifySystemd } = parts
  if (env.NOTIFY_SOCKET === undefined) return { ready: async () => undefined, stopping: () => undefined }
  const signEachMs = watchdogMs(env) / SIGNS
  let isStopping = false

  const tell = (...words: string[]): Promise<void> =>
    notify(...words).catch(error =>
      log.error({ err: error }, `systemd could not be told ${words.join(' ')}: is ${PROGRAM} installed?`),
    )
  /** The next sign only after this one: an engine that stands still gives none. */
  async function sign(): Promise<void> {
    await isAlive()
    if (isStopping) return
    await tell('WATCHDOG=1')
    clock.after(signEachMs, sign)
  }

  return {
    async ready() {
      await tell('READY=1')
      if (Number.isFinite(signEachMs)) await sign()
    },
    stopping() {
      isStopping = true
      void tell('STOPPING=1')
    },
  }
}

/** Infinity where no watchdog watches this process. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number {
  const ms = Number(WATCHDOG_USEC) / US_PER_MS
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid)
  return isOurs && ms > 0 ? ms : Number.POSITIVE_INFINITY
}

const notifySystemd = (...words: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile(PROGRAM, words, { timeout: NOTIFY_MS }, error => (error === null ? resolve() : reject(error)))
  })
