// The desk: everything on the page, put together. Alarms that nobody has come first, then those that somebody has.
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { IncidentView, Outcome } from '../../../schemas/api/desk.ts'
import { type Answer, give, NOT_STORED, NotTaken, signIn, signOut } from './answers.ts'
import { Incident } from './card/incident.tsx'
import { OperatorDialog } from './dialogs/dialogs.tsx'
import { ResolveDialog } from './dialogs/resolve.tsx'
import { ResolvedDialog } from './dialogs/resolved.tsx'
import { type SignIn, SignInDialog } from './dialogs/sign-in.tsx'
import { Quiet } from './frame/all-quiet.tsx'
import { ArmedBanner, LostBanner, NoticeBanner, SoundBanner, TechnicalPanel } from './frame/banners.tsx'
import { Header } from './frame/header.tsx'
import { Rail } from './frame/rail.tsx'
import { type DeskState, open, waiting } from './state/desk.ts'
import { useFocus } from './state/focus.ts'
import { useKeys } from './state/keys.ts'
import { keepOperator, readOperator } from './state/operator.ts'
import { openPresence } from './state/presence.ts'
import { type Seen, useSeen } from './state/seen.ts'
import { useLine, useNow, useSound, useTroubleChime } from './state/state.ts'
import { drawTab } from './words/attention.ts'
import { canTell, doubtOf, faultsOf } from './words/doubt.ts'
import { movedWords } from './words/moved.ts'
import { alarmSentence, roomsWords } from './words/words.ts'

/** No answer is sent without a name. Throws NotTaken. */
const signed = (by: string | null): string => {
  if (by === null) throw new NotTaken('Not sent: your name is needed beside it. Please try again.')
  return by
}

/** What a screen reader says of the alarms that nobody has. */
const Spoken = ({ unheld }: { unheld: readonly IncidentView[] }) => (
  <p class="spoken" role="alert">
    {unheld.map(incident => alarmSentence(incident)).join(' ')}
  </p>
)

export function App() {
  const presence = useMemo(openPresence, [])
  const { desk, connection, skewMs, answered } = useLine(presence.desk, presence.beat)
  const localMs = useNow()
  const nowMs = localMs + skewMs
  const [unheld, incidents] = desk === null ? [[], []] : [waiting(desk), open(desk)]
  const seen = useSeen()
  const { sound, state: soundState } = useSound(unheld.length)
  useEffect(() => presence.sound(soundState), [presence, soundState])
  const { operator, ask, dialog: operatorDialog } = useOperator(unheld)
  const [dialog, setDialog] = useState<DialogOf | null>(null)
  const [notice, setNotice] = useState<string | null>(null)
  const isLost = connection.state === 'lost'
  const { moveOn } = useFocus(incidents.map(({ id }) => id))
  useKeys({ waiting: unheld.map(({ id }) => id), open: incidents.map(({ id }) => id) })
  useTroubleChime(isLost, desk?.technical.length ?? 0, sound.chime)
  useTab(desk, isLost, localMs, nowMs)

  const named = async (): Promise<string> => signed(operator ?? (await ask()))
  const send: Send = async (incident, answer) => {
    const by = await named()
    setNotice(null)
    const given = await give(incident.id, answer(by))
    if (given.incident !== null) answered(given.incident)
    if (!given.isStored) setNotice(NOT_STORED)
    moveOn(incident.id)
  }
  const onSound = (): void => void sound.arm().then(sound.prove)
  const closeDialog = (): void => {
    setDialog(null)
    moveOn(dialog !== null && 'incident' in dialog ? dialog.incident : '')
  }

  return (
    <>
      <Header
        site={desk?.site ?? ''}
        nowMs={nowMs}
        connection={connection}
        armed={desk?.armed ?? null}
        sound={soundState}
        operator={operator}
        incidents={incidents}
        seen={seen}
        onSound={onSound}
        onOperator={() => void ask()}
      />
      <Spoken unheld={unheld} />
      <section class="banners" aria-label="State of the system">
        <LostBanner connection={connection} nowMs={localMs} />
        <SoundBanner isOff={soundState === 'off'} onArm={onSound} />
        <NoticeBanner notice={notice} onClose={() => setNotice(null)} />
        {desk !== null && incidents.length > 0 && !isLost && <ArmedBanner armed={desk.armed} />}
        {desk !== null && (
          <TechnicalPanel technical={faultsOf(desk)} receivers={desk.receivers.length} nowMs={nowMs} />
        )}
      </section>
      {desk !== null && (
        <div class="desk">
          <main>
            <Open
              desk={desk}
              seen={seen}
              nowMs={nowMs}
              lostAtMs={isLost ? connection.sinceMs + skewMs : null}
              onAnswer={send}
              onResolve={incident => setDialog({ is: 'resolve', incident: incident.id })}
            />
          </main>
          <Rail
            desk={desk}
            nowMs={nowMs}
            isLost={isLost}
            onOpen={incident => setDialog({ is: 'over', incident })}
            onSignIn={() => setDialog({ is: 'sign-in' })}
            onSignOut={async ({ id }) => setNotice(await signOut(id, await named()))}
          />
        </div>
      )}
      <Dialogs
        dialog={dialog}
        desk={desk}
        nowMs={nowMs}
        onAnswer={send}
        onSignIn={async said => setNotice(await signIn({ ...said, by: await named() }))}
        onClose={closeDialog}
      />
      {operatorDialog}
    </>
  )
}

