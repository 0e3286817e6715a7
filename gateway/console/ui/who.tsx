// Who needs help and where: name, room and building before anything else, as large as the card allows; then how sure that is.
import type { IncidentView } from '../../../schemas/api.ts'
import {
  ageWords,
  bookedWords,
  clockWords,
  confidenceWords,
  heardWords,
  isUnsure,
  kindWords,
  placeWords,
  roomWords,
  runnerUpWords,
} from './words.ts'

type WhoProps = { incident: IncidentView; nowMs: number }

export function Who({ incident, nowMs }: WhoProps) {
  const { roomName, roomNumber, roomNote } = incident
  return (
    <>
      <div class="incident-top">
        <h2 class="incident-wearer" data-testid="wearer">
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
      <p class="incident-place" data-testid="building">
        {placeWords(incident)}
      </p>
      <Where incident={incident} nowMs={nowMs} />
      {roomNote !== null && (
        <p class="incident-note" data-testid="room-note">
          {roomNote}
        </p>
      )}
    </>
  )
}

function Where({ incident, nowMs }: WhoProps) {
  const { whereabouts, presses, verified } = incident
  const booked = bookedWords(incident)
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
      {whereabouts.room !== null && <b data-testid="confidence">{confidenceWords(whereabouts.confidence)}</b>}
      {isUnsure(incident) && (
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
