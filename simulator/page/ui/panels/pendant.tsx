// The pendant in the hand: pull the cord, press the button or have a gesture played on it, see its lights and what its firmware says.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { AlarmName, Gesture, PendantView, RoomView } from '../../building.ts'
import { post } from '../act.ts'

const ALARMS: Readonly<Record<AlarmName, string>> = {
  cord: 'the cord is pulled',
  button: 'the button was held',
  assist: 'assistance asked for',
  'man-down': 'man down',
  duress: 'duress, which looks like a cancel to whoever is in the room',
}

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
          {pendant.alarm !== null && (
            <p class="in-alarm" data-testid="in-alarm">
              In alarm: {ALARMS[pendant.alarm]}
            </p>
          )}
          {pendant.alarm === null && pendant.cordParted && (
            <p class="cord-out" data-testid="cord-out">
              No alarm is on, and the cord is still out: put it back, or it cannot be pulled again.
            </p>
          )}
          <p>
            <b>{pendant.wearer}</b> is really in{' '}
            <b data-testid="true-room">{room === undefined ? 'no room' : `${room.number} ${room.name}`}</b>
          </p>
          <Cord pendant={pendant} run={run} />
          <Button pendant={pendant} run={run} />
          <Gestures pendant={pendant} run={run} />
          <Carry pendant={pendant} rooms={rooms} run={run} />
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

/** By keyboard, and where the plan is small; on the plan a click does the same. */
function Carry({
  pendant: { id, room },
  rooms,
  run,
}: {
  pendant: PendantView
  rooms: readonly RoomView[]
  run(action: Promise<void>): void
}) {
  return (
    <label class="pick">
      <span>Carry it to, here or by a click on the plan</span>
      <select
        data-testid="carry"
        value={room ?? ''}
        onChange={event => run(post(`pendants/${id}/move`, { room: event.currentTarget.value }))}
      >
        {room === null && <option value="">outside</option>}
        {rooms.map(({ id: to, number, name }) => (
          <option key={to} value={to}>
            {number} {name}
          </option>
        ))}
      </select>
    </label>
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

/** Where no alarm came of it: whoever clicks once on a button expects something to happen. */
const ONLY_PRESSED =
  'That was no alarm. One press is an okay, two are a call for assistance. For an alarm hold the button for a second, or click Hold.'

/**
 * The finger here is the finger there: down and up are sent as they happen, one after the other, and the pendant's own clock
 * decides what they were.
 */
function Button({ pendant: { id, buttonDown, alarm }, run }: PartProps) {
  const [wasPressed, setPressed] = useState(false)
  // What became an alarm was one, also when that is over.
  useEffect(() => {
    if (alarm !== null) setPressed(false)
  }, [alarm])
  const isDown = useRef(false)
  const sent = useRef<Promise<unknown>>(Promise.resolve())
  const move = (down: boolean): void => {
    if (isDown.current === down) return
    isDown.current = down
    setPressed(!down)
    const action = sent.current.then(() => post(`pendants/${id}/button`, { isDown: down }))
    sent.current = action.catch(() => undefined)
    run(action)
  }
  // Whoever is gone holds nothing: another pendant was picked, or the page was closed.
  useEffect(() => {
    const letGo = (): void => move(false)
    addEventListener('pagehide', letGo)
    addEventListener('blur', letGo)
    return () => {
      removeEventListener('pagehide', letGo)
      removeEventListener('blur', letGo)
      letGo()
      setPressed(false)
    }
  }, [id])
  const isKey = (event: KeyboardEvent): boolean => event.key === 'Enter' || event.key === ' '
  return (
    <>
      <button
        type="button"
        class={buttonDown ? 'big big-press big-down' : 'big big-press'}
        title="The finger here is the finger there: press it, or hold it"
        data-testid="press"
        data-down={buttonDown}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          move(true)
        }}
        onPointerUp={() => move(false)}
        onPointerCancel={() => move(false)}
        onKeyDown={event => isKey(event) && !event.repeat && move(true)}
        onKeyUp={event => isKey(event) && move(false)}
        onBlur={() => move(false)}
      >
        {buttonDown ? 'The button is down' : 'Press the button'}
      </button>
      <p class="faint" role="status" data-testid="press-hint">
        {wasPressed ? ONLY_PRESSED : ''}
      </p>
    </>
  )
}

const GESTURES: readonly { name: Gesture; label: string; title: string }[] = [
  { name: 'hold', label: 'Hold', title: 'An alarm: the button held for a second' },
  { name: 'assist', label: 'Double press', title: 'Assistance: two presses' },
  { name: 'okay', label: 'Single press', title: 'Okay: one press' },
  { name: 'test', label: 'Four presses', title: 'The test of a shift: four single presses, one a second' },
  { name: 'cancel', label: 'Cancel', title: 'In an alarm: a rest, three presses and a hold of two seconds' },
  { name: 'duress', label: 'Duress', title: 'In an alarm: a rest, two presses and a hold of two seconds' },
]

function Gestures({ pendant: { id }, run }: PartProps) {
  return (
    <fieldset class="gestures">
      <legend class="faint">Or play on the button</legend>
      {GESTURES.map(({ name, label, title }) => (
        <button
          key={name}
          type="button"
          title={title}
          data-testid={`gesture-${name}`}
          onClick={() => run(post(`pendants/${id}/gesture`, { gesture: name }))}
        >
          {label}
        </button>
      ))}
    </fieldset>
  )
}

function Log({ log }: Pick<PendantView, 'log'>) {
  return (
    <details>
      <summary>Firmware console ({log.length})</summary>
      <pre class="log" data-testid="log">
        {log.join('\n')}
      </pre>
    </details>
  )
}
