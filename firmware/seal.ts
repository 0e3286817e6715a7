// A bench on which up to sixteen bytes are sealed or opened by AES-128-CCM (M = 4, L = 2, no AAD, RFC 3610), built from one CBC
// and one ECB call because Puck.js has no CCM and its CTR ignores the initialisation vector. Its arrays are kept, so that
// the next frame changes a few bytes of the last.
import { COUNTER_BYTES, MIC_BYTES, NONCE_BYTES } from '../schemas/frame.ts'
import type { Aes } from './board.ts'

/** The longest text: one block. */
export const TEXT_BYTES_MAX = 16
/** RFC 3610 §2.2: no AAD, (M-2)/2 = 1 in bits 3-5, L-1 = 1 in bits 0-2. */
const B0_FLAGS = 0x09
/** RFC 3610 §2.3: L-1 alone. */
const A_FLAGS = 0x01

/** Where things stand among the bytes: B0 and the text (the MAC's blocks), A0 and A1 (the key stream's), what comes out. */
export const TEXT_AT = 16
export const STREAM_AT = 32
const OUT_AT = 64
const MIC_AT = 80
const BENCH_BYTES = 84
/** Of the nonce, after a block's flags; its last four bytes are the counter. */
const NONCE_AT = 1
export const COUNTER_AT = NONCE_AT + NONCE_BYTES - COUNTER_BYTES
const BLOCK = 16

export type Bench = {
  bytes: Uint8Array
  /** The sealed text, and its MIC, after `seal`. */
  out: Uint8Array
  mic: Uint8Array
  /** Sets the nonce, address(6) | two bytes of the UUID or company as sent | info | counter(4, little-endian), and the text. */
  lay(id: number, info: number, counter: number, text: ArrayLike<number>): void
  /** Seals what was laid. A nonce must never come twice with one key. */
  seal(): void
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
  const ahead = aes.ahead
  let length = 0
  bytes[0] = B0_FLAGS
  mac.set(address, NONCE_AT)
  bytes[STREAM_AT] = A_FLAGS
  bytes[STREAM_AT + BLOCK] = A_FLAGS
  bytes[STREAM_AT + 2 * BLOCK - 1] = 1

  const lay = (id: number, info: number, counter: number, text: ArrayLike<number>): void => {
    length = text.length
    bytes.fill(0, TEXT_AT, STREAM_AT)
    // By division, because `>>` would make a counter over 2^31 negative.
    mac.set(
      [
        id & 0xff,
        id >> 8,
        info,
        counter % 256,
        (counter / 256) & 0xff,
        (counter / 65536) & 0xff,
        Math.floor(counter / 16777216),
        0,
        length,
      ],
      NONCE_AT + 6,
    )
    mac.set(text, TEXT_AT)
    const nonce = mac.subarray(NONCE_AT, NONCE_AT + NONCE_BYTES)
    stream.set(nonce, NONCE_AT)
    stream.set(nonce, BLOCK + NONCE_AT)
  }

  const seal = (): void => {
    const macs = new Int32Array(aes.cbc(mac, key))
    const keys = new Int32Array(aes.ecb(stream, key))
    words[16] = (words[4] as number) ^ (keys[4] as number)
    words[17] = (words[5] as number) ^ (keys[5] as number)
    words[18] = (words[6] as number) ^ (keys[6] as number)
    words[19] = (words[7] as number) ^ (keys[7] as number)
    words[20] = (macs[4] as number) ^ (keys[0] as number)
  }

  const open = (given: Uint8Array): boolean => {
    // Sealing it once more gives the plain text, and sealing that gives the MIC to compare with.
    seal()
    mac.set(out.subarray(0, length), TEXT_AT)
    seal()
    let difference = 0
    for (let i = 0; i < MIC_BYTES; i++) difference |= (mic[i] as number) ^ (given[i] as number)
    return difference === 0
  }

  return {
    bytes: bytes,
    out: out,
    mic: mic,
    lay: lay,
    seal: seal,
    open: open,
    ahead: ahead === undefined ? null : () => ahead(mac, stream, key),
  }
}
