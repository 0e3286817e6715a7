// The desk: everything on the page, put together. Alarms that nobody has come first, then those that somebody has.
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { IncidentView, Outcome } from '../../../schemas/api.ts'
import { type Answer, give, NotTaken, signIn, signOut } from './answers.ts'
import { drawTab } from './attention.ts'
import { LostBanner, SoundBanner, TechnicalPanel } from './banners.tsx'
import { type DeskState, held, waiting } from './desk.ts'
import { OperatorDialog, ResolveDialog } from './dialogs.tsx'
import { Header } from './header.tsx'
import { Incident } from './incident.tsx'
import { keepOperator, readOperator } from './operator.ts'
import { openPresence } from './presence.ts'
import { Quiet } from './quiet.tsx'
import { Rail } from './rail.tsx'
import { SignInDialog } from './sign-in.tsx'
import { useLine, useNow, useSound, useTroubleChime } from './state.ts'
import { alarmSentence, roomWords } from './words.ts'

export function App() {
  const presence = useMemo(openPresence, [])
  const { desk, connection, skewMs, answered } = useLine(presence.beat)
  const localMs = useNow()
  const nowMs = localMs + skewMs
  const unheld = desk === null ? [] : waiting(desk)
  const { sound, state: soundState } = useSound(unheld.length)
  useEffect(() => presence.sound(soundState), [presence, soundState])
  const { operator, ask, dialog } = useOperator()
  const [resolving, setResolving] = useState<string | null>(null)
  const [isSigningIn, setSigningIn] = useState(false)
  const isLost = connection.state === 'lost'

  useTroubleChime(isLost, desk?.technical.length ?? 0, sound.chime)
  useEffect(() => {
    document.body.dataset.waiting = String(unheld.length > 0)
    const first = unheld[0]
    const more = unheld.length > 1 ? `(${unheld.length}) ` : ''
    const alarm = first === undefined ? null : `${more}ALARM ${first.wearer}, ${roomWords(first)}`
    const icon =
      first !== undefined
        ? 'alarm'
        : isLost || desk === null || desk.technical.length > 0
          ? 'trouble'
          : 'quiet'
    drawTab(
      { sentence: alarm ?? (isLost ? 'NO CONNECTION' : null), icon, site: desk?.site ?? 'Connecting' },
      Math.floor(localMs / 1000) % 2 === 1,
    )
  })

  const named = async (): Promise<string> => {
    const by = operator ?? (await ask())
    if (by === null) throw new NotTaken('Not sent: your name is needed beside it. Please try again.')
    return by
  }
  const send = async (incident: IncidentView, answer: (by: string) => Answer): Promise<void> => {
    const by = await named()
    const now = await give(incident.id, answer(by))
    if (now !== null) answered(now)
  }
  const resolvingNow = desk?.incidents.find(({ id }) => id === resolving)

  return (
    <>
      <Header
        site={desk?.site ?? ''}
        nowMs={nowMs}
        connection={connection}
        armed={desk?.armed ?? null}
        sound={soundState}
        operator={operator}
        onSound={() => void sound.arm().then(sound.prove)}
        onOperator={() => void ask()}
      />
      <p class="spoken" role="alert">
        {unheld.map(incident => alarmSentence(incident)).join(' ')}
      </p>
      <LostBanner connection={connection} nowMs={localMs} />
      <SoundBanner isOff={soundState === 'off'} onArm={() => void sound.arm().then(sound.prove)} />
      {desk !== null && (
        <>
          <TechnicalPanel technical={desk.technical} nowMs={nowMs} />
          <Jump incidents={[...unheld, ...held(desk)]} />
          <div class="desk">
            <main>
              <Open
                desk={desk}
                nowMs={nowMs}
                isLost={isLost}
                onAnswer={send}
                onResolve={incident => setResolving(incident.id)}
              />
            </main>
            <Rail
              desk={desk}
              nowMs={nowMs}
              onSignIn={() => setSigningIn(true)}
              onSignOut={async ({ id }) => signOut(id, await named())}
            />
          </div>
        </>
      )}
      {isSigningIn && (
        <SignInDialog
          waiting={unheld}
          onSignIn={async said => signIn({ ...said, by: await named() })}
          onClose={() => setSigningIn(false)}
        />
      )}
      {resolvingNow !== undefined && (
        <ResolveDialog
          incident={resolvingNow}
          others={unheld.filter(({ id }) => id !== resolving)}
          onResolve={(outcome: Outcome, reason: string) =>
            send(resolvingNow, by => ({ verb: 'resolve', by, outcome, reason }))
          }
          onClose={() => setResolving(null)}
        />
      )}
      {dialog}
    </>
  )
}

type OpenProps = {
  desk: DeskState
  nowMs: number
  isLost: boolean
  onAnswer(incident: IncidentView, answer: (by: string) => Answer): Promise<void>
  onResolve(incident: IncidentView): void
}

function Open({ desk, nowMs, isLost, onAnswer, onResolve }: OpenProps) {
  const groups = [waiting(desk), held(desk)].filter(group => group.length > 0)
  if (groups.length === 0) return <Quiet desk={desk} isLost={isLost} />
  return groups.map(group => (
    <div
      key={group[0]?.state === 'raised' ? 'waiting' : 'held'}
      class={`incidents incidents-${group.length === 1 ? 'one' : 'many'}`}
    >
      {group.map(incident => (
        <Incident
          key={incident.id}
          incident={incident}
          nowMs={nowMs}
          isAlone={groups.flat().length === 1}
          onAcknowledge={() => onAnswer(incident, by => ({ verb: 'acknowledge', by }))}
          onAttend={() => onAnswer(incident, by => ({ verb: 'attend', by }))}
          onResolve={() => onResolve(incident)}
        />
      ))}
    </div>
  ))
}

/** With several open, each one by name, always in sight: none is lost below the edge of a screen. */
function Jump({ incidents }: { incidents: readonly IncidentView[] }) {
  if (incidents.length < 2) return null
  return (
    <nav class="jump" aria-label="Open incidents" data-testid="jump">
      <b>{incidents.length} open</b>
      {incidents.map(incident => (
        <a key={incident.id} class={`jump-${incident.state}`} href={`#incident-${incident.id}`}>
          {incident.wearer} · {roomWords(incident)}
        </a>
      ))}
    </nav>
  )
}

/** The name at the desk, asked for when it is first needed; `ask` gives null where nobody answers. */
function useOperator() {
  const [operator, setOperator] = useState(readOperator)
  const [question, setQuestion] = useState<{ settle(name: string | null): void } | null>(null)
  const settle = (name: string | null): void => {
    if (name !== null) {
      keepOperator(name)
      setOperator(name)
    }
    question?.settle(name)
    setQuestion(null)
  }
  const ask = (): Promise<string | null> => new Promise(settleWith => setQuestion({ settle: settleWith }))
  const dialog =
    question === null ? null : (
      <OperatorDialog operator={operator} onName={settle} onClose={() => settle(null)} />
    )
  return { operator, ask, dialog }
}
