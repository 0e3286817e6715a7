// In: what a pendant has to say. Out: the bytes of its advertisement, flags first, then BTHome v2 service data, sealed
// where there is a key. Builds bytes only; the radio is the board's.
import {
  AD_SERVICE_DATA,
  ALARM_LENGTH,
  ALARM_VERSION,
  BTHOME_UUID,
  COUNTER_BYTES,
  INFO_PLAIN_TRIGGER,
  INFO_SEALED_TRIGGER,
  MIC_BYTES,
  NONCE_BYTES,
  OBJECT_BATTERY,
  OBJECT_BUTTON,
  OBJECT_PACKET_ID,
  OBJECT_RAW,
} from '../schemas/frame.ts'
import type { Aes } from './board.ts'
import { seal } from './seal.ts'

/** `button` is a BTHome event, `kind` and `flags` are those of the alarm object; all are one byte. */
export type Frame = {
  packetId: number
  battery: number
  button: number
  kind: number
  number: number
  flags: number
}

/** AD flags: LE general discoverable, BR/EDR not supported; BlueZ leaves out passive reports that lack them. */
const FLAGS = [0x02, 0x01, 0x06]
const ADDRESS_BYTES = 6

/** The BTHome objects in ascending order of id: 11 bytes. */
export const plaintext = (frame: Frame): Uint8Array =>
  new Uint8Array([
    OBJECT_PACKET_ID,
    frame.packetId,
    OBJECT_BATTERY,
    frame.battery,
    OBJECT_BUTTON,
    frame.button,
    OBJECT_RAW,
    ALARM_LENGTH,
    (ALARM_VERSION << 4) | frame.kind,
    frame.number,
    frame.flags,
  ])

/** Writes a counter little-endian; by division, because `>>` would make a counter over 2^31 negative. */
export const putCounter = (bytes: Uint8Array, at: number, counter: number): void => {
  let rest = counter
  for (let i = 0; i < COUNTER_BYTES; i++) {
    bytes[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
}

/** address(6, as printed) | two bytes of the UUID or company as sent | info | counter(4, little-endian). */
export const nonceOf = (address: number[], id: number, info: number, counter: number): Uint8Array => {
  const nonce = new Uint8Array(NONCE_BYTES)
  nonce.set(address, 0)
  nonce[ADDRESS_BYTES] = id & 0xff
  nonce[ADDRESS_BYTES + 1] = id >> 8
  nonce[ADDRESS_BYTES + 2] = info
  putCounter(nonce, ADDRESS_BYTES + 3, counter)
  return nonce
}

/** Service data after the UUID: info | sealed objects | counter | MIC. */
export const sealedData = (
  aes: Aes,
  key: Uint8Array,
  address: number[],
  info: number,
  counter: number,
  plain: Uint8Array,
): Uint8Array => {
  const sealed = seal(aes, key, nonceOf(address, BTHOME_UUID, info, counter), plain)
  const data = new Uint8Array(1 + plain.length + COUNTER_BYTES + MIC_BYTES)
  data[0] = info
  data.set(sealed.data, 1)
  putCounter(data, 1 + plain.length, counter)
  data.set(sealed.mic, 1 + plain.length + COUNTER_BYTES)
  return data
}

/** Service data without a seal, for a pendant that has no key: better heard and doubted than mute. */
export const plainData = (plain: Uint8Array): Uint8Array => {
  const data = new Uint8Array(1 + plain.length)
  data[0] = INFO_PLAIN_TRIGGER
  data.set(plain, 1)
  return data
}

const advertisementOf = (serviceData: Uint8Array): Uint8Array => {
  const header = FLAGS.concat([serviceData.length + 3, AD_SERVICE_DATA, BTHOME_UUID & 0xff, BTHOME_UUID >> 8])
  const bytes = new Uint8Array(header.length + serviceData.length)
  bytes.set(header, 0)
  bytes.set(serviceData, header.length)
  return bytes
}

/** The whole advertising data of a frame, 27 bytes sealed. */
export const advertisement = (
  aes: Aes,
  key: Uint8Array | null,
  address: number[],
  counter: number,
  frame: Frame,
): Uint8Array => {
  const plain = plaintext(frame)
  if (key === null) return advertisementOf(plainData(plain))
  const sealed = sealedData(aes, key, address, INFO_SEALED_TRIGGER, counter, plain)
  if (aes.ahead !== undefined) aes.ahead(key, address, counter, frame)
  return advertisementOf(sealed)
}
