// The certificate of the way in for receivers: two files in, what a server needs of them out, or what is wrong with them in words.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { faultWords } from '../../schemas/fault-words.ts'
import type { Tls } from '../../schemas/site/broker.ts'

export type CertificateFiles = Pick<Tls, 'cert' | 'key'>
/** Both as PEM. */
export type Certificate = { cert: string; key: string } & Dated
/** From when to when, and the names and addresses that it is for. */
export type Dated = { fromMs: number; untilMs: number; names: string[] }

/** The files are none that a server could use; `field` is the one to mend. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused'
  readonly field: keyof CertificateFiles
  readonly expected: string
  readonly came: string

  constructor(field: keyof CertificateFiles, expected: string, came: string) {
    super(`expected ${expected}, came ${came}`)
    this.field = field
    this.expected = expected
    this.came = came
  }
}

/** Whether it is of now is not asked. Throws CertificateRefused. */
export function readCertificate(files: CertificateFiles): Certificate {
  const [cert, key] = [read(files, 'cert'), read(files, 'key')]
  const about = orRefused('cert', 'a certificate in PEM', () => new X509Certificate(cert))
  const secret = orRefused('key', 'a private key in PEM, without a password', () => createPrivateKey(key))
  if (!about.checkPrivateKey(secret))
    throw new CertificateRefused('key', 'the private key of this certificate', 'that of another one')
  orRefused('cert', 'certificates in PEM', () => createSecureContext({ cert, key }))
  return { cert, key, ...certificateOf(about) }
}

/** `DNS:gw.example.org, IP Address:10.0.0.5`, as Node has them. */
export const certificateOf = ({ validFrom, validTo, subjectAltName }: X509Certificate): Dated => ({
  fromMs: Date.parse(validFrom),
  untilMs: Date.parse(validTo),
  names: subjectAltName?.split(', ').map(each => each.replace(/^[^:]*:/, '')) ?? [],
})

function read(files: CertificateFiles, field: keyof CertificateFiles): string {
  try {
    return readFileSync(files[field], 'utf8')
  } catch (error) {
    throw new CertificateRefused(field, 'a file that can be read', `${files[field]}: ${faultWords(error)}`)
  }
}

function orRefused<T>(field: keyof CertificateFiles, expected: string, make: () => T): T {
  try {
    return make()
  } catch {
    throw new CertificateRefused(field, expected, 'something else')
  }
}

const DAY_MS = 86_400_000
/** Receivers that check dates come in no longer after its end: so long before, it is loud. */
const LATE_DAYS = 14

/** Whole days that are left; less than nothing once it has ended. */
export const daysLeft = ({ untilMs }: Pick<Dated, 'untilMs'>, nowMs: number): number =>
  Math.floor((untilMs - nowMs) / DAY_MS)

/** What is wrong with its dates, in words; null where nothing is. */
export function datesAmiss(certificate: Omit<Dated, 'names'>, nowMs: number): string | null {
  const { fromMs, untilMs } = certificate
  if (fromMs > nowMs) return `begins only on ${dayOf(fromMs)}`
  const days = daysLeft(certificate, nowMs)
  if (days < 0) return `ended on ${dayOf(untilMs)}`
  return days > LATE_DAYS ? null : `ends in ${days === 1 ? '1 day' : `${days} days`}, on ${dayOf(untilMs)}`
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10)

/** Whether it begins with one that can be read. */
export function isCertificate(pem: Buffer): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
