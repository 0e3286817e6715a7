// The way in by a broker outside, as the thread that keeps it is started and asked: whether the thread answers, and what it says of
// the connection. The same as the ports of the gateway's own broker (thread/ways.ts).
import { readFileSync } from 'node:fs'
import type { ExternalBroker } from '../../../schemas/site/broker.ts'
import type { Clock } from '../../ports.ts'
import { ANSWER_MS } from '../mqtt/watch.ts'
import type { Ways } from '../thread/ways.ts'

export type OutsideOptions = {
  broker: ExternalBroker
  clock: Clock
  /** Asks the thread for a sign of life; `answered` is called when it comes. */
  ping(answered: () => void): void
}

/** `use` takes another kind of way for another thread's. */
export function wayOutside({ broker, clock, ping }: OutsideOptions): Ways {
  const at = broker.url.replace(/^mqtts?:\/\//, '')
  return {
    setting() {
      const { url, username, clientId, passwordFile, ca } = broker
      const password =
        passwordFile === undefined ? broker.password : readFileSync(passwordFile, 'utf8').trim()
      const given = {
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
      }
      return { host: at, port: null, tls: null, external: { url, clientId, ...given } }
    },
    listens() {},
    use: () => 'other',
    ask: () =>
      new Promise(resolve => {
        const cancel = clock.after(ANSWER_MS, () => resolve(`no answer within ${ANSWER_MS / 1000} s`))
        ping(() => {
          cancel()
          resolve(null)
        })
      }),
    words: () => `the broker ${broker.url}`,
    renew() {},
    close() {},
  }
}

/** What the desk is told while it cannot be had. */
export const linkFault = ({ url }: ExternalBroker, why: string): string =>
  `The broker ${url} is not connected (${why}): no pendant is heard that comes in by it. It is tried again each second`
