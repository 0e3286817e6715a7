// AES-128 in plain JavaScript, for chips that have none: encryption only, which is all that CCM needs [FIPS 197]. Looking
// up, sixteen or forty-eight bytes at a time, is left to the chip's own `E.mapInPlace`, and so the XORs are what it costs.

/** Puts `map[from[i]]` into `to[i]`, as E.mapInPlace does. */
export type Look = (from: Uint8Array, to: Uint8Array | Int32Array, map: Uint8Array | Int32Array) => void

/** Encrypts blocks that have nothing to do with each other, in place of what stood there; false where it was stopped. */
export type Lanes = {
  blocks: Uint8Array
  /** The same, by four bytes. */
  words: Int32Array
  run(keys: readonly Int32Array[], isStopped: (() => boolean) | null): boolean
}

/** The S-box, and with it the column mix of its values for each of the four rows. */
export type Tables = { s: Uint8Array; rows: readonly Int32Array[] }

const BLOCK = 16
const ROUNDS = 10
export const WORDS = 4

const doubled = (x: number): number => ((x << 1) ^ (x & 128 ? 0x1b : 0)) & 255

/** Walks the field by 3 and its inverse. A word's lowest byte is the first row. */
export const tablesOf = (): Tables => {
  const s = new Uint8Array(256)
  const rows = [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)]
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
    let mixed = doubled(b) | (b << 8) | (b << 16) | ((doubled(b) ^ b) << 24)
    for (let row = 0; row < WORDS; row++) {
      const t = rows[row] as Int32Array
      t[i] = mixed
      mixed = (mixed << 8) | ((mixed >> 24) & 255)
    }
  }
  return { s: s, rows: rows }
}

/** The keys of the rounds. */
export const scheduleOf = (tables: Tables, key: Uint8Array): Int32Array[] => {
  const w = new Uint8Array(BLOCK * (ROUNDS + 1))
  const keys: Int32Array[] = []
  let constant = 1
  w.set(key)
  for (let i = BLOCK; i < w.length; i++) {
    const at = i % BLOCK
    // The first column of a round takes the last one before it, turned by a byte and through the S-box.
    let before = w[at < WORDS ? i - WORDS + (at === 3 ? -3 : 1) : i - WORDS] as number
    if (at < WORDS) before = tables.s[before] as number
    if (at === 0) {
      before = before ^ constant
      constant = doubled(constant)
    }
    w[i] = (w[i - BLOCK] as number) ^ before
  }
  for (let round = 0; round <= ROUNDS; round++) keys.push(new Int32Array(w.buffer, round * BLOCK, WORDS))
  return keys
}

/** Unrolled, as in the rounds, because the chip takes as long to count as to XOR. */
const whiten = (state: Int32Array, k: Int32Array): void => {
  for (let i = 0; i < state.length; i += WORDS) {
    state[i] = (state[i] as number) ^ (k[0] as number)
    state[i + 1] = (state[i + 1] as number) ^ (k[1] as number)
    state[i + 2] = (state[i + 2] as number) ^ (k[2] as number)
    state[i + 3] = (state[i + 3] as number) ^ (k[3] as number)
  }
}

/** From where the rows shift, for `count` blocks: in the order of the rows, or that of the bytes. */
const shiftsOf = (count: number, isByRow: boolean): Uint8Array => {
  const from = new Uint8Array(count * BLOCK)
  for (let lane = 0; lane < count; lane++) {
    for (let i = 0; i < BLOCK; i++) {
      const row = i & 3
      const at = isByRow ? row * count * WORDS + lane * WORDS + (i >> 2) : lane * BLOCK + i
      from[at] = lane * BLOCK + ((i + row * WORDS) & 15)
    }
  }
  return from
}

/** Room for `count` blocks side by side: one or three. A look of three times the bytes costs the chip half as much again. */
export const lanesOf = (look: Look, tables: Tables, count: 1 | 3): Lanes => {
  const words = count * WORDS
  // In this order, because the chip finds the first of its names soonest.
  const state = new Int32Array(words)
  const a = new Int32Array(words)
  const b = new Int32Array(words)
  const c = new Int32Array(words)
  const d = new Int32Array(words)
  const bytes = new Uint8Array(state.buffer)
  const moved = new Uint8Array(count * BLOCK)
  const byRow = shiftsOf(count, true)
  const byByte = shiftsOf(count, false)
  const row0 = moved.subarray(0, words)
  const row1 = moved.subarray(words, 2 * words)
  const row2 = moved.subarray(2 * words, 3 * words)
  const row3 = moved.subarray(3 * words, 4 * words)
  const t0 = tables.rows[0] as Int32Array
  const t1 = tables.rows[1] as Int32Array
  const t2 = tables.rows[2] as Int32Array
  const t3 = tables.rows[3] as Int32Array

  const run = (keys: readonly Int32Array[], isStopped: (() => boolean) | null): boolean => {
    whiten(state, keys[0] as Int32Array)
    let k: Int32Array
    let round = 1
    for (; round < ROUNDS; round++) {
      if (round & 1 && isStopped !== null && isStopped()) return false
      k = keys[round] as Int32Array
      look(byRow, moved, bytes)
      look(row0, a, t0)
      look(row1, b, t1)
      look(row2, c, t2)
      look(row3, d, t3)
      state.set([
        (a[0] as number) ^ (b[0] as number) ^ (c[0] as number) ^ (d[0] as number) ^ (k[0] as number),
        (a[1] as number) ^ (b[1] as number) ^ (c[1] as number) ^ (d[1] as number) ^ (k[1] as number),
        (a[2] as number) ^ (b[2] as number) ^ (c[2] as number) ^ (d[2] as number) ^ (k[2] as number),
        (a[3] as number) ^ (b[3] as number) ^ (c[3] as number) ^ (d[3] as number) ^ (k[3] as number),
      ])
      if (count > 1)
        state.set(
          [
            (a[4] as number) ^ (b[4] as number) ^ (c[4] as number) ^ (d[4] as number) ^ (k[0] as number),
            (a[5] as number) ^ (b[5] as number) ^ (c[5] as number) ^ (d[5] as number) ^ (k[1] as number),
            (a[6] as number) ^ (b[6] as number) ^ (c[6] as number) ^ (d[6] as number) ^ (k[2] as number),
            (a[7] as number) ^ (b[7] as number) ^ (c[7] as number) ^ (d[7] as number) ^ (k[3] as number),
            (a[8] as number) ^ (b[8] as number) ^ (c[8] as number) ^ (d[8] as number) ^ (k[0] as number),
            (a[9] as number) ^ (b[9] as number) ^ (c[9] as number) ^ (d[9] as number) ^ (k[1] as number),
            (a[10] as number) ^ (b[10] as number) ^ (c[10] as number) ^ (d[10] as number) ^ (k[2] as number),
            (a[11] as number) ^ (b[11] as number) ^ (c[11] as number) ^ (d[11] as number) ^ (k[3] as number),
          ],
          WORDS,
        )
    }
    look(byByte, moved, bytes)
    look(moved, bytes, tables.s)
    whiten(state, keys[ROUNDS] as Int32Array)
    return true
  }
  return { blocks: bytes, words: state, run: run }
}
