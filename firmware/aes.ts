// AES-128 in plain JavaScript, for chips that have none: encryption only, which is all that CCM needs [FIPS 197]. What is
// asked for ahead is worked out while idle, a block at a time, so that a press finds it done.
import { likelyAfter } from './ahead.ts'
import type { Aes } from './board.ts'

const BLOCK = 16
const ROUNDS = 10
const WORDS = 4
/** Between two blocks worked out ahead, so that an edge waits for one block at most. */
const REST_MS = 5

type Tables = { s: Uint8Array; t: Int32Array }

const doubled = (x: number): number => ((x << 1) ^ (x & 128 ? 0x1b : 0)) & 255

/** The S-box, and with it the column mix of its values: bytes 2s, s, s, 3s of each. Walks the field by 3 and its inverse. */
const tablesOf = (): Tables => {
  const s = new Uint8Array(256)
  const t = new Int32Array(256)
  let p = 1
  let q = 1
  for (let i = 0; i < 255; i++) {
    s[p] = q ^ (q << 1) ^ (q >> 7) ^ (q << 2) ^ (q >> 6) ^ (q << 3) ^ (q >> 5) ^ (q << 4) ^ (q >> 4) ^ 0x63
    p = p ^ doubled(p)
    q = q ^ (q << 1)
    q = q ^ (q << 2)
    q = (q ^ (q << 4)) & 255
    if (q & 128) q = q ^ 9
  }
  s[0] = 0x63
  for (let i = 0; i < 256; i++) {
    const b = s[i] as number
    t[i] = (doubled(b) << 24) | (b << 16) | (b << 8) | (doubled(b) ^ b)
  }
  return { s: s, t: t }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)

const subWord = (s: Uint8Array, w: number): number =>
  ((s[(w >> 24) & 255] as number) << 24) |
  ((s[(w >> 16) & 255] as number) << 16) |
  ((s[(w >> 8) & 255] as number) << 8) |
  (s[w & 255] as number)

const scheduleOf = (tables: Tables, key: Uint8Array): Int32Array => {
  const w = new Int32Array(WORDS * (ROUNDS + 1))
  let constant = 1
  for (let i = 0; i < w.length; i++) {
    if (i < WORDS) {
      w[i] = wordAt(key, i * 4)
    } else {
      let before = w[i - 1] as number
      if (i % WORDS === 0) {
        before = subWord(tables.s, (before << 8) | ((before >> 24) & 255)) ^ (constant << 24)
        constant = doubled(constant)
      }
      w[i] = (w[i - WORDS] as number) ^ before
    }
  }
  return w
}

const turned = (w: number, bits: number): number => (w >>> bits) | (w << (32 - bits))

const put = (out: Uint8Array, at: number, w: number): void => {
  out[at] = (w >> 24) & 255
  out[at + 1] = (w >> 16) & 255
  out[at + 2] = (w >> 8) & 255
  out[at + 3] = w & 255
}

const encrypt = (tables: Tables, w: Int32Array, block: Uint8Array): Uint8Array => {
  const t = tables.t
  let now = new Int32Array(WORDS)
  for (let i = 0; i < WORDS; i++) now[i] = wordAt(block, i * 4) ^ (w[i] as number)
  for (let round = 1; round < ROUNDS; round++) {
    const next = new Int32Array(WORDS)
    for (let i = 0; i < WORDS; i++) {
      next[i] =
        (t[((now[i] as number) >> 24) & 255] as number) ^
        turned(t[((now[(i + 1) & 3] as number) >> 16) & 255] as number, 8) ^
        turned(t[((now[(i + 2) & 3] as number) >> 8) & 255] as number, 16) ^
        turned(t[(now[(i + 3) & 3] as number) & 255] as number, 24) ^
        (w[round * WORDS + i] as number)
    }
    now = next
  }
  const out = new Uint8Array(BLOCK)
  for (let i = 0; i < WORDS; i++) {
    const mixed =
      ((now[i] as number) & (255 << 24)) |
      ((now[(i + 1) & 3] as number) & 0xff0000) |
      ((now[(i + 2) & 3] as number) & 0xff00) |
      ((now[(i + 3) & 3] as number) & 255)
    put(out, i * 4, subWord(tables.s, mixed) ^ (w[ROUNDS * WORDS + i] as number))
  }
  return out
}

/** One block of key stream, or one message to its MAC. */
type Job = { isMac: boolean; blocks: Uint8Array; key: Uint8Array }

/** AES without a chip's help. `later` runs something once the chip is idle, after that many ms. */
export const softAes = (later: (run: () => void, delayMs: number) => void): Aes => {
  const tables = tablesOf()
  let schedule: Int32Array = new Int32Array(0)
  let scheduledFor: Uint8Array | null = null
  let done: { [block: string]: Uint8Array } = {}
  let jobs: Job[] = []
  let isKept = false
  let isWaiting = false

  const one = (block: Uint8Array, key: Uint8Array): Uint8Array => {
    if (scheduledFor !== key) {
      schedule = scheduleOf(tables, key)
      scheduledFor = key
      done = {}
    }
    const name = block.join()
    const known = done[name]
    if (known !== undefined) return known
    const out = encrypt(tables, schedule, block)
    // Only what was asked for ahead: a memory of all frames would fill the chip.
    if (isKept) done[name] = out
    return out
  }

  const ecb = (blocks: Uint8Array, key: Uint8Array): ArrayBufferLike => {
    const out = new Uint8Array(blocks.length)
    for (let i = 0; i < blocks.length; i += BLOCK) out.set(one(blocks.subarray(i, i + BLOCK), key), i)
    return out.buffer
  }

  const cbc = (blocks: Uint8Array, key: Uint8Array): ArrayBufferLike => {
    const out = new Uint8Array(blocks.length)
    const mixed = new Uint8Array(BLOCK)
    for (let i = 0; i < blocks.length; i += BLOCK) {
      for (let k = 0; k < BLOCK; k++) {
        mixed[k] = (blocks[i + k] as number) ^ (i === 0 ? 0 : (out[i - BLOCK + k] as number))
      }
      out.set(one(mixed, key), i)
    }
    return out.buffer
  }

  const wait = (): void => {
    if (isWaiting || jobs.length === 0) return
    isWaiting = true
    later(work, REST_MS)
  }

  const work = (): void => {
    isWaiting = false
    const job = jobs.shift()
    if (job === undefined) return
    isKept = true
    if (job.isMac) cbc(job.blocks, job.key)
    else ecb(job.blocks, job.key)
    isKept = false
    wait()
  }

  return {
    cbc: cbc,
    ecb: ecb,
    ahead: (mac, stream, key) => {
      const likely = likelyAfter(mac, stream)
      if (likely === null) return
      done = {}
      jobs = []
      const blocks = likely.stream
      const macs = likely.macs
      for (let i = 0; i < blocks.length; i += BLOCK) {
        jobs.push({ isMac: false, blocks: blocks.subarray(i, i + BLOCK), key: key })
      }
      for (let i = 0; i < macs.length; i++) {
        jobs.push({ isMac: true, blocks: macs[i] as Uint8Array, key: key })
      }
      wait()
    },
  }
}
