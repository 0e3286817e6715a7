// A command that runs until it is told to stop: its log, its last words, its exit code. Promises that neither a bug nor a log that
// nobody reads can keep the process from ending.
import { createLog, type Log, type LogLevel } from '../log.ts'
import { createLogOutlet, type LogOutlet } from '../log-outlet.ts'

const BUG = 70
/** Longer than a reader that reads needs, shorter than a supervisor waits. */
export const LAST_LINES_MS = 500

export type Lifetime = {
  log: Log
  outlet: LogOutlet
  /** Closes what runs, once, however many signals come; then the process ends. Exit codes: gateway/README. */
  stopper(close: () => Promise<void>): (signal: string) => Promise<void>
}

/** Begins one. `ofABug`: what the log says when the process ends of one. */
export function beginLifetime(options: { logLevel: LogLevel; logPretty: boolean; ofABug: string }): Lifetime {
  const outlet = createLogOutlet()
  const log = createLog({ level: options.logLevel, pretty: options.logPretty, to: outlet })
  outlet.watch({
    onFlowing: lines =>
      log.warn({ dropped: lines }, 'the log could not be written: so many of its lines are lost'),
  })
  process.on('uncaughtException', error => {
    log.fatal({ err: error }, options.ofABug)
    outlet.flushSync(LAST_LINES_MS)
    exit(outlet, BUG)
  })
  // By default they go to standard error, and a terminal that is stopped would stop the process.
  process.removeAllListeners('warning')
  process.on('warning', warning => log.warn({ err: warning }, 'Node warns'))
  return {
    log,
    outlet,
    stopper(close) {
      let isStopping = false
      // One Ctrl-C comes more than once: from the terminal, and handed on by whoever started this. None may cut the farewell.
      return async signal => {
        if (isStopping) return
        isStopping = true
        log.info({ signal }, 'stopping')
        const code = await close().then(
          () => 0,
          error => {
            log.error({ err: error }, 'did not stop cleanly')
            return 1
          },
        )
        await outlet.end(LAST_LINES_MS)
        exit(outlet, code)
      }
    },
  }
}

/** An exit waits for every write that the operating system holds: one that hangs there is cut by the only signal that can. */
function exit(outlet: LogOutlet, code: number): void {
  if (outlet.isHanging()) process.kill(process.pid, 'SIGKILL')
  process.exit(code)
}
