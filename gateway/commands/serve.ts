// `tocsin serve`: one gateway as a process, from its start to its exit code. Promises that neither a bug nor a log that nobody
// reads can keep it from ending.
import { closeSync, openSync } from 'node:fs'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { createLog, type LogLevel } from '../log.ts'
import { createLogOutlet, type LogOutlet } from '../log-outlet.ts'
import { startGateway } from '../main.ts'
import { superviseBySystemd } from './supervision.ts'

export type ServeOptions = {
  site: string
  data: string
  http: Config['http']
  mqtt: Config['mqtt']
  logLevel: LogLevel
  logPretty: boolean
}

const BUG = 70
/** Longer than a reader that reads needs, shorter than a supervisor waits. */
const LAST_LINES_MS = 500

/** Runs until a signal; throws what `startGateway` throws. Exit codes: gateway/README. */
export async function serve(options: ServeOptions): Promise<void> {
  const outlet = createLogOutlet()
  const log = createLog({ level: options.logLevel, pretty: options.logPretty, to: outlet })
  outlet.watch({
    onFlowing: lines =>
      log.warn({ dropped: lines }, 'the log could not be written: so many of its lines are lost'),
  })
  process.on('uncaughtException', error => {
    log.fatal(
      { err: error },
      'a bug: the process ends here, and the journal replays when it is started again',
    )
    outlet.flushSync(LAST_LINES_MS)
    exit(outlet, BUG)
  })
  // By default they go to standard error, and a terminal that is stopped would stop the gateway.
  process.removeAllListeners('warning')
  process.on('warning', warning => log.warn({ err: warning }, 'Node warns'))
  // By default it would end a gateway that is just starting, which reads the file anyhow.
  let onHangup = (): void => {}
  const hadTerminal = hasTerminal()
  process.on('SIGHUP', () => onHangup())
  const { site: siteFile, data: dataDir, http, mqtt, logLevel } = options
  const gateway = await startGateway({ siteFile, dataDir, http, mqtt, logLevel }, log, outlet).catch(
    async error => {
      await outlet.end(LAST_LINES_MS)
      throw error
    },
  )
  log.info({ http: gateway.url, mqtt: `${gateway.mqtt.host}:${gateway.mqtt.port}` }, 'ready')
  const { isAlive } = gateway
  const supervision = superviseBySystemd({ env: process.env, clock: systemClock(), log, isAlive })
  void supervision.ready()
  let isStopping = false
  // One Ctrl-C comes more than once: from the terminal, and handed on by whoever started this. None may cut the farewell.
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) return
    isStopping = true
    log.info({ signal }, 'stopping')
    supervision.stopping()
    const code = await gateway.close().then(
      () => 0,
      error => {
        log.error({ err: error }, 'did not stop cleanly')
        return 1
      },
    )
    await outlet.end(LAST_LINES_MS)
    exit(outlet, code)
  }
  onHangup = () => {
    // A terminal that is closed says so by the same signal: a gateway that was started on one goes with it.
    if (hadTerminal && !hasTerminal()) void stop('SIGHUP')
    else void gateway.reload('SIGHUP')
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/** Whether the process has a terminal that it belongs to (ENXIO where it has none, or none any more). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

/** An exit waits for every write that the operating system holds: one that hangs there is cut by the only signal that can. */
function exit(outlet: LogOutlet, code: number): void {
  if (outlet.isHanging()) process.kill(process.pid, 'SIGKILL')
  process.exit(code)
}
