// The walk test: choose a pendant, walk, tap the room you are in; below it what that has shown so far, and all walks kept.
import { useState } from 'preact/hooks'
import { whyNot } from '../answers.ts'
import { OperatorDialog } from '../dialogs/dialogs.tsx'
import { waiting } from '../state/desk.ts'
import { keepOperator, readOperator } from '../state/operator.ts'
import { useNow } from '../state/state.ts'
import { alarmSentence } from '../words/words.ts'
import { type Act, act, type ReportOf } from './ask.ts'
import { Begin } from './begin.tsx'
import { Recording } from './recording.tsx'
import { Report } from './report.tsx'
import { useReport, useWalkLine } from './state.ts'
import { Stored } from './stored.tsx'

export function WalkPage() {
  const { desk, walks, connection, skewMs, answered } = useWalkLine()
  const nowMs = useNow() + skewMs
  const [mine, setMine] = useState<string | null>(null)
  const [shown, setShown] = useState<number | 'standing'>('standing')
  const [failure, setFailure] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [operator, setOperator] = useState(readOperator)
  const [asked, setAsked] = useState<Act | null>(null)

  const recordings = walks?.recordings ?? []
  const recording = recordings.find(({ pendant }) => pendant === mine) ?? recordings[0]
  const of: ReportOf = recording === undefined ? { walk: shown } : { pendant: recording.pendant }
  const version = `${recording?.room ?? ''} ${walks?.walks.map(each => `${each.walk}${each.withdrawn?.atMs ?? ''}`)}`
  const report = useReport(walks === null ? null : of, recording !== undefined, version)

  const send = (by: string, what: Act): void => {
    setBusy(true)
    setFailure(null)
    act(by, what)
      .then(now => {
        answered(now)
        if (what.verb === 'finish' || what.verb === 'withdraw') setShown('standing')
      })
      .catch((error: unknown) => setFailure(whyNot(error)))
      .finally(() => setBusy(false))
  }
  const carryOut = (what: Act): void => (operator === null ? setAsked(what) : send(operator, what))
  const begin = (what: Act): void => {
    setMine('pendant' in what ? what.pendant : null)
    carryOut(what)
  }
  const named = (name: string): void => {
    keepOperator(name)
    setOperator(name)
    if (asked !== null) send(name, asked)
    setAsked(null)
  }
  const alarms = desk === null ? [] : waiting(desk)

  return (
    <>
      <header class="top">
        <div class="bar">
          <h1 class="bar-title">
            <span class="bar-brand">Walk test</span>
            <span class="bar-site">{desk?.site ?? ''}</span>
          </h1>
          <span class={`pill pill-${connection.state}`} data-testid="connection">
            {connection.state === 'live'
              ? 'Live'
              : connection.state === 'lost'
                ? 'No connection'
                : 'Connecting'}
          </span>
          <a class="pill walk-desk" href="/">
            Desk
          </a>
        </div>
        {alarms.length > 0 && (
          <p class="banner banner-lost" role="alert" data-testid="walk-alarm">
            <strong>Alarm.</strong> {alarms.map(alarm => alarmSentence(alarm)).join(' ')}{' '}
            <a href="/">To the desk</a>
          </p>
        )}
      </header>
      {connection.state === 'lost' && (
        <p class="banner banner-lost" role="alert">
          <strong>No connection.</strong> Taps do not count until it is back; what was tapped is kept.
        </p>
      )}
      {failure !== null && (
        <p class="banner banner-technical" role="alert" data-testid="walk-failure">
          {failure}
        </p>
      )}
      {walks !== null && (
        <main class="walk">
          <Drift drift={walks.drift} />
          {recording === undefined ? (
            <Begin walks={walks} isBusy={isBusy} onAct={begin} />
          ) : (
            <Recording
              recording={recording}
              others={recordings.filter(each => each !== recording)}
              rooms={walks.rooms}
              nowMs={nowMs}
              isBusy={isBusy}
              onAct={carryOut}
              onOther={setMine}
            />
          )}
          <Report
            report={report}
            title={titleOf(of, shown)}
            isLive={recording !== undefined}
            hasWalks={walks.walks.some(({ withdrawn }) => withdrawn === null)}
          />
          <Stored walks={walks.walks} shown={shown} isBusy={isBusy} onShow={setShown} onAct={carryOut} />
        </main>
      )}
      {asked !== null && (
        <OperatorDialog operator={operator} waiting={alarms} onName={named} onClose={() => setAsked(null)} />
      )}
    </>
  )
}

function titleOf(of: ReportOf, shown: number | 'standing'): string {
  if ('pendant' in of) return 'So far'
  return shown === 'standing' ? 'The building as walked' : `Walk ${shown}`
}

function Drift({ drift }: { drift: readonly { key: string; text: string }[] }) {
  if (drift.length === 0) return null
  return (
    <section class="walk-drift" role="alert" data-testid="drift">
      <h2>The building has changed since it was walked</h2>
      <ul>
        {drift.map(({ key, text }) => (
          <li key={key}>{text}</li>
        ))}
      </ul>
    </section>
  )
}
