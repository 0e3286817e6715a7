// Whether somebody has an incident, whether somebody is coming, and what the wearer is told of it: two states, never one.
import type { IncidentView, WearerTold } from '../../../schemas/api.ts'
import { clockWords } from './words.ts'

const TOLD: Readonly<Record<WearerTold, string>> = {
  nothing: 'The wearer has not been told anything yet.',
  heard: 'The wearer is told: heard. It is not written down yet.',
  stored: 'The wearer is told: your alarm is in, help is being called.',
  acknowledged: 'The wearer is told: somebody has it.',
  coming: 'The wearer is told: somebody is coming.',
  resolved: 'The wearer is told: it is over.',
  cannot: 'This pendant cannot be told anything: the wearer does not know that it was heard.',
}

export function Held({ incident: { acknowledged, attended, wearerTold } }: { incident: IncidentView }) {
  return (
    <div class="incident-held">
      {(acknowledged !== null || attended !== null) && (
        <p data-testid="held" class="held">
          <strong
            class={attended === null ? 'held-state held-has' : 'held-state held-comes'}
            data-testid="held-state"
          >
            {attended === null ? 'Somebody has it' : 'Somebody is coming'}
          </strong>
          {acknowledged !== null && (
            <span>
              Acknowledged by <b>{acknowledged.by}</b> at {clockWords(acknowledged.atMs)}
            </span>
          )}
          {attended === null ? (
            <span>Nobody has said that they are on the way.</span>
          ) : (
            <span>
              <b>{attended.by}</b> is attending since {clockWords(attended.atMs)}
            </span>
          )}
        </p>
      )}
      {wearerTold !== undefined && (
        <p class="held-told" data-testid="wearer-told" data-told={wearerTold}>
          {TOLD[wearerTold]}
        </p>
      )}
    </div>
  )
}
