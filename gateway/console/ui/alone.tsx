// Who is alone where: signed in by somebody, overdue or not, signed out with one click. Where they said they would be, which
// is not where anybody heard them.
import { useState } from 'preact/hooks'
import type { SessionView } from '../../../schemas/session-api.ts'
import { NotTaken } from './answers.ts'
import { isOverdue, sessionWords } from './words.ts'

type AloneProps = {
  sessions: readonly SessionView[]
  nowMs: number
  onSignIn(): void
  /** Resolves when the gateway has it; throws NotTaken. */
  onSignOut(session: SessionView): Promise<void>
}

export function Alone({ sessions, nowMs, onSignIn, onSignOut }: AloneProps) {
  const [failure, setFailure] = useState<string | null>(null)
  const overdue = sessions.filter(session => isOverdue(session, nowMs)).length
  const signOut = (session: SessionView): void => {
    setFailure(null)
    onSignOut(session).catch((error: unknown) =>
      setFailure(error instanceof NotTaken ? error.message : String(error)),
    )
  }
  return (
    <section class="panel" data-testid="sessions">
      <h3>
        Alone now
        <span class={overdue === 0 ? 'count' : 'count count-warn'}>
          {overdue === 0 ? sessions.length : `${overdue} of ${sessions.length} overdue`}
        </span>
      </h3>
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
            {session.note !== null && <span class="reason">{session.note}</span>}
            <button
              type="button"
              class="button button-small"
              data-testid="sign-out"
              aria-label={`Sign ${session.wearer} out`}
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
      <button type="button" class="button button-small" data-testid="sign-in" onClick={onSignIn}>
        Sign somebody in…
      </button>
    </section>
  )
}
