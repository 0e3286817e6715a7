// Why a broker outside is not connected, in words. Pure.
import { codeOf, faultWords } from '../../../schemas/fault-words.ts'

/** MQTT 3.1.1 §3.2.2.3. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it refuses the client id of the gateway',
  3: 'it says that it is not available',
  4: 'it refuses the user name or password of the gateway',
  5: 'it refuses the user name or password of the gateway, or lets it do nothing',
}

/** Codes of Node's TLS and OpenSSL; the first that fits counts. */
const TLS: readonly [RegExp, string][] = [
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired, or that of its authority'],
  [/^CERT_NOT_YET_VALID$/, 'its certificate counts only from later on: look at the clocks of both machines'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name than that in broker.url'],
  [/^CERT_REVOKED$/, 'its certificate was revoked'],
  [
    /ISSUER|SELF_SIGNED|LEAF_SIGNATURE|UNTRUSTED|CERT_SIGNATURE/,
    'its certificate is of an authority that is not trusted here: broker.ca is to be the one that made it',
  ],
  [/CERT/, 'its certificate cannot be used'],
  [/^(EPROTO|ERR_SSL_.*)$/, 'it does not speak TLS there as the gateway does'],
]

export function linkWords(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (typeof code === 'number') return REFUSALS[code] ?? `it refuses the gateway (code ${code})`
  const named = codeOf(error) ?? ''
  const tls = TLS.find(([pattern]) => pattern.test(named))
  if (tls !== undefined) return tls[1]
  // What has no code is mqtt.js' own: no answer to CONNECT or PINGREQ, or what is no MQTT.
  if (named !== '') return faultWords(error)
  const text = error instanceof Error ? error.message : ''
  return /timeout/i.test(text) ? 'no answer in time' : 'it answers something else than a broker would'
}
