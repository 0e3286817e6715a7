// The side of the desk: what listens, who may be trying something, what is over.
import type { SessionView } from '../../../schemas/session-api.ts'
import { Alone } from './alone.tsx'
import type { DeskState } from './desk.ts'
import { resolved, securityEvents, tests } from './desk.ts'
import { agoWords, clockWords, outcomeWords, roomWords, testWords } from './words.ts'

type RailProps = { desk: DeskState; nowMs: number }
type Signing = { onSignIn(): void; onSignOut(session: SessionView): Promise<void> }

export function Rail({ desk, nowMs, ...signing }: RailProps & Signing) {
  return (
    <aside class="rail">
      <Alone sessions={desk.sessions} nowMs={nowMs} {...signing} />
      <Receivers desk={desk} nowMs={nowMs} />
      <Tests desk={desk} nowMs={nowMs} />
      <Security desk={desk} nowMs={nowMs} />
      <Resolved desk={desk} nowMs={nowMs} />
      <p class="panel">
        <a href="/walk" target="_blank" rel="noreferrer" data-testid="walk-link">
          Walk test: teach Tocsin the rooms
        </a>
      </p>
    </aside>
  )
}

function Receivers({ desk: { receivers }, nowMs }: RailProps) {
  const online = receivers.filter(({ isOnline }) => isOnline).length
  const offlineFirst = [...receivers].sort((a, b) => Number(a.isOnline) - Number(b.isOnline))
  return (
    <section class="panel" data-testid="receivers">
      <h3>
        Receivers
        <span class={online === receivers.length ? 'count count-good' : 'count count-bad'}>
          {online} of {receivers.length} online
        </span>
      </h3>
      <ul class="receivers">
        {offlineFirst.map(({ id, room, isOnline, sinceMs }) => (
          <li
            key={id}
            class={isOnline ? 'receiver' : 'receiver receiver-offline'}
            data-receiver={id}
            data-online={isOnline}
          >
            <b>{id}</b>
            <span class="receiver-room">{room}</span>
            <span class="receiver-state">
              {isOnline
                ? 'online'
                : sinceMs === null
                  ? 'never heard'
                  : `offline ${agoWords(nowMs - sinceMs)}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const TESTS_SHOWN = 6

function Tests({ desk }: RailProps) {
  const done = tests(desk)
  return (
    <section class="panel" data-testid="tests">
      <h3>
        Pendants tested <span class="count">{done.length}</span>
      </h3>
      {done.length === 0 ? (
        <p class="faint">None yet.</p>
      ) : (
        <ul class="events">
          {done.slice(0, TESTS_SHOWN).map(test => (
            <li key={test.seq} data-tested={test.pendant}>
              <time>{clockWords(test.atMs)}</time> {testWords(test)}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Security({ desk }: RailProps) {
  const events = securityEvents(desk)
  return (
    <section class="panel" data-testid="security">
      <h3>
        Security events{' '}
        <span class={events.length === 0 ? 'count' : 'count count-warn'}>{events.length}</span>
      </h3>
      {events.length === 0 ? (
        <p class="faint">None.</p>
      ) : (
        <ul class="events">
          {events.map(({ seq, atMs, reason, text, pendant, receiver }) => (
            <li key={seq} data-reason={reason}>
              <time>{clockWords(atMs)}</time> <b>{reason}</b> {text}
              <span class="faint">{[pendant, receiver].filter(part => part !== '').join(' · ')}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Resolved({ desk }: RailProps) {
  const over = resolved(desk)
  return (
    <section class="panel" data-testid="resolved">
      <h3>Recently resolved</h3>
      {over.length === 0 && <p class="faint">None yet.</p>}
      <ul class="events">
        {over.map(incident => (
          <li key={incident.id} data-incident={incident.id}>
            <b>{incident.wearer}</b> {roomWords(incident)}
            {incident.resolved !== null && (
              <>
                <span class="tag">{outcomeWords(incident.resolved.outcome)}</span>
                <span class="reason">{incident.resolved.reason}</span>
                <span class="faint">
                  {clockWords(incident.resolved.atMs)} by {incident.resolved.by}
                </span>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
