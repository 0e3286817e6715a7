// The ways in for receivers as they are now: the plain port, that of TLS, and its certificate. In: what the site file says of
// them. Out: what a thread is started with, whether each answers, and how it is said at the desk.
import type { Mqtt } from '../../../schemas/site/broker.ts'
import type { Clock, Log } from '../../ports.ts'
import { watchCertificate } from '../mqtt/certificate-watch.ts'
import type { Pem } from '../mqtt/listener.ts'
import { askBroker, type ProbeAccount } from '../mqtt/probe.ts'
import { ANSWER_MS } from '../mqtt/watch.ts'
import type { Setting } from './messages.ts'

export type Ways = {
  setting(): Pick<Setting, 'host' | 'port' | 'tls' | 'external'>
  /** The free port that was taken where any was asked for. */
  listens(port: number): void
  /** Takes over what the site file says now. `other` ports are another thread's. Throws CertificateRefused. */
  use(mqtt: Mqtt): 'same' | 'other'
  /** Null where each of them answers; otherwise why not, in words. */
  ask(probe: ProbeAccount): Promise<string | null>
  words(): string
  /** Looks now whether the certificate was renewed. */
  renew(): void
  close(): void
}

export type WaysOptions = {
  host: string
  port: number
  mqtt: Mqtt
  clock: Clock
  log: Log
  onCertificate(pem: Pem): void
  /** The fault of the certificate; null where it is well. */
  tell(fault: string | null): void
}

/** Throws CertificateRefused where there is TLS and its files cannot be used. */
export function waysIn({ host, clock, log, onCertificate, tell, ...first }: WaysOptions): Ways {
  let { port, mqtt } = first
  const certificate = watchCertificate({ clock, log, onRenewed: onCertificate, tell })
  certificate.use(mqtt.tls ?? null)
  return {
    setting() {
      const pem = certificate.current()
      const tls = mqtt.tls === undefined || pem === null ? null : { port: mqtt.tls.port, pem }
      return { host, port: mqtt.plain ? port : null, tls, external: null }
    },
    listens(now) {
      if (mqtt.plain) port = now
      certificate.look()
    },
    use(next) {
      certificate.use(next.tls ?? null)
      const isSame = next.plain === mqtt.plain && next.tls?.port === mqtt.tls?.port
      mqtt = next
      const pem = certificate.current()
      if (isSame && pem !== null) onCertificate(pem)
      certificate.look()
      return isSame ? 'same' : 'other'
    },
    async ask(account) {
      const how = { host, account, clock, limitMs: ANSWER_MS }
      const plain = mqtt.plain ? await askBroker({ ...how, port }) : null
      if (plain !== null || mqtt.tls === undefined) return plain
      const secure = await askBroker({ ...how, port: mqtt.tls.port, isTls: true })
      return secure === null ? null : `over TLS: ${secure}`
    },
    words() {
      const plain = mqtt.plain ? [`MQTT on ${host}:${port}`] : []
      const secure = mqtt.tls === undefined ? [] : [`TLS on ${host}:${mqtt.tls.port}, ${certificate.words()}`]
      return [...plain, ...secure].join('; ')
    },
    renew: certificate.look,
    close: certificate.close,
  }
}
