// In: the idle frame just sealed. Out: what AES will be asked for next, should the cord part or the button be held before
// the next frame. For boards whose AES is slow; the others do without this file.
import { BUTTON_LONG, COUNTER_BYTES, FLAG_CORD_PARTED, KIND_BUTTON, KIND_CORD } from '../schemas/frame.ts'
import { numberAfter } from './mark.ts'
import { COUNTER_AT, TEXT_AT } from './seal.ts'

/** Blocks of key stream for ECB, and whole messages for CBC. */
export type Likely = { stream: Uint8Array; macs: Uint8Array[] }

const BLOCK = 16
/** Places in the text of a frame. */
const PACKET_ID_AT = TEXT_AT + 1
const BUTTON_AT = TEXT_AT + 5
const KIND_AT = TEXT_AT + 8
const NUMBER_AT = TEXT_AT + 9
const FLAGS_AT = TEXT_AT + 10

const copyOf = (blocks: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(blocks.length)
  copy.set(blocks)
  return copy
}

/** One more in the counter that stands at `at`, its lowest byte first. */
const countOn = (bytes: Uint8Array, at: number): void => {
  let i = at
  bytes[i] = ((bytes[i] as number) + 1) & 0xff
  while (bytes[i] === 0 && i < at + COUNTER_BYTES - 1) {
    i++
    bytes[i] = ((bytes[i] as number) + 1) & 0xff
  }
}

const alarmAfter = (idle: Uint8Array, kind: number, flags: number): Uint8Array => {
  const mac = copyOf(idle)
  countOn(mac, COUNTER_AT)
  mac[PACKET_ID_AT] = ((mac[PACKET_ID_AT] as number) + 1) & 0xff
  mac[BUTTON_AT] = BUTTON_LONG
  mac[KIND_AT] = (mac[KIND_AT] as number) | kind
  mac[NUMBER_AT] = numberAfter(mac[NUMBER_AT] as number)
  mac[FLAGS_AT] = (mac[FLAGS_AT] as number) | flags
  return mac
}

/** After an idle frame the next is most likely another, and must be fastest where it is an alarm; null after any other. */
export const likelyAfter = (mac: Uint8Array, stream: Uint8Array): Likely | null => {
  if (((mac[KIND_AT] as number) & 15) !== 0) return null
  const next = copyOf(stream)
  countOn(next, COUNTER_AT)
  countOn(next, BLOCK + COUNTER_AT)
  return {
    stream: next,
    macs: [alarmAfter(mac, KIND_CORD, FLAG_CORD_PARTED), alarmAfter(mac, KIND_BUTTON, 0)],
  }
}
