// The certificate that receivers are shown, tried: the gateway's own by its files, that of a broker outside by asking for it as a
// client does. Whose it is, how long it is good for, and what to do where it is not.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Site } from '../../../schemas/site.ts'
import type { Endpoint } from '../../config.ts'
import {
  type CertificateFiles,
  CertificateRefused,
  certificateOf,
  type Dated,
  datesAmiss,
  daysLeft,
  readCertificate,
} from '../../site/certificate.ts'
import { broken, type Finding, ok, warning } from './finding.ts'

const ANSWER_MS = 5_000
const TRIED = 'tls'
const RENEW = 'renew it; a gateway that runs takes it up within a minute'

/** What to do where one of the files cannot be used, by the place in the site file. */
const MEND: Readonly<Record<string, string>> = {
  'mqtt.tls.cert':
    'name the certificate, with those between it and its authority, as PEM; the gateway’s user must be able to read it',
  'mqtt.tls.key':
    'name the key that was made with this certificate, as PEM and without a password; the gateway’s user must be able to read it',
}
export const certificateMend = (path: string): string | undefined => MEND[path]

/** Nothing where receivers come in without TLS. */
export function tryCertificate(files: CertificateFiles | undefined, nowMs = Date.now()): Finding[] {
  if (files === undefined) return []
  try {
    return [dated('the certificate for receivers', readCertificate(files), nowMs)]
  } catch (error) {
    if (!(error instanceof CertificateRefused)) throw error
    return [broken(TRIED, error.message, certificateMend(`mqtt.tls.${error.field}`))]
  }
}

function dated(what: string, certificate: Dated, nowMs: number): Finding {
  const { names, fromMs, untilMs } = certificate
  const amiss = datesAmiss(certificate, nowMs)
  const about = names.length === 0 ? what : `${what} (${names.join(', ')})`
  if (fromMs > nowMs || untilMs < nowMs)
    return broken(TRIED, `${about} ${amiss}: nobody who looks at dates comes in`, RENEW)
  if (amiss !== null) return warning(TRIED, `${about} ${amiss}`, RENEW)
  const left = `is good for ${daysLeft(certificate, nowMs)} more days`
  if (names.length === 0)
    return warning(
      TRIED,
      `${about} ${left}, and is for no name: whoever checks it refuses it`,
      'have it made for the name or address by which receivers connect (subjectAltName)',
    )
  return ok(TRIED, `${about} ${left}`)
}

/** That of a broker outside, as the gateway would see it. */
export async function tryOutside(
  at: Endpoint,
  { ca }: Pick<NonNullable<Site['broker']>, 'ca'>,
): Promise<Finding> {
  const name = isIP(at.host) === 0 ? { servername: at.host } : {}
  const authority = ca === undefined ? {} : { ca: readFileSync(ca) }
  const socket = connect({ ...at, ...name, ...authority })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) })
    const shown = socket.getPeerX509Certificate()
    return shown === undefined
      ? broken(TRIED, 'the broker outside shows no certificate')
      : dated('the certificate of the broker outside', certificateOf(shown), Date.now())
  } catch (error) {
    return broken(
      TRIED,
      `no TLS with the broker outside: ${faultWords(error)}`,
      'renew its certificate for this name, or name the authority that signed it as broker.ca',
    )
  } finally {
    socket.destroy()
  }
}