type Send = (incident: IncidentView, answer: (by: string) => Answer) => Promise<void>
type DialogOf = { is: 'resolve' | 'over'; incident: string } | { is: 'sign-in' }

type DialogsProps = {
  dialog: DialogOf | null
  desk: DeskState | null
  nowMs: number
  onAnswer: Send
  onSignIn(said: SignIn): Promise<void>
  onClose(): void
}

/** The one dialog that is open; the incident that it is about is shown as it now is. */
function Dialogs({ dialog, desk, nowMs, onAnswer, onSignIn, onClose }: DialogsProps) {
  if (dialog === null || desk === null) return null
  const unheld = waiting(desk)
  if (dialog.is === 'sign-in') return <SignInDialog waiting={unheld} onSignIn={onSignIn} onClose={onClose} />
  const incident = desk.incidents.find(({ id }) => id === dialog.incident)
  if (incident === undefined) return null
  if (dialog.is === 'over') {
    return <ResolvedDialog incident={incident} waiting={unheld} nowMs={nowMs} onClose={onClose} />
  }
  return (
    <ResolveDialog
      incident={incident}
      others={unheld.filter(({ id }) => id !== incident.id)}
      onResolve={(outcome: Outcome, reason: string) =>
        onAnswer(incident, by => ({ verb: 'resolve', by, outcome, reason }))
      }
      onClose={onClose}
    />
  )
}

type OpenProps = {
  desk: DeskState
  seen: Seen
  nowMs: number
  /** Since when nothing new shows here, by the gateway's clock; null while the line is whole. */
  lostAtMs: number | null
  onAnswer: Send
  onResolve(incident: IncidentView): void
}

/** One list, so that a card stays the same card when somebody has taken it. */
function Open({ desk, seen, nowMs, lostAtMs, onAnswer, onResolve }: OpenProps) {
  const incidents = open(desk)
  if (incidents.length === 0) return <Quiet desk={desk} isLost={lostAtMs !== null} nowMs={nowMs} />
  return (
    <div class={`incidents incidents-${incidents.length === 1 ? 'one' : 'many'}`}>
      {incidents.map((incident, i) => (
        <Incident
          key={incident.id}
          incident={incident}
          moved={movedWords(incident, seen.of(incident))}
          nowMs={nowMs}
          lostAtMs={lostAtMs}
          isAlone={incidents.length === 1}
          hasKey={i === 0 && incident.state === 'raised'}
          canTell={canTell(desk, nowMs)}
          onMovedSeen={() => seen.see(incident)}
          onAcknowledge={() => onAnswer(incident, by => ({ verb: 'acknowledge', by }))}
          onAttend={() => onAnswer(incident, by => ({ verb: 'attend', by }))}
          onRelease={() => onAnswer(incident, by => ({ verb: 'release', by }))}
          onResolve={() => onResolve(incident)}
        />
      ))}
    </div>
  )
}

/** The tab among many: it flashes for an alarm and shows trouble, whatever page is in front of it. */
function useTab(desk: DeskState | null, isLost: boolean, localMs: number, nowMs: number): void {
  useEffect(() => {
    const unheld = desk === null ? [] : waiting(desk)
    document.body.dataset.waiting = String(unheld.length > 0)
    const [first] = unheld
    const more = unheld.length > 1 ? `(${unheld.length}) ` : ''
    const alarm = first === undefined ? null : `${more}ALARM ${first.wearer}, ${roomsWords(first)}`
    const isTrouble = desk === null || doubtOf(desk, isLost, nowMs) !== null
    drawTab(
      {
        sentence: alarm ?? (isLost ? 'NO CONNECTION' : null),
        icon: first !== undefined ? 'alarm' : isTrouble ? 'trouble' : 'quiet',
        site: desk?.site ?? 'Connecting',
      },
      Math.floor(localMs / 1000) % 2 === 1,
    )
  })
}

/** The name at the desk, asked for when it is first needed; `ask` gives null where nobody answers. */
function useOperator(unheld: readonly IncidentView[]) {
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
      <OperatorDialog operator={operator} waiting={unheld} onName={settle} onClose={() => settle(null)} />
    )
  return { operator, ask, dialog }
}
