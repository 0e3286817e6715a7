// What never scrolls away: the site, the gateway's time, the line, whether an alarm would reach anybody, the sound, who is at
// the desk; and below it every open alarm.
import type { ArmedView, IncidentView } from '../../../../schemas/api/desk.ts'
import { useHeadHeight } from '../state/focus.ts'
import type { Connection } from '../state/live.ts'
import type { Seen } from '../state/seen.ts'
import type { SoundState } from '../state/sound.ts'
import { uncoveredWords } from '../words/doubt.ts'
import { plain } from '../words/plain.ts'
import { clockWords } from '../words/words.ts'
import { Strip } from './strip.tsx'

type HeaderProps = {
  site: string
  nowMs: number
  connection: Connection
  /** Null until the gateway has said. */
  armed: ArmedView | null
  sound: SoundState
  operator: string | null
  /** All that are open, those that nobody has first. */
  incidents: readonly IncidentView[]
  seen: Seen
  onSound(): void
  onOperator(): void
}

const LINES: Record<Connection['state'], string> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'No connection',
}
const SOUNDS: Record<SoundState, string> = { off: 'Sound is off', armed: 'Sound is on', sounding: 'Sounding' }

export function Header(props: HeaderProps) {
  const { site, nowMs, connection, armed, sound, operator, incidents, seen, onSound, onOperator } = props
  return (
    <header class="top" ref={useHeadHeight()}>
      <div class="bar">
        <h1 class="bar-title">
          <span class="bar-brand">Tocsin</span>
          <span class="bar-site">{site}</span>
        </h1>
        <time class="bar-clock">{clockWords(nowMs)}</time>
        <span class={`pill pill-${connection.state}`} data-testid="connection">
          {LINES[connection.state]}
        </span>
        {armed !== null && connection.state === 'live' && <Armed armed={armed} />}
        <button
          type="button"
          class={`pill pill-sound-${sound}`}
          data-testid="sound"
          title="Play one round of the alarm, to prove the loudspeaker"
          onClick={onSound}
        >
          {SOUNDS[sound]}
        </button>
        <button type="button" class="pill" data-testid="operator" onClick={onOperator}>
          {operator === null ? 'Who is at the desk?' : <>At the desk: {operator}</>}
        </button>
      </div>
      <Strip incidents={incidents} seen={seen} nowMs={nowMs} />
    </header>
  )
}

function Armed({ armed: { isArmed, reasons, uncovered = [] } }: { armed: ArmedView }) {
  const state = !isArmed ? 'not' : uncovered.length > 0 ? 'partly' : 'whole'
  const why = state === 'partly' ? [...reasons, uncoveredWords(uncovered)] : reasons
  return (
    <span
      class={`pill pill-armed-${state}`}
      data-testid="armed"
      title={
        state === 'whole'
          ? 'A desk, a telephone and receivers were proven just now'
          : why.map(plain).join(' ')
      }
    >
      {{ not: 'Not armed', partly: 'Partly armed', whole: 'Armed' }[state]}
    </span>
  )
}
