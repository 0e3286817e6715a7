// What the components read: the desk as it is now, the line to it, the clock of the gateway and the loudspeaker, as hooks.
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import type { IncidentView, LiveEvent } from '../../../../schemas/api/desk.ts'
import { type DeskState, follow, withAnswer } from './desk.ts'
import { type Connection, openLive } from './live.ts'
import { openSound, type Sound, type SoundState } from './sound.ts'

const TICK_MS = 500
const CHIME_AGAIN_MS = 20_000

type Input = LiveEvent | { kind: 'answered'; incident: IncidentView }

function step(state: DeskState | null, input: Input): DeskState | null {
  if (input.kind !== 'answered') return follow(state, input)
  return state === null ? null : withAnswer(state, input.incident)
}

export type Line = {
  desk: DeskState | null
  connection: Connection
  /** The gateway's clock less this machine's, in ms. */
  skewMs: number
  /** Shows what an answer came back with, even while the line is down. */
  answered(incident: IncidentView): void
}

/** `onHeard` is called whenever the gateway was heard, and told whether it was lost before; `id` is what this page calls itself. */
export function useLine(id: string, onHeard: (isAnew: boolean) => void): Line {
  const [desk, put] = useReducer<DeskState | null, Input>(step, null)
  const [connection, setConnection] = useState<Connection>({ state: 'connecting', sinceMs: Date.now() })
  const [skewMs, setSkewMs] = useState(0)
  useEffect(
    () => openLive({ desk: id, onEvent: put, onConnection: setConnection, onSkew: setSkewMs, onHeard }),
    [],
  )
  useEffect(() => {
    document.body.dataset.connection = connection.state
  }, [connection])
  return { desk, connection, skewMs, answered: incident => put({ kind: 'answered', incident }) }
}

/** This machine's clock, often enough that no second is skipped. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const tick = setInterval(() => setNowMs(Date.now()), TICK_MS)
    return () => clearInterval(tick)
  }, [])
  return nowMs
}

/** Sounds while `waiting` is not 0. Any click or key arms it, since a browser keeps silent until then. */
export function useSound(waiting: number): { sound: Sound; state: SoundState } {
  const sound = useMemo(openSound, [])
  const [state, setState] = useState<SoundState>('off')
  useEffect(() => {
    sound.onState(now => {
      document.body.dataset.sound = now
      setState(now)
    })
    const arm = (): void => {
      void sound.arm()
    }
    // Not on the way down: the banner would go, the page move, and the button slip away from under the click.
    addEventListener('click', arm)
    addEventListener('keydown', arm)
    arm()
    return () => {
      removeEventListener('click', arm)
      removeEventListener('keydown', arm)
    }
  }, [sound])
  useEffect(() => sound.alarm(waiting), [sound, waiting])
  return { sound, state }
}

/** Chimes for each new fault, and again and again while the line is dead: nobody may be looking. */
export function useTroubleChime(isLost: boolean, faults: number, chime: () => void): void {
  const before = useRef(faults)
  useEffect(() => {
    if (faults > before.current) chime()
    before.current = faults
  }, [faults])
  useEffect(() => {
    if (!isLost) return
    chime()
    const again = setInterval(chime, CHIME_AGAIN_MS)
    return () => clearInterval(again)
  }, [isLost])
}
