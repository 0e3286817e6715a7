// The telephone at 5150: it rings, is answered or not, hears the announcement aloud and in words, and has keys. Several calls
// at once are several, each with its own buttons.
import { useEffect, useMemo } from 'preact/hooks'
import type { PhoneMode } from '../../../ports.ts'
import type { CallView, PhoneView } from '../../building.ts'
import { post } from '../act.ts'
import { openBell } from '../ring.ts'
import { HeardCall, soundOf } from './heard.tsx'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

const MODES: Record<PhoneMode, string> = {
  manual: 'Rings',
  answer: 'Answers itself',
  busy: 'Is busy',
  silent: 'Never answers',
  down: 'Unplugged',
}

type Run = { run(action: Promise<void>): void }
type PhoneProps = Run & { phone: PhoneView; nowMs: number }

export function Phone({ phone, nowMs, run }: PhoneProps) {
  const live = phone.calls.filter(({ state }) => state !== 'ended')
  const ringing = live.filter(({ state }) => state === 'ringing').length
  const talking = live.filter(({ state }) => state === 'talking')
  const isTalking = talking.length > 0
  // A telephone has one keypad: where two calls are up it belongs to the newer one, as in the simulator.
  const keyed = talking.length > 1 ? talking.at(-1) : undefined
  useBell(ringing > 0 && !isTalking)
  const state = isTalking ? 'talking' : ringing > 0 ? 'ringing' : 'idle'
  return (
    <section
      class="panel phone"
      data-testid="phone"
      data-state={state}
      data-mode={phone.mode}
      aria-labelledby="phone-name"
    >
      <div class="phone-top">
        <h2 id="phone-name">
          <small>Telephone</small> {phone.extension}
        </h2>
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
      {live.length > 1 && (
        <p class="several" role="status" data-testid="several">
          <b>{live.length} calls at once</b>
          {ringing > 0 && `, ${ringing} of them ringing`}
        </p>
      )}
      <ol class="live-calls">
        {live.length === 0 ? (
          <Hook words={phone.mode === 'down' ? 'Unplugged' : 'On the hook'} />
        ) : (
          live.map(call => (
            <LiveCall key={call.id} call={call} hasKeys={call.id === keyed?.id} nowMs={nowMs} run={run} />
          ))
        )}
      </ol>
      <div class="keypad">
        {KEYS.map(key => (
          <button
            key={key}
            type="button"
            data-testid={`key-${key}`}
            disabled={!isTalking}
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

/** The same place and size as a call has, so that no button moves when one comes. */
function Hook({ words }: { words: string }) {
  return (
    <li class="live-call">
      <output class="phone-display" data-testid="phone-display">
        <span>{words}</span>
      </output>
      <div class="phone-calls">
        <button type="button" class="big big-answer" data-testid="answer" disabled>
          Answer
        </button>
        <button type="button" class="big big-hang-up" data-testid="hang-up" disabled>
          Hang up
        </button>
      </div>
    </li>
  )
}

type LiveCallProps = Run & { call: CallView; hasKeys: boolean; nowMs: number }

function LiveCall({ call, hasKeys, nowMs, run }: LiveCallProps) {
  const { id, from, state, said, keys, invitedAtMs, answeredAtMs, heardSeconds } = call
  const seconds = (sinceMs: number): string => `${Math.max(0, Math.round((nowMs - sinceMs) / 1000))} s`
  const isRinging = state === 'ringing'
  return (
    <li class="live-call" data-testid="live-call" data-call={id} data-state={state}>
      <output class="phone-display" data-testid="phone-display">
        <b>{from}</b>
        {isRinging ? (
          <span>Ringing {seconds(invitedAtMs)}</span>
        ) : (
          <span>
            On the line {seconds(answeredAtMs ?? invitedAtMs)}, hearing {heardSeconds.toFixed(0)} s of sound
          </span>
        )}
        {keys !== '' && <span>Pressed {keys}</span>}
        {hasKeys && <b data-testid="has-keys">The keys below go to this call</b>}
        {!isRinging && said !== undefined && (
          <q class="said" data-testid="said">
            {said}
          </q>
        )}
      </output>
      {!isRinging && <HeardCall call={id} heardSeconds={heardSeconds} />}
      <div class="phone-calls">
        <button
          type="button"
          class="big big-answer"
          data-testid="answer"
          disabled={!isRinging}
          onClick={() => run(post('phone/answer', { call: id }))}
        >
          Answer
        </button>
        <button
          type="button"
          class="big big-hang-up"
          data-testid="hang-up"
          onClick={() => run(post('phone/hang-up', { call: id }))}
        >
          Hang up
        </button>
      </div>
    </li>
  )
}

function History({ calls }: { calls: readonly CallView[] }) {
  const ended = calls.filter(({ state }) => state === 'ended').reverse()
  if (ended.length === 0) return null
  return (
    <details open>
      <summary>Calls so far ({ended.length})</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <ol class="calls" data-testid="calls" tabIndex={0} aria-label="Calls so far">
        {ended.map(call => (
          <PastCall key={call.id} call={call} />
        ))}
      </ol>
    </details>
  )
}

function PastCall({ call }: { call: CallView }) {
  const { id, from, invitedAtMs, answeredAtMs, keys, heardSeconds, said } = call
  const wasHeard = answeredAtMs !== undefined && heardSeconds > 0
  return (
    <li data-testid="past-call">
      <time>{new Date(invitedAtMs).toLocaleTimeString('en-GB')}</time> {from}{' '}
      <span class="faint">
        {answeredAtMs === undefined
          ? 'not answered'
          : `answered, heard ${heardSeconds.toFixed(0)} s${keys === '' ? '' : `, pressed ${keys}`}`}
      </span>
      {wasHeard && said !== undefined && <q class="said">{said}</q>}
      {wasHeard && (
        // biome-ignore lint/a11y/useMediaCaption: the words stand beside it.
        <audio controls preload="none" src={soundOf(id)} aria-label={`What the call of ${from} said`} />
      )}
    </li>
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
