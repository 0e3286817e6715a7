// In: the message that a frame was just sealed from. Out: the messages that will most likely be sealed next: after an idle
// frame the next idle one, a pulled cord and a held button, each for the next two counters, so that whichever comes, and
// whenever, an alarm is ready. For boards whose AES is slow; the others do without this file.
import {
  BUTTON_LONG,
  BUTTON_NONE,
  COUNTER_BYTES,
  FLAG_CORD_PARTED,
  KIND_BUTTON,
  KIND_CORD,
} from '../../schemas/frame.ts'
import { numberAfter } from '../storage/mark.ts'
import { COUNTER_AT, PACKET_ID_AT, TEXT_AT } from './seal.ts'

/** Places in the text of a frame. */
const BUTTON_AT = TEXT_AT + 5
const KIND_AT = TEXT_AT + 8
const NUMBER_AT = TEXT_AT + 9
const FLAGS_AT = TEXT_AT + 10

export const isIdle = (mac: Uint8Array): boolean =>
  ((mac[KIND_AT] as number) & 15) === 0 && mac[BUTTON_AT] === BUTTON_NONE

/** The same under the next counter; what is idle or begins has another packet id too. */
export const after = (mac: Uint8Array): Uint8Array => {
  const next = new Uint8Array(mac)
  let i = COUNTER_AT
  next[i] = ((next[i] as number) + 1) & 0xff
  while (next[i] === 0 && i < COUNTER_AT + COUNTER_BYTES - 1) {
    i++
    next[i] = ((next[i] as number) + 1) & 0xff
  }
  if (isIdle(mac)) next[PACKET_ID_AT] = ((next[PACKET_ID_AT] as number) + 1) & 0xff
  return next
}

const alarm = (idle: Uint8Array, kind: number, flags: number): Uint8Array => {
  const mac = new Uint8Array(idle)
  mac[BUTTON_AT] = BUTTON_LONG
  mac[KIND_AT] = (mac[KIND_AT] as number) | kind
  mac[NUMBER_AT] = numberAfter(mac[NUMBER_AT] as number)
  mac[FLAGS_AT] = (mac[FLAGS_AT] as number) | flags
  return mac
}

/** What may be sealed under the counter of `next`: that, and after an idle one an alarm in its place. */
export const insteadOf = (next: Uint8Array): Uint8Array[] =>
  isIdle(next) ? [next, alarm(next, KIND_CORD, FLAG_CORD_PARTED), alarm(next, KIND_BUTTON, 0)] : [next]
