// `tocsin serve`: one gateway as a process, from its start to its exit code.
import { closeSync, openSync } from 'node:fs'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { LogLevel } from '../log.ts'
import { startGateway } from '../main.ts'
import { beginLifetime, LAST_LINES_MS } from './lifetime.ts'
import { superviseBySystemd } from './supervision.ts'

export type ServeOptions = {
  site: string
  data: string
  http: Config['http']
  mqtt: Config['mqtt']
  logLevel: LogLevel
  logPretty: boolean
}

/** Runs until a signal; throws what `startGateway` throws. Exit codes: gateway/README. */
export async function serve(options: ServeOptions): Promise<void> {
  const ofABug = 'a bug: the process ends here, and the journal replays when it is started again'
  const { log, outlet, stopper } = beginLifetime({ ...options, ofABug })
  // By default it would end a gateway that is just starting. The site may have been read by then: it is read again once all runs.
  let isHungUp = false
  let onHangup = (): void => {
    isHungUp = true
  }
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
  const stop = stopper(() => {
    supervision.stopping()
    return gateway.close()
  })
  onHangup = () => {
    // A terminal that is closed says so by the same signal: a gateway that was started on one goes with it.
    if (hadTerminal && !hasTerminal()) void stop('SIGHUP')
    else void gateway.reload('SIGHUP')
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  if (isHungUp) onHangup()
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
