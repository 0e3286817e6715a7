// What the desk's dialogs have in common, and the question that is asked once: who are you.

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { NAME_LENGTH_MAX } from '../state/operator.ts'
import { roomsWords } from '../words/words.ts'

type FrameProps = { label: string; onSubmit(): void; onClose(): void; children: ComponentChildren }

/** A modal dialog of the browser's own: Escape closes it, the focus stays inside and returns to where it was. */
export function Frame({ label, onSubmit, onClose, children }: FrameProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const [before, own] = [document.activeElement, dialog.current]
    own?.showModal()
    // It is taken off the page and not closed by the browser, which then gives nothing back.
    return () => {
      own?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      // Closed by us at once: the browser tells of it later, when the next dialog may already be open.
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
      onClose={event => event.currentTarget.isConnected && onClose()}
    >
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
      Waiting:{' '}
      {incidents
        .map(other => `${other.kind === 'duress' ? 'DURESS, ' : ''}${other.wearer}, ${roomsWords(other)}`)
        .join('; ')}
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

type OperatorDialogProps = {
  operator: string | null
  /** Alarms that nobody has: a dialog must not hide them. */
  waiting: readonly IncidentView[]
  onName(name: string): void
  onClose(): void
}

export function OperatorDialog({ operator, waiting, onName, onClose }: OperatorDialogProps) {
  const [name, setName] = useState(operator ?? '')
  return (
    <Frame
      label="Who is at the desk?"
      onSubmit={() => name.trim() !== '' && onName(name.trim())}
      onClose={onClose}
    >
      <Waiting incidents={waiting} />
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
