// The AES of a board that has none, and its memory: what the next frames will ask for is worked out while idle, so that an
// alarm finds it done. A nonce is never spent here: which of the frames made ready under one counter is the one that goes on
// the air, main and pendant say, and the others are forgotten.

import type { Aes } from '../board.ts'
import { type Lanes, type Look, lanesOf, scheduleOf, tablesOf, WORDS } from './aes.ts'
import { after, insteadOf } from './ahead.ts'
import { A_FLAGS } from './seal.ts'

const BLOCK = 16
/** So that what waits comes first. */
const REST_MS = 5
/** Once something has come between. */
const AGAIN_MS = 50

export type Outside = {
  look: Look
  /** Bytes as a text, by which they are found again. */
  named(bytes: Uint8Array): string
  /** Runs something once the chip is idle, after that many ms. */
  later(run: () => void, delayMs: number): void
  /** Cord and button as they are: where that changes, whatever is worked out ahead makes way. */
  hands(): number
}

/** What depends on a nonce alone: the key stream of its two blocks, and what B0 becomes. */
type Nonce = { name: string; keys: ArrayBufferLike; first: Int32Array }
/** A message under it, by its own bytes: B0 and the text; and the MAC's blocks. */
type Done = { nonce: Nonce; macs: ArrayBufferLike }
type Ready = { [message: string]: Done }

const nonceNamed = (nonces: readonly Nonce[], name: string): Nonce | null => {
  for (let i = 0; i < nonces.length; i++) {
    if ((nonces[i] as Nonce).name === name) return nonces[i] as Nonce
  }
  return null
}

/** What is ready under these nonces. */
const readyUnder = (nonces: readonly Nonce[], done: Ready): Ready => {
  const kept: Ready = {}
  for (const name of Object.keys(done)) {
    const each = done[name] as Done
    if (nonces.indexOf(each.nonce) >= 0) kept[name] = each
  }
  return kept
}

/** AES without a chip's help. */
export const softAes = (outside: Outside): Aes => {
  const tables = tablesOf()
  const one = lanesOf(outside.look, tables, 1)
  const three = lanesOf(outside.look, tables, 3)
  let keys: Int32Array[] = []
  let keysFor: Uint8Array | null = null
  let nonces: Nonce[] = []
  let done: Ready = {}
  /** The key stream of the message whose MAC was asked for last. */
  let stream: ArrayBufferLike | null = null
  /** The message that was sealed last; what may come next and after it; and what of one of them is yet to be made ready. */
  let sealed: Uint8Array | null = null
  let coming: Uint8Array[] = []
  let missing: Uint8Array[] = []
  let isWaiting = false
  let before = 0

  const isStopped = (): boolean => outside.hands() !== before

  const nonceOf = (message: Uint8Array): Nonce | null =>
    nonceNamed(nonces, outside.named(message.subarray(0, BLOCK)))

  /** B0, and A0 and A1 for the key stream [RFC 3610 2.3]. Null where it was stopped. */
  const open = (message: Uint8Array, stop: (() => boolean) | null): Nonce | null => {
    const blocks = three.blocks
    const b0 = message.subarray(0, BLOCK)
    for (let at = 0; at < 3 * BLOCK; at += BLOCK) blocks.set(b0, at)
    for (let at = BLOCK; at < 3 * BLOCK; at += BLOCK) {
      blocks[at] = A_FLAGS
      blocks[at + BLOCK - 1] = at === BLOCK ? 0 : 1
    }
    if (!three.run(keys, stop)) return null
    const nonce = {
      name: outside.named(b0),
      keys: new Int32Array(three.words.subarray(WORDS)).buffer,
      first: new Int32Array(three.words.subarray(0, WORDS)),
    }
    nonces.push(nonce)
    return nonce
  }

  /** The MACs of some messages of one nonce, at most three; each begins its buffer. False where it was stopped. */
  const finish = (nonce: Nonce, messages: readonly Uint8Array[], stop: (() => boolean) | null): boolean => {
    const lanes: Lanes = messages.length > 1 ? three : one
    const words = lanes.words
    const first = nonce.first
    for (let i = 0; i < messages.length; i++) {
      const text = new Int32Array((messages[i] as Uint8Array).buffer, BLOCK, WORDS)
      for (let j = 0; j < WORDS; j++) words[i * WORDS + j] = (first[j] as number) ^ (text[j] as number)
    }
    if (!lanes.run(keys, stop)) return false
    for (let i = 0; i < messages.length; i++) {
      const macs = new Int32Array(2 * WORDS)
      macs.set(first)
      macs.set(words.subarray(i * WORDS, (i + 1) * WORDS), WORDS)
      done[outside.named(messages[i] as Uint8Array)] = { nonce: nonce, macs: macs.buffer }
    }
    return true
  }

  /** What nothing was worked out for. */
  const now = (message: Uint8Array, name: string): Done => {
    finish(nonceOf(message) ?? (open(message, null) as Nonce), [message], null)
    return done[name] as Done
  }

  const rekey = (key: Uint8Array): void => {
    keys = scheduleOf(tables, key)
    keysFor = key
    nonces = []
    done = {}
  }

  /** Forgets what can come no more: frames that were not sent under counters that were. */
  const look = (message: Uint8Array): void => {
    const next = after(message)
    coming = [next, after(next)]
    missing = []
    const names = coming.map(each => outside.named(each.subarray(0, BLOCK)))
    nonces = nonces.filter(each => names.indexOf(each.name) >= 0)
    done = readyUnder(nonces, done)
  }

  /** One piece of work for what may follow, each short where no hand can stop it; false where that was the last. */
  const works = (): boolean => {
    if (sealed !== null) {
      look(sealed)
      sealed = null
    } else if (missing.length === 0)
      missing = insteadOf(coming.shift() as Uint8Array).filter(
        each => done[outside.named(each)] === undefined,
      )
    else {
      const nonce = nonceOf(missing[0] as Uint8Array)
      if (nonce === null) open(missing[0] as Uint8Array, isStopped)
      else if (finish(nonce, missing, isStopped)) missing = []
    }
    return missing.length + coming.length > 0
  }

  const wait = (delayMs: number): void => {
    if (isWaiting) return
    isWaiting = true
    outside.later(work, delayMs)
  }

  const work = (): void => {
    isWaiting = false
    before = outside.hands()
    // Two frames ahead, so that an alarm is ready also at the instant the next frame is sent.
    if (works()) wait(isStopped() ? AGAIN_MS : REST_MS)
  }

  return {
    encrypt: (blocks, key, options) => {
      if (options === undefined) {
        if (keysFor !== key) rekey(key)
        const name = outside.named(blocks)
        const found = done[name] ?? now(blocks, name)
        stream = found.nonce.keys
        return found.macs
      }
      // Good for once, so that no key stream is ever taken for that of another message.
      const asked = stream
      stream = null
      if (asked === null) throw new Error('expected the MAC to be asked for before its key stream')
      return asked
    },
    ahead: mac => {
      sealed = new Uint8Array(mac)
      wait(REST_MS)
    },
  }
}
