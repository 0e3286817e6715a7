// In: what a receiver says of itself. Out: that it is there or not, how its radio and its disk are, and what it heard.
import type { ReceiverStatusEvent } from '../../../ports.ts'
import { saysKey } from '../../hearing/receivers/receiver.ts'
import type { Change } from '../../plan/change.ts'
import type { RadioFault, ReceiverSays } from '../../plan/facts.ts'
import { technicalRaised } from '../../plan/fault-words.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'
import { receiverSaid } from '../watching/supervision.ts'

export function decideReceiver(state: State, event: ReceiverStatusEvent, nowMs: number): Decision {
  const { receiver, status } = event
  // Taken out of the site while it was connected: its last word is about nothing here.
  if (!state.plan.receivers.has(receiver)) return nothing()
  const isOnline = status.status === 'online'
  const edition = 'journal' in status ? status.journal?.edition : undefined
  return {
    ...nothing(),
    changes: [
      ...receiverSaid(state, receiver, isOnline, nowMs),
      ...(isOnline ? faultChanges(state, receiver, faultsIn(status)) : []),
    ],
    observations: [
      {
        is: 'receiver',
        receiver,
        isOnline,
        heard: countIn(status),
        radio: radioFaultIn(status),
        atMs: nowMs,
      },
      ...(edition === undefined ? [] : [{ is: 'edition' as const, edition }]),
    ],
  }
}

type Status = ReceiverStatusEvent['status']

const countIn = (status: Status): number | null => ('heard' in status ? (status.heard ?? null) : null)

/** One that cannot broadcast hears all the same. */
function radioFaultIn(status: Status): RadioFault | null {
  if (!('radio' in status)) return null
  const { radio: is, radioWhy: why = '' } = status
  return is === undefined || is === 'listening' || is === 'mute' ? null : { is, why }
}

/** What else does not work; null where it does. */
function faultsIn(status: Status): Record<ReceiverSays, string | null> {
  const isMute = 'radio' in status && status.radio === 'mute'
  const { fault = null, unread = null } = ('spool' in status ? status.spool : undefined) ?? {}
  return { mute: isMute ? (status.radioWhy ?? '') : null, spool: fault, unread }
}

/** Raised once each, whatever words the receiver finds next, and mended when it says nothing of it any more. */
function faultChanges(
  { technical, plan }: State,
  receiver: string,
  faults: Record<ReceiverSays, string | null>,
): Change[] {
  return (['mute', 'spool', 'unread'] as const).flatMap((what): Change[] => {
    const key = saysKey(what, receiver)
    const why = faults[what]
    if (why === null) return technical.has(key) ? [{ is: 'technical-mended', key }] : []
    return technical.has(key)
      ? []
      : [technicalRaised(plan, key, { of: 'receiver-says', receiver, what, why })]
  })
}
