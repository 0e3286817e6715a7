// A receiver on a real radio: what the radio hears goes to the gateway, what the gateway orders goes on the air, and how the radio is
// stands in every heartbeat, at once where it changes.
import { type RadioKind, REASON_LENGTH_MAX } from '../../schemas/report.ts'
import type { Log } from '../ports.ts'
import type { Radio, RadioState } from './radio.ts'
import { createReceiver, type Online, type Receiver, type ReceiverOptions } from './receiver.ts'

export type OnRadioOptions = Omit<ReceiverOptions, 'broadcast'> & { radio: Radio; log: Log }

/** What the desk is told until the radio has said anything. */
const STARTING = { radio: 'starting', radioWhy: 'its radio has not answered yet' } as const

export function receiverOnRadio({ radio, log, more, ...options }: OnRadioOptions): Receiver {
  let now: Pick<Online, 'radio' | 'radioWhy'> = STARTING
  const receiver = createReceiver({
    ...options,
    broadcast: radio.broadcast,
    more: () => ({ ...now, dropped: radio.counters().dropped, ...more?.() }),
  })
  radio.onReport(receiver.hear)
  radio.onState(state => {
    const isWell = toldKind(state) === 'listening'
    const say = isWell ? log.info.bind(log) : log.warn.bind(log)
    say({ receiver: options.id, radio: state.kind, why: state.why }, `the radio: ${state.kind}`)
    now = told(state)
    receiver.say()
  })
  return receiver
}

/** Once it has recovered it listens; what it recovered from stands in the log. */
const toldKind = ({ kind }: RadioState): RadioKind => (kind === 'recovered' ? 'listening' : kind)

function told(state: RadioState): Pick<Online, 'radio' | 'radioWhy'> {
  const radio = toldKind(state)
  return radio === 'listening' ? { radio } : { radio, radioWhy: state.why.slice(0, REASON_LENGTH_MAX) }
}
