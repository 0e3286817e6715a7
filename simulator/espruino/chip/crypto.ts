// require("crypto") of Puck.js: AES on whole blocks by node:crypto, with the chip's own manners (no padding, CBC by
// default, complaints on the console and undefined instead of an exception). It has no CCM there, and neither has this.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { bytesOf } from '../bytes.ts'

const BLOCK = 16
const MODES = ['CBC', 'CFB', 'CTR', 'OFB', 'ECB']

type Options = { mode?: unknown; iv?: unknown }
type Crypt = (message: unknown, key: unknown, options?: Options) => ArrayBuffer | undefined

const cipherName = (key: Uint8Array, mode: string): string => `aes-${key.length * 8}-${mode.toLowerCase()}`

/** ECB leaves a last part of a block as zeros. */
const wholeBlocks = (message: Uint8Array, mode: string): Uint8Array =>
  mode === 'ECB' ? message.subarray(0, message.length - (message.length % BLOCK)) : message

/** The AES object; `complain` gets what the chip prints when it refuses. */
export const aesOf = (complain: (text: string) => void): { encrypt: Crypt; decrypt: Crypt } => {
  const crypt =
    (isEncrypting: boolean): Crypt =>
    (message, key, options = {}) => {
      const mode = options.mode === undefined ? 'CBC' : String(options.mode)
      if (!MODES.includes(mode)) throw new Error(`Unknown Crypto mode "${mode}"`)
      // The chip's CTR ignores `iv` and its CFB and OFB are not ours to guess: the firmware may use neither.
      if (mode !== 'CBC' && mode !== 'ECB')
        throw new Error(`the simulated chip has no AES ${mode}: use CBC or ECB`)
      const [data, secret] = [bytesOf(message), bytesOf(key)]
      if (![16, 24, 32].includes(secret.length)) return void complain('ERROR: Unknown error: -0x20')
      if (mode === 'CBC' && data.length % BLOCK !== 0) return void complain('ERROR: Invalid input length')
      const iv = mode === 'ECB' ? null : new Uint8Array(BLOCK)
      if (iv !== null && options.iv !== undefined) iv.set(bytesOf(options.iv).subarray(0, BLOCK))
      const make = isEncrypting ? createCipheriv : createDecipheriv
      const cipher = make(cipherName(secret, mode), secret, iv).setAutoPadding(false)
      const out = new Uint8Array(data.length)
      out.set(cipher.update(wholeBlocks(data, mode)))
      return out.buffer
    }
  return { encrypt: crypt(true), decrypt: crypt(false) }
}
