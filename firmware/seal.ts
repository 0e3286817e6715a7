// In: a key, a nonce and a few bytes. Out: them sealed or opened by AES-128-CCM (M = 4, L = 2, no AAD, RFC 3610),
// built from one CBC and one ECB call because Puck.js has no CCM and its CTR ignores the initialisation vector.
import { MIC_BYTES, NONCE_BYTES } from '../schemas/frame.ts'
import type { Aes } from './board.ts'

const BLOCK = 16
/** RFC 3610 §2.2: no AAD, (M-2)/2 = 1 in bits 3-5, L-1 = 1 in bits 0-2. */
const B0_FLAGS = 0x09
/** RFC 3610 §2.3: L-1 alone. */
const A_FLAGS = 0x01

const blocksOf = (bytes: number): number => Math.ceil(bytes / BLOCK)

/** B0 and the padded text. */
export const macBlocks = (nonce: Uint8Array, plain: Uint8Array): Uint8Array => {
  const blocks = new Uint8Array((1 + blocksOf(plain.length)) * BLOCK)
  blocks[0] = B0_FLAGS
  blocks.set(nonce, 1)
  blocks[NONCE_BYTES + 1] = plain.length >> 8
  blocks[NONCE_BYTES + 2] = plain.length & 0xff
  blocks.set(plain, BLOCK)
  return blocks
}

/** The last block of CBC over them. */
const macOf = (aes: Aes, key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array => {
  const mac = aes.cbc(macBlocks(nonce, plain), key)
  return mac.subarray(mac.length - BLOCK)
}

/** What the key stream is made of: block 0 hides the MIC, the others the text. */
export const streamBlocks = (nonce: Uint8Array, bytes: number): Uint8Array => {
  const blocks = new Uint8Array((1 + blocksOf(bytes)) * BLOCK)
  for (let i = 0; i < blocks.length; i += BLOCK) {
    blocks[i] = A_FLAGS
    blocks.set(nonce, i + 1)
    blocks[i + BLOCK - 1] = i / BLOCK
  }
  return blocks
}

const streamOf = (aes: Aes, key: Uint8Array, nonce: Uint8Array, bytes: number): Uint8Array =>
  aes.ecb(streamBlocks(nonce, bytes), key)

export type Sealed = { data: Uint8Array; mic: Uint8Array }

/** `bytes` of a, each XORed with the one of b at `bAt` and on. */
const xor = (a: Uint8Array, b: Uint8Array, bAt: number, bytes: number): Uint8Array => {
  const out = new Uint8Array(bytes)
  for (let i = 0; i < bytes; i++) out[i] = (a[i] as number) ^ (b[bAt + i] as number)
  return out
}

/** Seals up to 255 blocks. `nonce` is 13 bytes and must never come twice with one key. */
export const seal = (aes: Aes, key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Sealed => {
  const mac = macOf(aes, key, nonce, plain)
  const stream = streamOf(aes, key, nonce, plain.length)
  return { data: xor(plain, stream, BLOCK, plain.length), mic: xor(mac, stream, 0, MIC_BYTES) }
}

/** The plain bytes, or null where the MIC is wrong. */
export const open = (aes: Aes, key: Uint8Array, nonce: Uint8Array, sealed: Sealed): Uint8Array | null => {
  const stream = streamOf(aes, key, nonce, sealed.data.length)
  const plain = xor(sealed.data, stream, BLOCK, sealed.data.length)
  const mic = xor(macOf(aes, key, nonce, plain), stream, 0, MIC_BYTES)
  let difference = 0
  for (let i = 0; i < MIC_BYTES; i++) difference |= (mic[i] as number) ^ (sealed.mic[i] as number)
  return difference === 0 ? plain : null
}
