// The side of the desk: what listens, who may be trying something, what is over.
import type { VNode } from 'preact'
import type { IncidentView, SecurityEvent } from '../../../../schemas/api/desk.ts'
import type { SessionView } from '../../../../schemas/api/session.ts'
import type { DeskState } from '../state/desk.ts'
import { mended, resolved, securityEvents, tests } from '../state/desk.ts'
import { securityWords } from '../words/fault-words.ts'
import { plain } from '../words/plain.ts'
import { agoWords, clockWords, outcomeWords, roomWords, testWords } from '../words/words.ts'
import { Sessions } from './sessions.tsx'

type RailProps = { desk: DeskState; nowMs: number }
/** Nothing new comes from the gateway: what stands here is how it was. */
type Lost = { isLost: boolean }
type Signing = { onSignIn(): void; onSignOut(session: SessionView): Promise<void> }
type Opening = { onOpen(incident: string): void }

export function Rail({ desk, nowMs, isLost, onOpen, ...signing }: RailProps & Lost & Signing & Opening) {
  return (
    <aside class="rail">
      <Sessions sessions={desk.sessions} nowMs={nowMs} {...signing} />
      <Receivers desk={desk} nowMs={nowMs} isLost={isLost} />
      <Mended desk={desk} nowMs={nowMs} />
      <Tests desk={desk} nowMs={nowMs} />
      <Security desk={desk} nowMs={nowMs} />
      <Resolved desk={desk} nowMs={nowMs} onOpen={onOpen} />
      <SiteChanged desk={desk} nowMs={nowMs} />
      <p class="panel">
        <a href="/walk" target="_blank" rel="noreferrer" data-testid="walk-link">
          Walk test: teach Tocsin the rooms
        </a>
      </p>
    </aside>
  )
}

/** All that are offline are in sight, and so many of the others. */
const RECEIVERS_SHOWN = 6
const EVENTS_SHOWN = 4

function Receivers({ desk: { receivers, wayIn }, nowMs, isLost }: RailProps & Lost) {
  const online = receivers.filter(({ isOnline }) => isOnline).length
  const offlineFirst = [...receivers].sort((a, b) => Number(a.isOnline) - Number(b.isOnline))
  const shown = Math.max(RECEIVERS_SHOWN, receivers.length - online)
  return (
    <section class="panel" data-testid="receivers">
      <h2>
        Receivers
        {isLost ? (
          <span class="count">not known now</span>
        ) : (
          <span class={online === receivers.length ? 'count count-good' : 'count count-bad'}>
            {online} of {receivers.length} online
          </span>
        )}
      </h2>
      <More shown={shown} class="receivers">
        {offlineFirst.map(receiver => (
          <Receiver key={receiver.id} receiver={receiver} nowMs={nowMs} isLost={isLost} />
        ))}
      </More>
      {wayIn !== undefined && (
        <p class="faint" data-testid="way-in">
          They come in by {wayIn}
        </p>
      )}
    </section>
  )
}

type ReceiverProps = Lost & { receiver: DeskState['receivers'][number]; nowMs: number }

function Receiver({ receiver: { id, room, isOnline, sinceMs }, nowMs, isLost }: ReceiverProps) {
  const look = isLost ? 'receiver-unknown' : isOnline ? '' : 'receiver-offline'
  return (
    <li class={`receiver ${look}`} data-receiver={id} data-online={isOnline}>
      <b>{id}</b>
      <span class="receiver-room">{room}</span>
      <span class="receiver-state">
        {isLost
          ? 'not known'
          : isOnline
            ? 'online'
            : sinceMs === null
              ? 'never heard'
              : `offline ${agoWords(nowMs - sinceMs)}`}
      </span>
    </li>
  )
}

type MoreProps = { shown: number; class: string; children: VNode[] }

/** The first of a list, and the others behind a click: a list that scrolls by itself would hide them from a keyboard. */
function More({ shown, children, ...list }: MoreProps) {
  const more = children.length - shown
  return (
    <>
      <ul {...list}>{children.slice(0, shown)}</ul>
      {more > 0 && (
        <details>
          <summary>{more} more</summary>
          <ul {...list}>{children.slice(shown)}</ul>
        </details>
      )}
    </>
  )
}

function Mended({ desk }: RailProps) {
  const over = mended(desk)
  return (
    <section class="panel" data-testid="mended">
      <h2>Works again</h2>
      {over.length === 0 && <p class="faint">Nothing was out of order.</p>}
      <More shown={EVENTS_SHOWN} class="events">
        {over.map(({ key, seq, atMs, sinceMs, text }) => (
          <li key={`${key} ${seq}`} data-mended={key}>
            <time>{clockWords(atMs)}</time> {plain(text)}.{' '}
            <span class="faint">Out of order since {clockWords(sinceMs)}</span>
          </li>
        ))}
      </More>
    </section>
  )
}

const TESTS_SHOWN = 6

function Tests({ desk }: RailProps) {
  const done = tests(desk)
  return (
    <section class="panel" data-testid="tests">
      <h2>
        Pendants tested <span class="count">{done.length}</span>
      </h2>
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
      <h2>
        Security events{' '}
        <span class={events.length === 0 ? 'count' : 'count count-warn'}>{events.length}</span>
      </h2>
      {events.length === 0 ? (
        <p class="faint">None.</p>
      ) : (
        <More shown={EVENTS_SHOWN} class="events">
          {events.map(event => (
            <SecurityRow key={event.seq} event={event} />
          ))}
        </More>
      )}
    </section>
  )
}

function SecurityRow({ event }: { event: SecurityEvent }) {
  const { words, text, isForAdministrators } = securityWords(event)
  const where = [event.pendant, event.receiver].filter(part => part !== '').join(' · ')
  return (
    <li data-reason={event.reason}>
      <time>{clockWords(event.atMs)}</time> <b>{words}</b>{' '}
      {isForAdministrators ? (
        <details>
          <summary>For whoever looks after the system</summary>
          {text}
        </details>
      ) : (
        text
      )}
      <span class="faint">{where}</span>
    </li>
  )
}

function Resolved({ desk, onOpen }: RailProps & Opening) {
  const over = resolved(desk)
  return (
    <section class="panel" data-testid="resolved">
      <h2>Recently resolved</h2>
      {over.length === 0 && <p class="faint">None yet.</p>}
      <More shown={EVENTS_SHOWN} class="events">
        {over.map(incident => (
          <ResolvedRow key={incident.id} incident={incident} onOpen={onOpen} />
        ))}
      </More>
    </section>
  )
}

/** What an administrator changed last while the gateway ran: names and rooms may be others than yesterday's. */
function SiteChanged({ desk: { siteChanged } }: RailProps) {
  if (siteChanged === undefined) return null
  const { atMs, text } = siteChanged
  return (
    <section class="panel" data-testid="site-changed">
      <h2>Site file</h2>
      <p>
        <time>{clockWords(atMs)}</time> changed. <span class="faint">{text}</span>
      </p>
    </section>
  )
}

function ResolvedRow({ incident, onOpen }: { incident: IncidentView } & Opening) {
  const { id, wearer, resolved: end } = incident
  return (
    <li data-incident={id}>
      <button type="button" class="link" data-testid="open-resolved" onClick={() => onOpen(id)}>
        <b>{wearer}</b> {roomWords(incident)}
      </button>
      {end !== null && (
        <>
          <span class="tag">{outcomeWords(end.outcome)}</span>
          <span class="reason">{end.reason}</span>
          <span class="faint">
            {clockWords(end.atMs)} by {end.by}
          </span>
        </>
      )}
    </li>
  )
}
