// The question of who will be alone, where and for how long: pendants and rooms of this site in, one sign-in out.
import { useEffect, useState } from 'preact/hooks'
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import type { WalksView } from '../../../../schemas/api/walk.ts'
import { whyNot } from '../answers.ts'
import { DialogEnd, Frame, Waiting } from './dialogs.tsx'

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
  const { site, failure: siteFailure } = useSite()
  const [pendant, setPendant] = useState('')
  const [room, setRoom] = useState('')
  const [minutes, setMinutes] = useState(USUAL_MINUTES)
  const [note, setNote] = useState('')
  const [failure, setFailure] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const isReady = pendant !== '' && room !== '' && minutes >= 1 && minutes <= MINUTES_MAX && !isBusy
  const submit = (): void => {
    if (!isReady) return
    const words = note.trim()
    setBusy(true)
    onSignIn({ pendant, room, minutes, ...(words === '' ? {} : { note: words }) })
      .then(onClose)
      .catch((error: unknown) => setFailure(whyNot(error)))
      .finally(() => setBusy(false))
  }
  return (
    <Frame label="Sign somebody in" onSubmit={submit} onClose={onClose}>
      <Waiting incidents={waiting} />
      <h2>Who will be alone, and where?</h2>
      <p class="faint">
        If they raise an alarm, this room counts for more than another. It goes on until somebody signs them
        out.
      </p>
      <Choice
        label="Who"
        testId="session-pendant"
        value={pendant}
        choices={site?.pendants.map(({ id, wearer }) => ({ id, words: `${wearer} (${id})` })) ?? []}
        onChoose={setPendant}
      />
      <Choice
        label="Room"
        testId="session-room"
        value={room}
        choices={site?.rooms.map(({ id, door }) => ({ id, words: door })) ?? []}
        onChoose={setRoom}
      />
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
      <DialogEnd
        failure={failure ?? siteFailure}
        isReady={isReady}
        testId="session-save"
        words="Sign in"
        onClose={onClose}
      />
    </Frame>
  )
}

type ChoiceProps = {
  label: string
  testId: string
  value: string
  choices: readonly { id: string; words: string }[]
  onChoose(id: string): void
}

function Choice({ label, testId, value, choices, onChoose }: ChoiceProps) {
  return (
    <label class="reason-label">
      {label}
      <select data-testid={testId} value={value} onChange={event => onChoose(event.currentTarget.value)}>
        <option value="" />
        {choices.map(({ id, words }) => (
          <option key={id} value={id}>
            {words}
          </option>
        ))}
      </select>
    </label>
  )
}

type Site = Pick<WalksView, 'rooms' | 'pendants'>

/** Rooms and pendants of this site; null until they are here, with the reason where they don't come. */
function useSite(): { site: Site | null; failure: string | null } {
  const [site, setSite] = useState<Site | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => {
    fetch('/api/walks')
      .then(async response => {
        if (!response.ok) throw new Error(`the gateway answered ${response.status}`)
        setSite((await response.json()) as WalksView)
      })
      .catch((error: unknown) => {
        console.error(error)
        setFailure('Rooms and pendants did not come: close this and open it again.')
      })
  }, [])
  return { site, failure }
}
