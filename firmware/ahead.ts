// In: the frame just sealed. Out: what AES will be asked for next, should the cord part or the button be held before the
// next frame. For boards whose AES is slow; the others do without this file.
import {
  BTHOME_UUID,
  BUTTON_LONG,
  FLAG_CORD_PARTED,
  INFO_SEALED_TRIGGER,
  KIND_BUTTON,
  KIND_CORD,
  KIND_IDLE,
} from '../schemas/frame.ts'
import { type Frame, nonceOf, plaintext } from './frame.ts'
import { macBlocks, streamBlocks } from './seal.ts'

/** Blocks of key stream for ECB, and whole messages for CBC. */
export type Likely = { stream: Uint8Array; macs: Uint8Array[] }

const alarmAfter = (idle: Frame, kind: number, flags: number): Uint8Array =>
  plaintext({
    packetId: (idle.packetId + 1) & 0xff,
    battery: idle.battery,
    button: BUTTON_LONG,
    kind: kind,
    number: idle.number >= 255 ? 1 : idle.number + 1,
    flags: idle.flags | flags,
  })

/** After an idle frame the next is most likely another, and must be fastest where it is an alarm; null after any other. */
export const likelyAfter = (address: number[], counter: number, idle: Frame): Likely | null => {
  if (idle.kind !== KIND_IDLE) return null
  const nonce = nonceOf(address, BTHOME_UUID, INFO_SEALED_TRIGGER, counter + 1)
  const cord = alarmAfter(idle, KIND_CORD, FLAG_CORD_PARTED)
  const button = alarmAfter(idle, KIND_BUTTON, 0)
  return {
    stream: streamBlocks(nonce, cord.length),
    macs: [macBlocks(nonce, cord), macBlocks(nonce, button)],
  }
}
