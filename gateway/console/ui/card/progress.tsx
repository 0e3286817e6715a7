// Whether somebody has an incident, whether somebody is coming, and what the wearer is told of it: two states, never one.
import type { IncidentView, WearerTold } from '../../../../schemas/api/desk.ts'
import { clockWords } from '../words/words.ts'

const TOLD: Readonly<Record<WearerTold, string>> = {
  nothing: 'The wearer has not been told anything yet.',
  heard: 'The wearer is told: heard. It is not written down yet.',
  stored: 'The wearer is told: your alarm is in.',
  acknowledged: 'The wearer is told: somebody has it.',
  coming: 'The wearer is told: somebody is coming.',
  resolved: 'The wearer is told: it is over.',
  ended:
    'The wearer is told nothing more: their pendant is dark. It gave up, or they cancelled it where no receiver heard.',
  'no-pendant': 'No pendant raised this: nobody is told by one.',
  cannot: 'This pendant cannot be told anything: the wearer does not know that it was heard.',
}
const DARK_DURESS =
  'In a duress the pendant stays dark: do not count on the wearer knowing that help is coming.'
const DARK_CANCELLED = 'The wearer is told nothing more: their pendant is dark since they cancelled it.'
const NO_WAY = 'The wearer cannot be told anything now: no receiver is online.'

const LOST = 'What the wearer is told now is not known here: there is no connection to the gateway.'

/** Whether a pendant can be told anything now, as far as this page knows. */
export type Telling = 'can' | 'cannot' | 'unknown'

/** What the wearer can see by now. A duress and a cancelled alarm show nothing, and without a receiver nothing arrives. */
function toldWords({ kind, wearerTold, wearerCancelledAtMs }: IncidentView, telling: Telling): string | null {
  if (wearerTold === undefined) return null
  if (wearerTold === 'cannot' || wearerTold === 'no-pendant') return TOLD[wearerTold]
  if (kind === 'duress') return DARK_DURESS
  if (wearerCancelledAtMs !== undefined) return DARK_CANCELLED
  if (telling === 'unknown') return LOST
  return telling === 'can' ? TOLD[wearerTold] : NO_WAY
}

type ProgressProps = {
  incident: IncidentView
  telling: Telling
}

export function Progress({ incident, telling }: ProgressProps) {
  const { acknowledged, attended, wearerTold } = incident
  const told = toldWords(incident, telling)
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
      {told !== null && (
        <p class="held-told" data-testid="wearer-told" data-told={wearerTold}>
          {told}
        </p>
      )}
    </div>
  )
}
