// Who is alone where: signed in by somebody, overdue or not, signed out with one click. Where they said they would be, which
// is not where anybody heard them.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SessionView } from '../../../../schemas/api/session.ts'
import { whyNot } from '../answers.ts'
import { isUnheard, unheardWords } from '../words/doubt.ts'
import { isOverdue, sessionWords } from '../words/words.ts'

type SessionsProps = {
  sessions: readonly SessionView[]
  nowMs: number
  onSignIn(): void
  /** Resolves when the gateway has it; throws NotTaken. */
  onSignOut(session: SessionView): Promise<void>
}

export function Sessions({ sessions, nowMs, onSignIn, onSignOut }: SessionsProps) {
  const [failure, setFailure] = useState<string | null>(null)
  const signInButton = useRef<HTMLButtonElement>(null)
  // Whoever signed somebody out by keyboard is where the row was, and goes on from here.
  const count = useRef(sessions.length)
  useEffect(() => {
    const hasGone = sessions.length < count.current
    count.current = sessions.length
    if (hasGone && document.activeElement === document.body)
      signInButton.current?.focus({ preventScroll: true })
  }, [sessions.length])
  const overdue = sessions.filter(session => isOverdue(session, nowMs)).length
  const signOut = (session: SessionView): void => {
    setFailure(null)
    onSignOut(session).catch((error: unknown) => setFailure(whyNot(error)))
  }
  return (
    <section class="panel" data-testid="sessions">
      <h2>
        Alone now
        <span class={overdue === 0 ? 'count' : 'count count-warn'}>
          {overdue === 0 ? sessions.length : `${overdue} of ${sessions.length} overdue`}
        </span>
      </h2>
      {sessions.length === 0 && <p class="faint">Nobody is signed in.</p>}
      <ul class="events">
        {sessions.map(session => (
          <li
            key={session.id}
            class={isOverdue(session, nowMs) ? 'session session-overdue' : 'session'}
            data-session={session.id}
            data-overdue={isOverdue(session, nowMs)}
          >
            <b>{session.wearer}</b> {session.door}
            <span class="faint">{sessionWords(session, nowMs)}</span>
            <PendantState session={session} />
            {session.note !== null && <span class="reason">{session.note}</span>}
            <button
              type="button"
              class="button button-small"
              data-testid="sign-out"
              aria-label={`Sign out ${session.wearer}`}
              onClick={() => signOut(session)}
            >
              Sign out
            </button>
          </li>
        ))}
      </ul>
      {failure !== null && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      <button
        type="button"
        class="button button-small"
        data-testid="sign-in"
        ref={signInButton}
        onClick={onSignIn}
      >
        Sign somebody in…
      </button>
    </section>
  )
}

/** Whether the pendant is heard, and what else speaks against it: a battery, a fault. */
function PendantState({ session }: { session: SessionView }) {
  const { pendantState = 'heard', pendantWarning } = session
  if (pendantState === 'heard' && pendantWarning === undefined) return null
  const words = pendantState === 'heard' || !isUnheard(session) ? pendantWarning : unheardWords(session)
  return (
    <span class={`pendant-${pendantState}`} data-testid="pendant-state">
      {words ?? unheardWords(session)}
    </span>
  )
}
