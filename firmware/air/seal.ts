// A bench on which up to sixteen bytes are sealed or opened by AES-128-CCM (M = 4, L = 2, no AAD, RFC 3610), built from one CBC
// and one ECB call because Puck.js has no CCM and its CTR ignores the initialisation vector. Its arrays are kept, so that
// the next frame changes a few bytes of the last; and what is sealed comes out where it stands in a frame.
import { COUNTER_BYTES, MIC_BYTES, NONCE_BYTES } from '../../schemas/frame.ts'
import type { Aes } from '../board.ts'

/** The BTHome objects of a frame. */
export const FRAME_TEXT_BYTES = 11
/** The longest text: one block. */
export const TEXT_BYTES_MAX = 16
/** RFC 3610 §2.2: no AAD, (M-2)/2 = 1 in bits 3-5, L-1 = 1 in bits 0-2. */
const B0_FLAGS = 0x09
/** RFC 3610 §2.3: L-1 alone. */
export const A_FLAGS = 0x01

/**
 * Where things stand among the bytes: B0 and the text (the MAC's blocks), A0 and A1 (the key stream's), a frame with eight
 * bytes before its sealed text, and by itself, because there it would not be a whole word, the MIC.
 */
export const TEXT_AT = 16
export const STREAM_AT = 32
const AIR_AT = 64
const OUT_AT = 72
/** Behind the text stand the counter and the MIC. */
const COUNTER_IN_AIR = OUT_AT + FRAME_TEXT_BYTES
const MIC_IN_AIR = COUNTER_IN_AIR + COUNTER_BYTES
export const FRAME_BYTES = MIC_IN_AIR + MIC_BYTES - AIR_AT
export const PACKET_ID_AT = TEXT_AT + 1
const MIC_AT = 92
const BENCH_BYTES = 96
/** Of the nonce, after a block's flags; its last four bytes are the counter. */
export const NONCE_AT = 1
export const COUNTER_AT = NONCE_AT + NONCE_BYTES - COUNTER_BYTES
const BLOCK = 16

export type Bench = {
  bytes: Uint8Array
  /** A whole frame, around the sealed text, which is as long as ours; opening leaves it as it was. */
  air: Uint8Array
  /** The sealed text, and its MIC, after `seal`. */
  out: Uint8Array
  mic: Uint8Array
  /** Sets the nonce, address(6) | two bytes of the UUID or company as sent | info | counter(4, little-endian), and the text. */
  lay(id: number, info: number, counter: number, text: ArrayLike<number>): void
  /** Seals what was laid. A nonce must never come twice with one key. */
  seal(): void
  /**
   * The heartbeat: seals the frame that was sealed last, all but the second byte of its text (the packet id) and the lowest
   * of its counter, which are given. The answer is the whole frame. As `seal`, but what it calls itself costs it time.
   */
  again(packetId: number, low: number): Uint8Array
  /** Opens what was laid as if it were plain, in place; false where the MIC is another, and then nothing of it may be used. */
  open(mic: Uint8Array): boolean
  /** Where AES is slow: tells it what was sealed, so that it can work ahead. */
  ahead: (() => void) | null
}

/** A bench for one key and one address, six bytes as printed. */
export const benchOf = (aes: Aes, key: Uint8Array, address: ArrayLike<number>): Bench => {
  const bytes = new Uint8Array(BENCH_BYTES)
  // Words XOR four bytes at once, and signed, as `^` has them; in which order the chip keeps a word's bytes cancels out.
  const words = new Int32Array(bytes.buffer)
  const mac = new Uint8Array(bytes.buffer, 0, 2 * BLOCK)
  const stream = new Uint8Array(bytes.buffer, STREAM_AT, 2 * BLOCK)
  const out = new Uint8Array(bytes.buffer, OUT_AT, TEXT_BYTES_MAX)
  const mic = new Uint8Array(bytes.buffer, MIC_AT, MIC_BYTES)
  const air = new Uint8Array(bytes.buffer, AIR_AT, FRAME_BYTES)
  // By itself, because the chip finds a name of ours sooner than a member of its own.
  const encrypt = aes.encrypt
  const ahead = aes.ahead
  const inEcb = { mode: 'ECB' } as const
  const nonce = mac.subarray(NONCE_AT, NONCE_AT + NONCE_BYTES)
  let length = 0
  bytes[0] = B0_FLAGS
  mac.set(address, NONCE_AT)
  bytes[STREAM_AT] = A_FLAGS
  bytes[STREAM_AT + BLOCK] = A_FLAGS
  bytes[STREAM_AT + 2 * BLOCK - 1] = 1

  const lay = (id: number, info: number, counter: number, text: ArrayLike<number>): void => {
    // Of a text of the same length nothing is left that is not written over.
    if (text.length !== length) bytes.fill(0, TEXT_AT, STREAM_AT)
    length = text.length
    // By division, because `>>` would make a counter over 2^31 negative.
    mac.set(
      [
        id & 0xff,
        id >> 8,
        info,
        counter % 256,
        (counter / 256) & 0xff,
        (counter / 65536) & 0xff,
        // A byte array leaves the fraction away.
        counter / 16777216,
        0,
        length,
      ],
      NONCE_AT + 6,
    )
    mac.set(text, TEXT_AT)
    stream.set(nonce, NONCE_AT)
    stream.set(nonce, BLOCK + NONCE_AT)
  }

  const seal = (): void => {
    const macs = new Int32Array(encrypt(mac, key))
    const keys = new Int32Array(encrypt(stream, key, inEcb))
    words[18] = (words[4] as number) ^ (keys[4] as number)
    words[19] = (words[5] as number) ^ (keys[5] as number)
    words[20] = (words[6] as number) ^ (keys[6] as number)
    // In a frame other things stand there.
    if (length > 12) words[21] = (words[7] as number) ^ (keys[7] as number)
    words[23] = (macs[4] as number) ^ (keys[0] as number)
  }

  const again = (packetId: number, low: number): Uint8Array => {
    bytes[PACKET_ID_AT] = packetId
    bytes[COUNTER_AT] = low
    bytes[STREAM_AT + COUNTER_AT] = low
    bytes[STREAM_AT + BLOCK + COUNTER_AT] = low
    const macs = new Int32Array(encrypt(mac, key))
    const keys = new Int32Array(encrypt(stream, key, inEcb))
    words[18] = (words[4] as number) ^ (keys[4] as number)
    words[19] = (words[5] as number) ^ (keys[5] as number)
    words[20] = (words[6] as number) ^ (keys[6] as number)
    words[23] = (macs[4] as number) ^ (keys[0] as number)
    bytes[COUNTER_IN_AIR] = low
    bytes.set(mic, MIC_IN_AIR)
    return air
  }

  const open = (given: Uint8Array): boolean => {
    // The chip may look again at the frame that it was given.
    const aired = new Uint8Array(air)
    // Sealing it once more gives the plain text, and sealing that gives the MIC to compare with.
    seal()
    mac.set(out.subarray(0, length), TEXT_AT)
    seal()
    air.set(aired)
    let difference = 0
    for (let i = 0; i < MIC_BYTES; i++) difference |= (mic[i] as number) ^ (given[i] as number)
    return difference === 0
  }

  return {
    bytes: bytes,
    air: air,
    out: out,
    mic: mic,
    lay: lay,
    seal: seal,
    again: again,
    open: open,
    ahead: ahead === undefined ? null : () => ahead(mac),
  }
}
