// Who needs help and where: name, room and building before anything else, as large as the card allows; then how sure that is.
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { plain } from '../words/plain.ts'
import {
  ageWords,
  bookedWords,
  clockWords,
  ended,
  heardWords,
  isTwoRooms,
  isUnsure,
  kindWords,
  noteWords,
  placeWords,
  roomWords,
  runnerUpWords,
  sureWords,
} from '../words/words.ts'

/** Longer words would be broken at the usual size. */
const WORD_LENGTH_MAX = 13

const hasLongWord = (name: string): boolean =>
  name.split(/[\s-]/).some(({ length }) => length > WORD_LENGTH_MAX)

type WhoProps = { incident: IncidentView; nowMs: number }

export function Who({ incident, nowMs }: WhoProps) {
  const { roomName, roomNumber, roomNote, sessionNote = null } = incident
  return (
    <>
      <div class="incident-top">
        <h2
          class={hasLongWord(incident.wearer) ? 'incident-wearer incident-wearer-long' : 'incident-wearer'}
          data-testid="wearer"
        >
          {incident.wearer}
        </h2>
        <span class="incident-age">
          <time data-testid="age">{ageWords(nowMs - incident.raisedAtMs)}</time>
          <small>since {clockWords(incident.raisedAtMs)}</small>
        </span>
      </div>
      <p class="incident-room" data-testid="room">
        {roomWords(incident)}
        {roomName !== null && roomNumber !== null && <span class="incident-room-name"> {roomName}</span>}
      </p>
      {isTwoRooms(incident) && (
        <p class="incident-room incident-other-room" data-testid="other-room">
          {runnerUpWords(incident)}
        </p>
      )}
      <p class="incident-place" data-testid="building">
        {placeWords(incident)}
      </p>
      <Doubts incident={incident} />
      <Where incident={incident} nowMs={nowMs} />
      {roomNote !== null && (
        <p class="incident-note" data-testid="room-note">
          <b>This room:</b> {roomNote}
        </p>
      )}
      {sessionNote !== null && (
        <p class="incident-note" data-testid="session-note">
          <b>{noteWords(incident)}</b> {sessionNote}
        </p>
      )}
    </>
  )
}

/** Before name and room: what must be known before anybody telephones. */
export function Duress({ incident }: { incident: IncidentView }) {
  if (incident.kind !== 'duress') return null
  return (
    <p class="incident-duress" data-testid="duress">
      <strong>DURESS</strong> The wearer’s company believes it is cancelled. Do not call the wearer.
    </p>
  )
}

/** What speaks against it, and does not end it: the wearer's cancel, and doubt about whether it is theirs. */
export function Doubts({ incident }: { incident: IncidentView }) {
  const { kind, wearerCancelledAtMs, suspicion } = incident
  return (
    <>
      {wearerCancelledAtMs !== undefined && (
        <p class="incident-cancelled" data-testid="cancelled">
          <strong>Cancelled by the wearer</strong> at {clockWords(wearerCancelledAtMs)}. It stays open:{' '}
          {kind === 'duress'
            ? 'whoever is with them may have made them do it.'
            : 'see or speak to them before you resolve it.'}
        </p>
      )}
      {suspicion !== undefined && (
        <p class="incident-cancelled" data-testid="suspicion">
          <strong>Suspect:</strong> {ended(plain(suspicion))} Go all the same.
        </p>
      )}
    </>
  )
}

function Where({ incident, nowMs }: WhoProps) {
  const { whereabouts, presses, verified } = incident
  const booked = bookedWords(incident)
  const sure = sureWords(incident)
  return (
    <p class="incident-where">
      <span class="tag tag-kind" data-testid="kind">
        {kindWords(incident.kind)}
      </span>
      {presses > 1 && <span class="tag">Pressed {presses} times</span>}
      {!verified && (
        <span class="tag tag-warn" data-testid="unverified">
          Not verified
        </span>
      )}
      {sure !== null && <b data-testid="confidence">{sure}</b>}
      {isUnsure(incident) && !isTwoRooms(incident) && (
        <span class="incident-runner-up" data-testid="runner-up">
          {runnerUpWords(incident)}
        </span>
      )}
      {booked !== null && (
        <span class="incident-runner-up" data-testid="booked">
          {booked}
        </span>
      )}
      {whereabouts.heardAtMs !== null && (
        <span class="faint" title={whereabouts.because.map(because).join(', ')}>
          {heardWords(whereabouts, nowMs)}
        </span>
      )}
    </p>
  )
}

function because({ receiver, rssiDbm, isHint }: IncidentView['whereabouts']['because'][number]): string {
  return `${receiver} ${Math.round(rssiDbm)} dBm${isHint === true ? ' (unsealed: ESPresense)' : ''}`
}
