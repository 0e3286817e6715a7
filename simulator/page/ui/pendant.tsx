// The pendant in the hand: pull the cord, hold the button, see its lights and what its firmware says.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PendantView, RoomView } from '../building.ts'
import { post } from './act.ts'

type PendantProps = {
  pendants: readonly PendantView[]
  rooms: readonly RoomView[]
  pendant: PendantView | undefined
  onPick(id: string): void
  run(action: Promise<void>): void
}

export function Pendant({ pendants, rooms, pendant, onPick, run }: PendantProps) {
  const room = rooms.find(({ id }) => id === pendant?.room)
  return (
    <section class="panel" data-testid="pendant" data-pendant={pendant?.id ?? ''}>
      <label class="pick">
        <span>Pendant</span>
        <select
          data-testid="pick-pendant"
          value={pendant?.id ?? ''}
          onChange={event => onPick(event.currentTarget.value)}
        >
          {pendants.map(({ id, wearer }) => (
            <option key={id} value={id}>
              {id} · {wearer}
            </option>
          ))}
        </select>
      </label>
      {pendant === undefined ? (
        <p class="faint">No pendant in this building.</p>
      ) : (
        <>
          <Lights lights={pendant.lights} isPowered={pendant.isPowered} />
          <p>
            <b>{pendant.wearer}</b> is really in{' '}
            <b data-testid="true-room">{room === undefined ? 'no room' : `${room.number} ${room.name}`}</b>
          </p>
          <Cord pendant={pendant} run={run} />
          <Button pendant={pendant} run={run} />
          <p class="faint">Click a room on the plan to carry the pendant there.</p>
          {pendant.lastFrame !== undefined && (
            <p class="frame faint">
              Last on the air <code>{pendant.lastFrame.hex}</code>
            </p>
          )}
          <Log log={pendant.log} />
        </>
      )}
    </section>
  )
}

function Lights({ lights, isPowered }: Pick<PendantView, 'lights' | 'isPowered'>) {
  return (
    <div class="lights" data-testid="lights">
      {(['red', 'green', 'blue'] as const).map(colour => (
        <span key={colour} class="light" data-light={colour} data-lit={lights[colour]}>
          <i class={lights[colour] ? `bulb bulb-${colour}` : 'bulb'} />
          {colour}
        </span>
      ))}
      {!isPowered && <b class="unpowered">no battery</b>}
    </div>
  )
}

type PartProps = { pendant: PendantView; run(action: Promise<void>): void }

function Cord({ pendant: { id, cordParted }, run }: PartProps) {
  const set = (isParted: boolean) => run(post(`pendants/${id}/cord`, { isParted }))
  return cordParted ? (
    <button type="button" class="big big-mend" data-testid="replace-cord" onClick={() => set(false)}>
      Put the cord back
    </button>
  ) : (
    <button type="button" class="big big-alarm" data-testid="pull" onClick={() => set(true)}>
      Pull the cord
    </button>
  )
}

/** Held for as long as it is held here: the pendant's button goes down when this one comes up, for the same time. */
function Button({ pendant: { id, buttonDown }, run }: PartProps) {
  const downAtMs = useRef<number | null>(null)
  const [heldMs, setHeldMs] = useState<number | null>(null)
  const isHeld = heldMs !== null
  useEffect(() => {
    if (!isHeld) return
    const tick = setInterval(() => setHeldMs(performance.now() - (downAtMs.current ?? performance.now())), 50)
    return () => clearInterval(tick)
  }, [isHeld])
  const down = (): void => {
    downAtMs.current ??= performance.now()
    setHeldMs(performance.now() - downAtMs.current)
  }
  const up = (): void => {
    if (downAtMs.current === null) return
    const held = Math.max(1, Math.round(performance.now() - downAtMs.current))
    downAtMs.current = null
    setHeldMs(null)
    run(post(`pendants/${id}/press`, { heldMs: Math.min(held, 60_000) }))
  }
  const isKey = (event: KeyboardEvent): boolean => event.key === 'Enter' || event.key === ' '
  return (
    <button
      type="button"
      class={buttonDown ? 'big big-press big-down' : 'big big-press'}
      data-testid="press"
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId)
        down()
      }}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={event => isKey(event) && !event.repeat && down()}
      onKeyUp={event => isKey(event) && up()}
    >
      {heldMs === null ? 'Press the button (hold)' : `Held ${(heldMs / 1000).toFixed(1)} s`}
    </button>
  )
}

function Log({ log }: Pick<PendantView, 'log'>) {
  return (
    <details>
      <summary>What the firmware says ({log.length})</summary>
      <pre class="log" data-testid="log">
        {log.join('\n')}
      </pre>
    </details>
  )
}
