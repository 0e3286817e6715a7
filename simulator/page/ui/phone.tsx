// The telephone at 5150: it rings, is answered or not, hears the announcement, and has keys.
import { useEffect, useMemo } from 'preact/hooks'
import type { PhoneCall, PhoneMode } from '../../ports.ts'
import type { PhoneView } from '../building.ts'
import { post } from './act.ts'
import { openBell } from './ring.ts'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

const MODES: Record<PhoneMode, string> = {
  manual: 'Rings',
  answer: 'Answers itself',
  busy: 'Is busy',
  silent: 'Never answers',
  down: 'Unplugged',
}

type PhoneProps = { phone: PhoneView; nowMs: number; run(action: Promise<void>): void }

export function Phone({ phone, nowMs, run }: PhoneProps) {
  const ringing = phone.calls.find(({ state }) => state === 'ringing')
  const talking = phone.calls.find(({ state }) => state === 'talking')
  useBell(ringing !== undefined && talking === undefined)
  const state = talking !== undefined ? 'talking' : ringing !== undefined ? 'ringing' : 'idle'
  return (
    <section class="panel phone" data-testid="phone" data-state={state} data-mode={phone.mode}>
      <div class="phone-top">
        <h2>{phone.extension}</h2>
        <label>
          <span class="faint">When called</span>
          <select
            data-testid="phone-mode"
            value={phone.mode}
            onChange={event => run(post('phone/mode', { mode: event.currentTarget.value }))}
          >
            {Object.entries(MODES).map(([mode, words]) => (
              <option key={mode} value={mode}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Display phone={phone} ringing={ringing} talking={talking} nowMs={nowMs} />
      <div class="phone-calls">
        <button
          type="button"
          class="big big-answer"
          data-testid="answer"
          disabled={ringing === undefined}
          onClick={() => run(post('phone/answer', {}))}
        >
          Answer
        </button>
        <button
          type="button"
          class="big big-hang-up"
          data-testid="hang-up"
          disabled={ringing === undefined && talking === undefined}
          onClick={() => run(post('phone/hang-up', {}))}
        >
          Hang up
        </button>
      </div>
      <div class="keypad">
        {KEYS.map(key => (
          <button
            key={key}
            type="button"
            data-testid={`key-${key}`}
            disabled={talking === undefined}
            onClick={() => run(post('phone/press', { key }))}
          >
            {key}
          </button>
        ))}
      </div>
      <History calls={phone.calls} />
    </section>
  )
}

type DisplayProps = {
  phone: PhoneView
  ringing: PhoneCall | undefined
  talking: PhoneCall | undefined
  nowMs: number
}

function Display({ phone, ringing, talking, nowMs }: DisplayProps) {
  const seconds = (sinceMs: number): string => `${Math.max(0, Math.round((nowMs - sinceMs) / 1000))} s`
  return (
    <output class="phone-display" data-testid="phone-display">
      {talking !== undefined ? (
        <>
          <b>{talking.from}</b>
          <span>
            On the line {seconds(talking.answeredAtMs ?? talking.invitedAtMs)}, hearing{' '}
            {talking.heardSeconds.toFixed(0)} s of sound
          </span>
          {talking.keys !== '' && <span>Pressed {talking.keys}</span>}
        </>
      ) : ringing !== undefined ? (
        <>
          <b>{ringing.from}</b>
          <span>Ringing {seconds(ringing.invitedAtMs)}</span>
        </>
      ) : (
        <span>{phone.mode === 'down' ? 'Unplugged' : 'On the hook'}</span>
      )}
    </output>
  )
}

function History({ calls }: { calls: readonly PhoneCall[] }) {
  const ended = calls.filter(({ state }) => state === 'ended').reverse()
  if (ended.length === 0) return null
  return (
    <details open>
      <summary>Calls so far ({ended.length})</summary>
      <ol class="calls" data-testid="calls">
        {ended.map(({ id, from, invitedAtMs, answeredAtMs, keys, heardSeconds }) => (
          <li key={id}>
            <time>{new Date(invitedAtMs).toLocaleTimeString('en-GB')}</time> {from}{' '}
            <span class="faint">
              {answeredAtMs === undefined
                ? 'not answered'
                : `answered, heard ${heardSeconds.toFixed(0)} s${keys === '' ? '' : `, pressed ${keys}`}`}
            </span>
          </li>
        ))}
      </ol>
    </details>
  )
}

/** Rings aloud where the browser allows it: after the first click anywhere on the page. */
function useBell(isRinging: boolean): void {
  const bell = useMemo(openBell, [])
  useEffect(() => {
    addEventListener('pointerdown', bell.allow)
    return () => removeEventListener('pointerdown', bell.allow)
  }, [bell])
  useEffect(() => {
    bell.ring(isRinging)
    document.body.dataset.ringing = String(isRinging)
  }, [bell, isRinging])
}
