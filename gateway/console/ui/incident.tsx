// One open incident: who and where first, very large; then what is known of it, who was told, and what can be done now.
import { useEffect, useState } from 'preact/hooks'
import type { IncidentState, IncidentView } from '../../../schemas/api.ts'
import { NotTaken } from './answers.ts'
import { Pages } from './pages.tsx'
import { Who } from './who.tsx'
import { clockWords, roomWords } from './words.ts'

type IncidentProps = {
  incident: IncidentView
  nowMs: number
  /** The only one open: then there is room for its whole story. */
  isAlone: boolean
  /** Resolves when the gateway has it; throws NotTaken. Asks for a name or a reason first, where one is missing. */
  onAcknowledge(): Promise<void>
  onAttend(): Promise<void>
  onResolve(): void
}

export function Incident({ incident, nowMs, isAlone, onAcknowledge, onAttend, onResolve }: IncidentProps) {
  const { isBusy, failure, run } = useAnswer(incident.state)
  return (
    <article
      class={`incident incident-${incident.state} incident-kind-${incident.kind}`}
      id={`incident-${incident.id}`}
      data-testid="incident"
      data-incident={incident.id}
      data-state={incident.state}
      aria-label={`${incident.wearer}, ${roomWords(incident)}`}
    >
      {incident.kind === 'duress' && (
        <p class="incident-duress" data-testid="duress">
          <strong>DURESS</strong> The wearer’s company believes it is cancelled. Do not call the wearer.
        </p>
      )}
      <Who incident={incident} nowMs={nowMs} />
      <Held incident={incident} />
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
            disabled={isBusy}
            // The page may move between down and up: a fault appears, a call ends. The click is still meant for this.
            onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
            onClick={() => run(onAcknowledge)}
          >
            Acknowledge
          </button>
        )}
        {incident.state === 'acknowledged' && (
          <button
            type="button"
            class="button button-attend"
            data-testid="attend"
            disabled={isBusy}
            onClick={() => run(onAttend)}
          >
            I’m attending
          </button>
        )}
        <button
          type="button"
          class="button button-resolve"
          data-testid="resolve"
          disabled={isBusy}
          onClick={onResolve}
        >
          Resolve…
        </button>
      </div>
      <Pages incident={incident} nowMs={nowMs} />
      <Story incident={incident} isOpen={isAlone} />
    </article>
  )
}

function Held({ incident: { acknowledged, attended } }: { incident: IncidentView }) {
  if (acknowledged === null && attended === null) return null
  return (
    <p class="incident-held" data-testid="held">
      {acknowledged !== null && (
        <span>
          Acknowledged by <b>{acknowledged.by}</b> at {clockWords(acknowledged.atMs)}
        </span>
      )}
      {attended !== null && (
        <span>
          <b>{attended.by}</b> is attending since {clockWords(attended.atMs)}
        </span>
      )}
    </p>
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
            <time>{clockWords(line.atMs)}</time> {line.text} <span class="faint">{line.by}</span>
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
    setBusy(true)
    setFailure(null)
    answer()
      .catch((error: unknown) => setFailure(error instanceof NotTaken ? error.message : String(error)))
      .finally(() => setBusy(false))
  }
  return { isBusy, failure, run }
}
