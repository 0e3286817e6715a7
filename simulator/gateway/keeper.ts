// Keeps a gateway running: when it dies it is started again on the same ports and files, where its journal replays. In:
// how to start one; out: what happened, in words. Gives up where it dies again and again, because that is a bug.

import type { SimClock } from '../ports.ts'
import { type Gateway, type GatewayOptions, startGateway } from './process.ts'

/** So many deaths within `WITHIN_MS` and it is not started again. */
export const DEATHS_MAX = 5
export const WITHIN_MS = 60_000
/** Long enough that Ctrl-C, which reaches both processes at once, is known here before its death is lamented. */
const BEFORE_RESTART_MS = 500

export type Kept = {
  readonly http: string
  readonly mqtt: string
  /** Resolves with the reason once it is given up. */
  readonly givenUp: Promise<string>
  stop(): Promise<void>
}

export type KeeperOptions = GatewayOptions & {
  clock: SimClock
  tell: (text: string) => void
  /** Only a test starts something else. */
  start?: (options: GatewayOptions) => Promise<Gateway>
}

/** Starts it. Throws where the first start fails: that is no accident but a setting. */
export async function keepGateway(options: KeeperOptions): Promise<Kept> {
  const { clock, tell, start = startGateway } = options
  const deathsAtMs: number[] = []
  let isStopping = false
  let gateway = await start(options)
  const { http, mqtt } = gateway
  let giveUp: (why: string) => void = () => {}
  const givenUp = new Promise<string>(resolve => {
    giveUp = resolve
  })

  const isTooOften = (): boolean => {
    deathsAtMs.push(clock.nowMs())
    return deathsAtMs.filter(atMs => atMs > clock.nowMs() - WITHIN_MS).length >= DEATHS_MAX
  }
  const revive = async (how: string): Promise<void> => {
    await new Promise<void>(resolve => clock.after(BEFORE_RESTART_MS, resolve))
    if (isStopping) return
    if (isTooOften()) return giveUp(`the gateway ${how}; that was death ${DEATHS_MAX} within a minute`)
    tell(`THE GATEWAY ${how.toUpperCase()}. No alarm is heard until it is back; starting it again.`)
    try {
      gateway = await start({ ...options, http, mqtt })
    } catch (error) {
      return revive(`did not start again (${error instanceof Error ? error.message : error})`)
    }
    tell('The gateway is back, with everything that its journal holds.')
    watch()
  }
  const watch = () => void gateway.ended.then(how => (isStopping ? undefined : revive(how)))
  watch()

  return {
    http,
    mqtt,
    givenUp,
    async stop() {
      isStopping = true
      await gateway.stop()
    },
  }
}
