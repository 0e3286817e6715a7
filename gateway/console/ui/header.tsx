// The bar that never scrolls away: which site, the gateway's time, the line, the sound, who is at the desk.
import type { ArmedView } from '../../../schemas/api.ts'
import type { Connection } from './live.ts'
import type { SoundState } from './sound.ts'
import { clockWords } from './words.ts'

type HeaderProps = {
  site: string
  nowMs: number
  connection: Connection
  /** Null until the gateway has said. */
  armed: ArmedView | null
  sound: SoundState
  operator: string | null
  onSound(): void
  onOperator(): void
}

const LINES: Record<Connection['state'], string> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'No connection',
}
const SOUNDS: Record<SoundState, string> = { off: 'Sound is off', armed: 'Sound is on', sounding: 'Sounding' }

export function Header({
  site,
  nowMs,
  connection,
  armed,
  sound,
  operator,
  onSound,
  onOperator,
}: HeaderProps) {
  return (
    <header class="bar">
      <h1 class="bar-title">
        <span class="bar-brand">Tocsin</span>
        <span class="bar-site">{site}</span>
      </h1>
      <time class="bar-clock">{clockWords(nowMs)}</time>
      <span class={`pill pill-${connection.state}`} data-testid="connection">
        {LINES[connection.state]}
      </span>
      {armed !== null && connection.state === 'live' && (
        <span
          class={`pill pill-${armed.isArmed ? 'armed' : 'not-armed'}`}
          data-testid="armed"
          title={armed.isArmed ? 'A desk and a telephone were proven just now' : armed.reasons.join(' ')}
        >
          {armed.isArmed ? 'Armed' : 'Not armed'}
        </span>
      )}
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
    </header>
  )
}
