// While walking: the room one is in and for how long, who hears the pendant now, and a large button for each room.
import { useState } from 'preact/hooks'
import type { RecordingView, WalkRoom } from '../../../../schemas/api/walk.ts'
import type { Act } from './ask.ts'
import { aimWords, barOf, floorsOf, nameOn, numberOn, SECONDS_AIM, SECONDS_PLENTY } from './words.ts'

type RecordingProps = {
  recording: RecordingView
  others: readonly RecordingView[]
  rooms: readonly WalkRoom[]
  nowMs: number
  isBusy: boolean
  onAct(what: Act): void
  onOther(pendant: string): void
}

export function Recording({ recording, others, rooms, nowMs, isBusy, onAct, onOther }: RecordingProps) {
  const { pendant, wearer, stopped, wereDown } = recording
  return (
    <section class="walk-recording" data-testid="recording" data-pendant={pendant}>
      <p class="faint" data-testid="walk-who">
        Walking with {pendant} ({wearer})
      </p>
      {others.length > 0 && (
        <p class="walk-others">
          Also being walked:{' '}
          {others.map(other => (
            <button key={other.pendant} type="button" class="pill" onClick={() => onOther(other.pendant)}>
              {other.pendant} by {other.by}
            </button>
          ))}
        </p>
      )}
      <Here recording={recording} rooms={rooms} nowMs={nowMs} />
      {stopped !== null && (
        <p class="walk-warning" role="alert" data-testid="walk-stopped">
          Nothing more is recorded: {stopped}. Finish the walk, or discard it.
        </p>
      )}
      {wereDown.length > 0 && (
        <p class="walk-warning" data-testid="walk-down">
          Down for a while: {wereDown.join(', ')}. That time is left out, or the receiver where it was long.
        </p>
      )}
      <Hearing recording={recording} />
      <Rooms recording={recording} rooms={rooms} isBusy={isBusy} onAct={onAct} />
      <div class="walk-actions">
        <button
          type="button"
          class="button"
          data-testid="walk-between"
          disabled={isBusy}
          onClick={() => onAct({ verb: 'between', pendant })}
        >
          Between rooms
        </button>
        <button
          type="button"
          class="button"
          data-testid="walk-elsewhere"
          disabled={isBusy}
          onClick={() => onAct({ verb: 'enter', pendant, room: null })}
        >
          Somewhere else
        </button>
        <button
          type="button"
          class="button"
          data-testid="walk-untap"
          disabled={isBusy}
          onClick={() => onAct({ verb: 'undo', pendant })}
        >
          Wrong room
        </button>
      </div>
      <End pendant={pendant} isBusy={isBusy} onAct={onAct} />
    </section>
  )
}

function Here({ recording, rooms, nowMs }: Pick<RecordingProps, 'recording' | 'rooms' | 'nowMs'>) {
  const { place, room, sinceMs, seconds, stopped } = recording
  const door = rooms.find(({ id }) => id === room)?.door ?? ''
  const before = seconds.find(each => each.room === room)?.seconds ?? 0
  // What the gateway last told is up to a second old; the clock here goes on.
  const here = stopped === null ? Math.max(before, (nowMs - sinceMs) / 1000) : before
  if (place !== 'room')
    return (
      <div class="walk-here" data-place={place}>
        <p class="walk-here-room">{place === 'between' ? 'Between rooms' : 'Somewhere else'}</p>
        <p class="faint">
          {place === 'between'
            ? 'Tap the room you enter.'
            : 'A place that is on no plan: stairs, yard, street.'}
        </p>
      </div>
    )
  return (
    <div class="walk-here" data-place="room">
      <p class="walk-here-room" data-testid="walk-here">
        {numberOn(door)} <span class="walk-here-name">{nameOn(door)}</span>
      </p>
      <p class="walk-here-seconds">
        <time data-testid="walk-seconds">{Math.floor(here)} s</time>
        <meter
          aria-label="How long you have been in this room"
          min={0}
          max={SECONDS_PLENTY}
          low={SECONDS_AIM}
          high={SECONDS_PLENTY}
          optimum={SECONDS_PLENTY}
          value={here}
        >
          {Math.floor(here)} s
        </meter>
      </p>
      <p class="faint">{aimWords(here)}</p>
    </div>
  )
}

function Hearing({ recording }: { recording: RecordingView }) {
  const { hearing } = recording
  return (
    <div class="walk-hearing" data-testid="walk-hearing">
      <h2>Heard now by</h2>
      {hearing.length === 0 && <p class="walk-warning">Nobody. Is the pendant with you, and awake?</p>}
      <ul>
        {hearing.map(({ receiver, rssiDbm }) => (
          <li key={receiver} data-receiver={receiver}>
            <span class="walk-receiver">{receiver}</span>
            <progress
              max={1}
              value={barOf(rssiDbm)}
              aria-label={`${receiver} at ${Math.round(rssiDbm)} dBm`}
            />
            <span class="walk-level">{Math.round(rssiDbm)} dBm</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Rooms({
  recording,
  rooms,
  isBusy,
  onAct,
}: Pick<RecordingProps, 'recording' | 'rooms' | 'isBusy' | 'onAct'>) {
  const secondsIn = (room: string): number => recording.seconds.find(each => each.room === room)?.seconds ?? 0
  const stateOf = (seconds: number): string =>
    seconds >= SECONDS_AIM ? 'done' : seconds > 0 ? 'begun' : 'new'
  return floorsOf(rooms).map(({ building, floor, rooms: those }) => (
    <fieldset key={`${building} ${floor}`} class="walk-floor">
      <legend>
        {floor}, {building}
      </legend>
      {those.map(({ id, door }) => (
        <button
          key={id}
          type="button"
          class="walk-room"
          data-room={id}
          data-done={stateOf(secondsIn(id))}
          aria-pressed={recording.room === id}
          disabled={isBusy || recording.stopped !== null}
          onClick={() => onAct({ verb: 'enter', pendant: recording.pendant, room: id })}
        >
          <b class="walk-room-number">{numberOn(door)}</b>
          <span class="walk-room-name">{nameOn(door)}</span>
          <small class="walk-room-seconds">
            {secondsIn(id) === 0 ? '' : `${Math.floor(secondsIn(id))} s`}
          </small>
        </button>
      ))}
    </fieldset>
  ))
}

/** Throwing an hour's walk away takes two taps. */
function End({ pendant, isBusy, onAct }: Pick<RecordingProps, 'isBusy' | 'onAct'> & { pendant: string }) {
  const [isSure, setSure] = useState(false)
  return (
    <div class="walk-actions">
      <button
        type="button"
        class="button button-main"
        data-testid="walk-finish"
        disabled={isBusy}
        onClick={() => onAct({ verb: 'finish', pendant })}
      >
        Finish and keep
      </button>
      <button
        type="button"
        class="button"
        data-testid="walk-discard"
        disabled={isBusy}
        onBlur={() => setSure(false)}
        onClick={() => (isSure ? onAct({ verb: 'discard', pendant }) : setSure(true))}
      >
        {isSure ? 'Tap again to throw it away' : 'Discard'}
      </button>
    </div>
  )
}
