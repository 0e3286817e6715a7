// What must not be overlooked besides an alarm: a dead line, a silent loudspeaker, an alarm that would reach nobody, a system
// that says it is broken.
import type { ComponentChildren } from 'preact'
import type { ArmedView, TechnicalAlarm } from '../../../../schemas/api/desk.ts'
import type { Connection } from '../state/live.ts'
import { uncoveredWords } from '../words/doubt.ts'
import { faultWords, TELL } from '../words/fault-words.ts'
import { plain } from '../words/plain.ts'
import { agoWords, clockWords } from '../words/words.ts'

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

/** While something is open; otherwise the words in its place say it. */
export function ArmedBanner({ armed: { isArmed, reasons, uncovered = [] } }: { armed: ArmedView }) {
  if (isArmed && uncovered.length === 0) return null
  return (
    <div class={`banner banner-armed-${isArmed ? 'partly' : 'not'}`} role="status" data-testid="armed-why">
      <strong>{isArmed ? 'Partly armed' : 'Not armed: another alarm might reach nobody'}</strong>
      {reasons.map(reason => (
        <span key={reason}>{plain(reason)}</span>
      ))}
      {uncovered.length > 0 && <span>{uncoveredWords(uncovered)}</span>}
    </div>
  )
}

/** Said to whoever gave an answer: it is so, and the disk does not have it yet. */
export function NoticeBanner({ notice, onClose }: { notice: string | null; onClose(): void }) {
  return (
    <div role="status" data-testid="notice">
      {notice !== null && (
        <p class="banner banner-notice">
          {notice}
          <button type="button" class="button button-small" onClick={onClose}>
            Read
          </button>
        </p>
      )}
    </div>
  )
}

/** So many faults are in sight; more are a click away, so that they do not push the alarms down. */
const FAULTS_SHOWN = 4

type FaultsProps = { technical: readonly TechnicalAlarm[]; nowMs: number }
type TechnicalProps = FaultsProps & {
  /** How many receivers the site has. */
  receivers: number
}

/** One receiver or pendant hides nothing that all of them hang on: the disk, the telephone, the way in. */
const IS_ONE_OF_MANY = /^(receiver|pendant)/
const IS_RECEIVER = /^receiver/
const inOrder = (technical: readonly TechnicalAlarm[]): TechnicalAlarm[] =>
  [...technical].sort((a, b) => Number(IS_ONE_OF_MANY.test(a.key)) - Number(IS_ONE_OF_MANY.test(b.key)))

export function TechnicalPanel(props: TechnicalProps) {
  const { nowMs } = props
  if (props.technical.length === 0) return null
  const gone = props.technical.filter(({ key }) => IS_RECEIVER.test(key))
  // Several receivers are one line: they would push the alarms down.
  const isOneLine = gone.length > 1
  const technical = inOrder(props.technical.filter(each => !isOneLine || !gone.includes(each)))
  const more = technical.length - FAULTS_SHOWN
  return (
    <section
      class="banner banner-technical"
      role="alert"
      data-testid="technical"
      aria-label="Faults of the system"
    >
      <strong>
        {props.technical.length === 1
          ? 'The system has a fault'
          : `The system has ${props.technical.length} faults`}
      </strong>
      <Faults technical={technical.slice(0, FAULTS_SHOWN)} nowMs={nowMs} />
      {more > 0 && (
        <details>
          <summary>{more} more</summary>
          <Faults technical={technical.slice(FAULTS_SHOWN)} nowMs={nowMs} />
        </details>
      )}
      {isOneLine && (
        <details data-technical="receivers">
          <summary>
            {receiversWords(gone, props.receivers)}. {TELL}
          </summary>
          <Faults technical={gone} nowMs={nowMs} />
        </details>
      )}
    </section>
  )
}

function receiversWords(gone: readonly TechnicalAlarm[], all: number): string {
  const ids = new Set(gone.map(({ key }) => key.slice(key.indexOf(':') + 1)))
  return ids.size >= all
    ? `All ${ids.size} receivers have a fault`
    : `${ids.size} of ${all} receivers have a fault`
}

function Faults({ technical, nowMs }: FaultsProps) {
  return (
    <ul>
      {technical.map(({ key, text, sinceMs }) => (
        <li key={key} data-technical={key}>
          {faultWords({ key, text })}{' '}
          <span class="faint">
            since {clockWords(sinceMs)} <Ticking>({agoWords(nowMs - sinceMs)})</Ticking>
          </span>
        </li>
      ))}
    </ul>
  )
}
