// The question that ends every incident: how did it end. Whose it is, and where, stands above it; a duress is not called false
// without the word.
import { useState } from 'preact/hooks'
import type { IncidentView, Outcome } from '../../../../schemas/api/desk.ts'
import { whyNot } from '../answers.ts'
import { Doubts, Duress } from '../card/who.tsx'
import { kindWords, OUTCOMES, placeWords, roomsWords } from '../words/words.ts'
import { DialogEnd, Frame, Waiting } from './dialogs.tsx'

const REASON_LENGTH_MAX = 500
const DURESS_WORD = 'duress'

/** To call a duress none is asked for twice: its wearer's company may be standing at the desk, or on its telephone. */
const asksForWord = ({ kind }: IncidentView, outcome: Outcome | null): boolean =>
  kind === 'duress' && (outcome === 'false-alarm' || outcome === 'test')

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
  const [word, setWord] = useState('')
  const needsWord = asksForWord(incident, outcome)
  const hasWord = !needsWord || word.trim().toLowerCase() === DURESS_WORD
  const isReady = outcome !== null && reason.trim() !== '' && hasWord && !isBusy
  const submit = (): void => {
    if (outcome === null || !isReady) return
    setBusy(true)
    onResolve(outcome, reason.trim())
      .then(onClose)
      .catch((error: unknown) => setFailure(whyNot(error)))
      .finally(() => setBusy(false))
  }
  return (
    <Frame label="Resolve this incident" onSubmit={submit} onClose={onClose}>
      <Waiting incidents={others} />
      <h2>How did this end?</h2>
      <p data-testid="resolve-whom">
        {kindWords(incident.kind)}: <b>{incident.wearer}</b>, {placeWords(incident)},{' '}
        <b>{roomsWords(incident)}</b>
      </p>
      <Duress incident={incident} />
      <Doubts incident={incident} />
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
      {needsWord && (
        <label class="reason-label">
          This is a DURESS alarm: somebody may be forced to say that all is well. Type the word “{DURESS_WORD}
          ” to say that you have seen for yourself that it was none
          <input
            data-testid="duress-word"
            autocomplete="off"
            required
            value={word}
            onInput={event => setWord(event.currentTarget.value)}
          />
        </label>
      )}
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
