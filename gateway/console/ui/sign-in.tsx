// The question of who will be alone, where and for how long: pendants and rooms of this site in, one sign-in out.
import { useEffect, useState } from 'preact/hooks'
import type { IncidentView } from '../../../schemas/api.ts'
import type { WalksView } from '../../../schemas/walk-api.ts'
import { NotTaken } from './answers.ts'
import { Frame } from './dialogs.tsx'
import { roomWords } from './words.ts'

export type SignIn = { pendant: string; room: string; minutes: number; note?: string }

const NOTE_LENGTH_MAX = 200
const MINUTES_MAX = 960
const USUAL_MINUTES = 60

type SignInDialogProps = {
  /** Alarms that nobody has: a dialog must not hide them. */
  waiting: readonly IncidentView[]
  /** Resolves when the gateway has it; throws NotTaken. */
  onSignIn(said: SignIn): Promise<void>
  onClose(): void
}

export function SignInDialog({ waiting, onSignIn, onClose }: SignInDialogProps) {
  const site = useSite()
  const [pendant, setPendant] = useState('')
  const [room, setRoom] = useState('')
  const [minutes, setMinutes] = useState(USUAL_MINUTES)
  const [note, setNote] = useState('')
  const [failure, setFailure] = useState<string | null>(null)
  const isReady = pendant !== '' && room !== '' && minutes >= 1 && minutes <= MINUTES_MAX
  const submit = (): void => {
    if (!isReady) return
    const words = note.trim()
    onSignIn({ pendant, room, minutes, ...(words === '' ? {} : { note: words }) })
      .then(onClose)
      .catch((error: unknown) => setFailure(error instanceof NotTaken ? error.message : String(error)))
  }
  return (
    <Frame label="Sign somebody in" onSubmit={submit} onClose={onClose}>
      {waiting.length > 0 && (
        <p class="dialog-alarm" role="alert">
          Waiting: {waiting.map(other => `${other.wearer}, ${roomWords(other)}`).join('; ')}
        </p>
      )}
      <h2>Who will be alone, and where?</h2>
      <p class="faint">
        If they raise an alarm, this room counts for more than another. It goes on until somebody signs them
        out.
      </p>
      <label class="reason-label">
        Who
        <select
          data-testid="session-pendant"
          value={pendant}
          onChange={event => setPendant(event.currentTarget.value)}
        >
          <option value="" />
          {site?.pendants.map(({ id, wearer }) => (
            <option key={id} value={id}>
              {wearer} ({id})
            </option>
          ))}
        </select>
      </label>
      <label class="reason-label">
        Room
        <select
          data-testid="session-room"
          value={room}
          onChange={event => setRoom(event.currentTarget.value)}
        >
          <option value="" />
          {site?.rooms.map(({ id, door }) => (
            <option key={id} value={id}>
              {door}
            </option>
          ))}
        </select>
      </label>
      <label class="reason-label">
        Minutes until they expect to be done
        <input
          type="number"
          data-testid="session-minutes"
          min={1}
          max={MINUTES_MAX}
          value={minutes}
          onInput={event => setMinutes(Math.round(Number(event.currentTarget.value)))}
        />
      </label>
      <label class="reason-label">
        Note for whoever comes (no client’s name)
        <input
          data-testid="session-note"
          maxLength={NOTE_LENGTH_MAX}
          value={note}
          onInput={event => setNote(event.currentTarget.value)}
        />
      </label>
      {failure !== null && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button button-main" data-testid="session-save" disabled={!isReady}>
          Sign in
        </button>
      </div>
    </Frame>
  )
}

/** Rooms and pendants of this site; null until they are here. */
function useSite(): Pick<WalksView, 'rooms' | 'pendants'> | null {
  const [site, setSite] = useState<WalksView | null>(null)
  useEffect(() => {
    fetch('/api/walks')
      .then(async response => setSite((await response.json()) as WalksView))
      .catch(() => setSite(null))
  }, [])
  return site
}
