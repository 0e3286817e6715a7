// In: the message that a frame was just sealed from. Out: the messages that will most likely be sealed next: the next one of
// the same kind, a pulled cord and a held button, each for the next two counters, so that whatever is sent, and whenever the
// hand moves, an alarm is ready. For boards whose AES is slow; the others do without this file.
import {
  ALARM_VERSION,
  BUTTON_LONG,
  COUNTER_BYTES,
  FLAG_CORD_PARTED,
  FLAG_TOLD,
  KIND_BUTTON,
  KIND_CORD,
  KIND_IDLE,
} from '../../schemas/frame.ts'
import { numberAfter } from '../storage/mark.ts'
import { COUNTER_AT, PACKET_ID_AT, TEXT_AT } from './seal.ts'

/** Places in the text of a frame. */
const BUTTON_AT = TEXT_AT + 5
const KIND_AT = TEXT_AT + 8
const NUMBER_AT = TEXT_AT + 9
const FLAGS_AT = TEXT_AT + 10

const isIdle = (mac: Uint8Array): boolean => ((mac[KIND_AT] as number) & 15) === KIND_IDLE

/** The same under the next counter; what is idle has another packet id too. A byte of an array goes round by itself. */
export const after = (mac: Uint8Array): Uint8Array => {
  const next = new Uint8Array(mac)
  let i = COUNTER_AT
  next[i] = (next[i] as number) + 1
  while (next[i] === 0 && i < COUNTER_AT + COUNTER_BYTES - 1) {
    i++
    next[i] = (next[i] as number) + 1
  }
  if (isIdle(mac)) next[PACKET_ID_AT] = (next[PACKET_ID_AT] as number) + 1
  return next
}

/** An alarm that begins in place of `next`: nobody was told of it, and its packet id is one that nothing had. */
const alarm = (next: Uint8Array, kind: number, flags: number): Uint8Array => {
  const mac = new Uint8Array(next)
  mac[BUTTON_AT] = BUTTON_LONG
  mac[KIND_AT] = (ALARM_VERSION << 4) | kind
  mac[NUMBER_AT] = numberAfter(mac[NUMBER_AT] as number)
  mac[FLAGS_AT] = ((mac[FLAGS_AT] as number) & ~FLAG_TOLD) | flags
  if (!isIdle(next)) mac[PACKET_ID_AT] = (mac[PACKET_ID_AT] as number) + 1
  return mac
}

/** What may be sealed under the counter of `next`: that, or an alarm in its place. */
export const insteadOf = (next: Uint8Array): Uint8Array[] => [
  next,
  alarm(next, KIND_CORD, FLAG_CORD_PARTED),
  alarm(next, KIND_BUTTON, 0),
]
