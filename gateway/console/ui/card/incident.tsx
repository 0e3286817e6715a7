// One open incident: who and where first, very large; then what is known of it, who was told, and what can be done now.
import { useEffect, useState } from 'preact/hooks'
import type { IncidentState, IncidentView } from '../../../../schemas/api/desk.ts'
import { whyNot } from '../answers.ts'
import { ACKNOWLEDGE_KEY } from '../state/keys.ts'
import type { Moved as MovedWords } from '../words/moved.ts'
import { plain } from '../words/plain.ts'
import { byWords, clockWords, roomsWords } from '../words/words.ts'
import { Moved } from './moved.tsx'
import { Pages } from './pages.tsx'
import { Progress } from './progress.tsx'
import { Duress, Who } from './who.tsx'

type IncidentProps = {
  incident: IncidentView
  /** Whoever has it went to another room; null where they did not, or somebody here said that they know. */
  moved: MovedWords | null
  nowMs: number
  /** Since when nothing new shows here, by the gateway's clock; null while the line is whole. */
  lostAtMs: number | null
  /** The only one open: then there is room for its whole story. */
  isAlone: boolean
  /** The key acknowledges this one. */
  hasKey: boolean
  /** Something can reach a pendant now, as far as was known last. */
  canTell: boolean
  /** Resolves when the gateway has it; throws NotTaken. Asks for a name or a reason first, where one is missing. */
  onAcknowledge(): Promise<void>
  onAttend(): Promise<void>
  onRelease(): Promise<void>
  onResolve(): void
  onMovedSeen(): void
}

export function Incident(props: IncidentProps) {
  const { incident, moved, nowMs, lostAtMs, isAlone, hasKey, canTell } = props
  const { onAcknowledge, onAttend, onRelease, onResolve, onMovedSeen } = props
  const { isBusy, failure, run } = useAnswer(incident.state)
  return (
    <article
      class={`incident incident-${incident.state} incident-kind-${incident.kind}`}
      id={`incident-${incident.id}`}
      data-testid="incident"
      data-incident={incident.id}
      data-state={incident.state}
      aria-label={`${incident.wearer}, ${roomsWords(incident)}`}
    >
      <Duress incident={incident} />
      <Who incident={incident} nowMs={nowMs} />
      <Moved words={moved} onSeen={onMovedSeen} />
      <Progress incident={incident} telling={lostAtMs !== null ? 'unknown' : canTell ? 'can' : 'cannot'} />
      {failure !== null && (
        <p class="failure" role="alert" data-testid="failure">
          {failure}
        </p>
      )}
      <div class="incident-actions">
        {incident.state === 'raised' && (
          <button
            type="button"
            class="button button-acknowledge"
            data-testid="acknowledge"
            data-next
            aria-keyshortcuts={hasKey ? ACKNOWLEDGE_KEY : undefined}
            aria-disabled={isBusy}
            // The page may move between down and up: a fault appears, a call ends. The click is still meant for this.
            onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
            onClick={() => run(onAcknowledge)}
          >
            Acknowledge{hasKey && <kbd>{ACKNOWLEDGE_KEY}</kbd>}
          </button>
        )}
        {incident.state === 'acknowledged' && (
          <button
            type="button"
            class="button button-attend"
            data-testid="attend"
            data-next
            aria-disabled={isBusy}
            onClick={() => run(onAttend)}
          >
            I’m attending
          </button>
        )}
        {(incident.state === 'acknowledged' || incident.state === 'attended') && (
          <button
            type="button"
            class="button button-release"
            data-testid="release"
            title="Nobody has it then, and people are called again"
            aria-disabled={isBusy}
            onClick={() => run(onRelease)}
          >
            Call again
          </button>
        )}
        <button
          type="button"
          class="button button-resolve"
          data-testid="resolve"
          data-next={incident.state === 'attended' ? '' : undefined}
          aria-disabled={isBusy}
          onClick={() => isBusy || onResolve()}
        >
          Resolve…
        </button>
      </div>
      <Pages incident={incident} nowMs={nowMs} lostAtMs={lostAtMs} />
      <Story incident={incident} isOpen={isAlone} />
    </article>
  )
}

function Story({ incident: { lines }, isOpen }: { incident: IncidentView; isOpen: boolean }) {
  if (lines.length === 0) return null
  return (
    <details class="story" open={isOpen}>
      <summary>What happened ({lines.length})</summary>
      <ol data-testid="lines">
        {lines.map(line => (
          <li key={line.seq}>
            <time>{clockWords(line.atMs)}</time> {plain(line.text)}{' '}
            <span class="faint">{byWords(line.by)}</span>
          </li>
        ))}
      </ol>
    </details>
  )
}

/** Runs one answer at a time and keeps why it was not taken, until the next or until the incident has moved on. */
function useAnswer(state: IncidentState) {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => setFailure(null), [state])
  const run = (answer: () => Promise<void>): void => {
    // Not `disabled`: a control that is switched off lets go of the keyboard.
    if (isBusy) return
    setBusy(true)
    setFailure(null)
    answer()
      .catch((error: unknown) => setFailure(whyNot(error)))
      .finally(() => setBusy(false))
  }
  return { isBusy, failure, run }
}
