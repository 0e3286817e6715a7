// An incident that is over, opened: who, where, how it ended, who was called and what happened, to be read and not changed.
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { Pages } from '../card/pages.tsx'
import { plain } from '../words/plain.ts'
import {
  ageWords,
  byWords,
  clockWords,
  dayWords,
  kindWords,
  outcomeWords,
  placeWords,
  roomsWords,
} from '../words/words.ts'
import { Frame, Waiting } from './dialogs.tsx'

type OverProps = {
  incident: IncidentView
  /** Alarms that nobody has: a dialog must not hide them. */
  waiting: readonly IncidentView[]
  nowMs: number
  onClose(): void
}

export function ResolvedDialog({ incident, waiting, nowMs, onClose }: OverProps) {
  return (
    <Frame label={`Resolved: ${incident.wearer}`} onSubmit={onClose} onClose={onClose}>
      <Waiting incidents={waiting} />
      <h2>
        {incident.wearer}, {roomsWords(incident)}
      </h2>
      <Facts incident={incident} />
      <Pages incident={incident} nowMs={nowMs} lostAtMs={null} />
      <h3>What happened</h3>
      <ol class="over-lines" data-testid="over-lines">
        {incident.lines.map(line => (
          <li key={line.seq}>
            <time>{clockWords(line.atMs)}</time> {plain(line.text)}{' '}
            <span class="faint">{byWords(line.by)}</span>
          </li>
        ))}
      </ol>
      <div class="dialog-actions">
        <button type="submit" class="button button-main" data-testid="over-close">
          Close
        </button>
      </div>
    </Frame>
  )
}

function Facts({ incident }: { incident: IncidentView }) {
  const { acknowledged, attended, resolved, raisedAtMs, wearerCancelledAtMs } = incident
  const rows: [string, string][] = [
    ['Alarm', `${kindWords(incident.kind)}, ${placeWords(incident)}`],
    ['Raised', `${dayWords(raisedAtMs)}, ${clockWords(raisedAtMs)}`],
  ]
  if (wearerCancelledAtMs !== undefined)
    rows.push(['Cancelled by the wearer', clockWords(wearerCancelledAtMs)])
  const after = (atMs: number): string => `${clockWords(atMs)}, after ${ageWords(atMs - raisedAtMs)}`
  if (acknowledged !== null) rows.push(['Acknowledged', `${after(acknowledged.atMs)}, by ${acknowledged.by}`])
  if (attended !== null) rows.push(['Attended', `${after(attended.atMs)}, by ${attended.by}`])
  if (resolved !== null) {
    rows.push(['Resolved', `${after(resolved.atMs)}, by ${resolved.by}`])
    rows.push(['As', `${outcomeWords(resolved.outcome)}: ${resolved.reason}`])
  }
  return (
    <dl class="over-facts" data-testid="over-facts">
      {rows.map(([what, value]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
