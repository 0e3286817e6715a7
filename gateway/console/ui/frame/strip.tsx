// The open alarms in the header: name and room of each at every place of the page, gravest first, with one alarm too. A click
// goes to it.
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { goTo } from '../state/focus.ts'
import { ACKNOWLEDGE_KEY, NEXT_KEY } from '../state/keys.ts'
import type { Seen } from '../state/seen.ts'
import { movedWords } from '../words/moved.ts'
import { ageWords, kindWords, roomsWords } from '../words/words.ts'

type StripProps = {
  /** All that are open, those that nobody has first. */
  incidents: readonly IncidentView[]
  seen: Seen
  nowMs: number
}

/** So many still get a line of their own at any width; more are set smaller. */
const ROOMY_MAX = 4

export function Strip({ incidents, seen, nowMs }: StripProps) {
  if (incidents.length === 0) return null
  const unheld = incidents.filter(({ state }) => state === 'raised').length
  return (
    <nav
      class={incidents.length > ROOMY_MAX ? 'strip strip-dense' : 'strip'}
      aria-label="Open alarms"
      data-testid="jump"
    >
      <p class="strip-count" data-testid="open-count">
        <b>{incidents.length} open</b>
        {unheld > 0 && <span>{unheldWords(unheld, incidents.length)}</span>}
        <span class="strip-keys">
          {unheld > 0 && (
            <span>
              <kbd>{ACKNOWLEDGE_KEY}</kbd> acknowledge
            </span>
          )}
          <span>
            <kbd>{NEXT_KEY}</kbd> next
          </span>
        </span>
      </p>
      <ul class="strip-list">
        {incidents.map(incident => (
          <li key={incident.id}>
            <a
              class={`strip-alarm strip-${incident.state} strip-kind-${incident.kind}`}
              href={`#incident-${incident.id}`}
              data-jump={incident.id}
              onClick={event => {
                event.preventDefault()
                goTo(incident.id)
              }}
            >
              {incident.kind === 'duress' && <strong class="strip-duress">DURESS</strong>}
              <b class="strip-wearer">{incident.wearer}</b>
              {movedWords(incident, seen.of(incident)) !== null && <strong class="strip-moved">NOW</strong>}
              <span class="strip-room">{roomsWords(incident)}</span>
              <span class="strip-more">{moreWords(incident)}</span>
              <span class="strip-age" aria-hidden="true">
                {ageWords(nowMs - incident.raisedAtMs)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function unheldWords(unheld: number, open: number): string {
  if (open === 1) return 'nobody has it'
  return unheld === open ? 'nobody has any of them' : `nobody has ${unheld} of them`
}

function moreWords({ kind, state, wearerCancelledAtMs }: IncidentView): string {
  const cancelled = wearerCancelledAtMs === undefined ? [] : ['cancelled by the wearer']
  const has =
    state === 'acknowledged' ? ['somebody has it'] : state === 'attended' ? ['somebody is coming'] : []
  const what = kind === 'duress' ? [] : [kindWords(kind)]
  return [...what, ...cancelled, ...has].join(' · ')
}
