// The certificate of the way in while the gateway runs: looked at each minute and whenever it is asked, taken up when it was
// renewed. Promises that one which cannot be used leaves the one before in use, and that its end is told while there is time.
import type { Clock, Log } from '../../ports.ts'
import {
  type Certificate,
  type CertificateFiles,
  CertificateRefused,
  datesAmiss,
  daysLeft,
  readCertificate,
} from '../../site/certificate.ts'

const LOOK_EACH_MS = 60_000

export type CertificateWatch = {
  /** As `readCertificate` gave it last. */
  current(): Certificate | null
  /** "its certificate is good for 63 more days"; null where there is none. */
  words(): string | null
  /** From now on these files; null for no TLS. Throws CertificateRefused where they cannot be used at all. */
  use(files: CertificateFiles | null): void
  look(): void
  close(): void
}

export type WatchOptions = {
  clock: Clock
  log: Log
  /** A renewed one is to be used from now on. */
  onRenewed(certificate: Certificate): void
  /** The technical alarm of it; null where it is well. */
  tell(fault: string | null): void
}

export function watchCertificate({ clock, log, onRenewed, tell }: WatchOptions): CertificateWatch {
  let files: CertificateFiles | null = null
  let current: Certificate | null = null
  let cancel = (): void => {}
  const wallMs = (): number => clock.wallMs?.() ?? clock.nowMs()

  function look(): void {
    cancel()
    if (files === null || current === null) return
    cancel = clock.after(LOOK_EACH_MS, look)
    try {
      const next = readCertificate(files)
      if (next.cert !== current.cert || next.key !== current.key) {
        refuseWorse(next, current, wallMs())
        current = next
        log.info({ days: daysLeft(next, wallMs()) }, 'the renewed certificate counts from now on')
        onRenewed(next)
      }
      const amiss = datesAmiss(current, wallMs())
      tell(amiss === null ? null : `The certificate for receivers ${amiss}: renew it, or they cannot connect`)
    } catch (error) {
      if (!(error instanceof CertificateRefused)) throw error
      const left = datesAmiss(current, wallMs()) ?? `is good for ${daysLeft(current, wallMs())} days`
      tell(`The renewed certificate for receivers cannot be used (${error.message}). The one before ${left}`)
    }
  }

  return {
    current: () => current,
    words() {
      if (current === null) return null
      return `its certificate ${datesAmiss(current, wallMs()) ?? `is good for ${daysLeft(current, wallMs())} more days`}`
    },
    use(next) {
      // Their files are looked at as ever: what was renewed meanwhile is no better for the site file's being read again.
      if (next !== null && next.cert === files?.cert && next.key === files.key) return
      current = next === null ? null : readCertificate(next)
      if (next === null && files !== null) tell(null)
      files = next
      cancel()
    },
    look,
    close: () => cancel(),
  }
}

/** Nobody who looks at dates would come in by it any more. Throws CertificateRefused. */
function refuseWorse(next: Certificate, current: Certificate, nowMs: number): void {
  if (isOfNow(next, nowMs) || !isOfNow(current, nowMs)) return
  const came = `one that ${datesAmiss(next, nowMs)}`
  throw new CertificateRefused('cert', 'a certificate that is good now, as the one before is', came)
}

const isOfNow = ({ fromMs, untilMs }: Certificate, nowMs: number): boolean =>
  fromMs <= nowMs && nowMs <= untilMs
