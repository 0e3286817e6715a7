// What must not be overlooked besides an alarm: a dead line, a silent loudspeaker, a system that says it is broken.
import type { ComponentChildren } from 'preact'
import type { TechnicalAlarm } from '../../../schemas/api.ts'
import type { Connection } from './live.ts'
import { agoWords, clockWords, sentence } from './words.ts'

/** A first connection gets this long before its absence is loud. */
const CONNECTING_MS = 3_000

/** What changes each second is not for a screen reader: it would say the whole banner again and again. */
function Ticking({ children }: { children: ComponentChildren }) {
  return <span aria-hidden="true">{children}</span>
}

/** `nowMs` is this machine's clock: the gateway's cannot be asked. */
export function LostBanner({ connection, nowMs }: { connection: Connection; nowMs: number }) {
  if (connection.state === 'live') return null
  const forMs = nowMs - connection.sinceMs
  if (connection.state === 'connecting' && forMs < CONNECTING_MS) return null
  return (
    <div class="banner banner-lost" role="alert" data-testid="connection-lost">
      <strong>No connection to the gateway</strong>
      <span>
        New alarms have not shown here since {clockWords(connection.sinceMs)}{' '}
        <Ticking>({agoWords(forMs)})</Ticking>. Watch the telephone. Trying again…
      </span>
    </div>
  )
}

export function SoundBanner({ isOff, onArm }: { isOff: boolean; onArm(): void }) {
  if (!isOff) return null
  return (
    <button type="button" class="banner banner-sound" data-testid="sound-off" onClick={onArm}>
      <strong>Sound is off: click here</strong>
      <span>Until then an alarm is silent on this machine.</span>
    </button>
  )
}

export function TechnicalPanel({
  technical,
  nowMs,
}: {
  technical: readonly TechnicalAlarm[]
  nowMs: number
}) {
  if (technical.length === 0) return null
  return (
    <section
      class="banner banner-technical"
      role="alert"
      data-testid="technical"
      aria-label="Faults of the system"
    >
      <strong>
        {technical.length === 1 ? 'The system has a fault' : `The system has ${technical.length} faults`}
      </strong>
      <ul>
        {technical.map(({ key, text, sinceMs }) => (
          <li key={key} data-technical={key}>
            {sentence(text)}{' '}
            <span class="faint">
              since {clockWords(sinceMs)} <Ticking>({agoWords(nowMs - sinceMs)})</Ticking>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
