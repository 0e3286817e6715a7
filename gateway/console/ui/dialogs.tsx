// The two questions the desk asks: who are you (once), and how did this end (always).

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { IncidentView, Outcome } from '../../../schemas/api.ts'
import { NotTaken } from './answers.ts'
import { NAME_LENGTH_MAX } from './operator.ts'
import { OUTCOMES, placeWords, roomWords } from './words.ts'

const REASON_LENGTH_MAX = 500

type FrameProps = { label: string; onSubmit(): void; onClose(): void; children: ComponentChildren }

/** A modal dialog of the browser's own: Escape closes it, the focus stays inside and returns afterwards. */
export function Frame({ label, onSubmit, onClose, children }: FrameProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-label={label} onClose={onClose}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          onSubmit()
        }}
      >
        {children}
      </form>
    </dialog>
  )
}

/** Alarms that nobody has: a dialog must not hide them. */
export function Waiting({ incidents }: { incidents: readonly IncidentView[] }) {
  if (incidents.length === 0) return null
  return (
    <p class="dialog-alarm" role="alert">
      Waiting: {incidents.map(other => `${other.wearer}, ${roomWords(other)}`).join('; ')}
    </p>
  )
}

type DialogEndProps = {
  failure: string | null
  isReady: boolean
  testId: string
  words: string
  onClose(): void
}

/** What went wrong, if anything did; the way out, and the way on. */
export function DialogEnd({ failure, isReady, testId, words, onClose }: DialogEndProps) {
  return (
    <>
      {failure !== null && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button button-main" data-testid={testId} disabled={!isReady}>
          {words}
        </button>
      </div>
    </>
  )
}

type OperatorDialogProps = { operator: string | null; onName(name: string): void; onClose(): void }

export function OperatorDialog({ operator, onName, onClose }: OperatorDialogProps) {
  const [name, setName] = useState(operator ?? '')
  return (
    <Frame
      label="Who is at the desk?"
      onSubmit={() => name.trim() !== '' && onName(name.trim())}
      onClose={onClose}
    >
      <h2>Who is at the desk?</h2>
      <p class="faint">Your name stands in the record beside everything you do here.</p>
      <input
        data-testid="operator-name"
        aria-label="Your name"
        autocomplete="name"
        required
        maxLength={NAME_LENGTH_MAX}
        value={name}
        onInput={event => setName(event.currentTarget.value)}
      />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="submit"
          class="button button-main"
          data-testid="operator-save"
          disabled={name.trim() === ''}
        >
          That’s me
        </button>
      </div>
    </Frame>
  )
}

type ResolveDialogProps = {
  incident: IncidentView
  /** Alarms that nobody has: a dialog must not hide them. */
  others: readonly IncidentView[]
  onResolve(outcome: Outcome, reason: string): Promise<void>
  onClose(): void
}

export function ResolveDialog({ incident, others, onResolve, onClose }: ResolveDialogProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [reason, setReason] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const isReady = outcome !== null && reason.trim() !== '' && !isBusy
  const submit = (): void => {
    if (outcome === null || !isReady) return
    setBusy(true)
    onResolve(outcome, reason.trim())
      .then(onClose)
      .catch((error: unknown) => setFailure(error instanceof NotTaken ? error.message : String(error)))
      .finally(() => setBusy(false))
  }
  return (
    <Frame label="Resolve this incident" onSubmit={submit} onClose={onClose}>
      <Waiting incidents={others} />
      <h2>How did this end?</h2>
      <p>
        <b>{incident.wearer}</b>, {placeWords(incident)}, {roomWords(incident)}
      </p>
      <fieldset class="outcomes" data-testid="resolve-outcome">
        <legend>Outcome</legend>
        {Object.entries(OUTCOMES).map(([value, words]) => (
          <label key={value}>
            <input
              type="radio"
              name="outcome"
              value={value}
              checked={outcome === value}
              onChange={() => setOutcome(value as Outcome)}
            />
            {words}
          </label>
        ))}
      </fieldset>
      <label class="reason-label">
        What happened, and what was done
        <textarea
          data-testid="resolve-reason"
          rows={3}
          required
          maxLength={REASON_LENGTH_MAX}
          value={reason}
          onInput={event => setReason(event.currentTarget.value)}
        />
      </label>
      <DialogEnd
        failure={failure}
        isReady={isReady}
        testId="resolve-submit"
        words="Resolve"
        onClose={onClose}
      />
    </Frame>
  )
}
