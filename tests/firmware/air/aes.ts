// The board's AES on node:crypto, for tests of what is built on it.
import { createCipheriv } from 'node:crypto'
import type { Aes } from '../../../firmware/board.ts'

const run = (name: string, iv: Uint8Array | null, blocks: Uint8Array, key: Uint8Array): ArrayBuffer =>
  Uint8Array.from(createCipheriv(name, key, iv).setAutoPadding(false).update(blocks)).buffer

export const aes: Aes = {
  encrypt: (blocks, key, options) =>
    options === undefined
      ? run('aes-128-cbc', new Uint8Array(16), blocks, key)
      : run('aes-128-ecb', null, blocks, key),
}

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
export const addressOf = (printed: string): number[] =>
  printed.split(':').map(pair => Number.parseInt(pair, 16))
