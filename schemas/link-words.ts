// Why somebody is not connected to a broker, in words. Pure.
import { codeOf, faultWords } from './fault-words.ts'

/** Who connects, and what its settings are called. */
export type Connecting = { who: string; url: string; ca: string }

/** As a site file names them. */
export const GATEWAY: Connecting = { who: 'the gateway', url: 'broker.url', ca: 'broker.ca' }

/** As the options of `tocsin receiver` are called. */
export const RECEIVER: Connecting = { who: 'this receiver', url: '--broker', ca: '--ca' }

/** MQTT 3.1.1 §3.2.2.3. */
const REFUSALS: Readonly<Record<number, (who: string) => string>> = {
  1: () => 'it does not speak MQTT 3.1.1',
  2: who => `it refuses the client id of ${who}`,
  3: () => 'it says that it is not available',
  4: who => `it refuses the user name or password of ${who}`,
  5: who => `it refuses the user name or password of ${who}, or lets it do nothing`,
}

/** Codes of Node's TLS and OpenSSL; the first that fits counts. */
const TLS: readonly [RegExp, string | ((by: Connecting) => string)][] = [
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired, or that of its authority'],
  [/^CERT_NOT_YET_VALID$/, 'its certificate counts only from later on: look at the clocks of both machines'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, ({ url }) => `its certificate is for another name than that in ${url}`],
  [/^CERT_REVOKED$/, 'its certificate was revoked'],
  [
    /ISSUER|SELF_SIGNED|LEAF_SIGNATURE|UNTRUSTED|CERT_SIGNATURE/,
    ({ ca }) =>
      `its certificate is of an authority that is not trusted here: ${ca} is to be the one that made it`,
  ],
  [/CERT/, 'its certificate cannot be used'],
  [/^(EPROTO|ERR_SSL_.*)$/, ({ who }) => `it does not speak TLS there as ${who} does`],
]

export function linkWords(error: unknown, by: Connecting): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (typeof code === 'number') return REFUSALS[code]?.(by.who) ?? `it refuses ${by.who} (code ${code})`
  const named = codeOf(error) ?? ''
  const tls = TLS.find(([pattern]) => pattern.test(named))
  if (tls !== undefined) return typeof tls[1] === 'string' ? tls[1] : tls[1](by)
  // What has no code is mqtt.js' own: no answer to CONNECT or PINGREQ, or what is no MQTT.
  if (named !== '') return faultWords(error)
  const text = error instanceof Error ? error.message : ''
  return /timeout/i.test(text) ? 'no answer in time' : 'it answers something else than a broker would'
}
