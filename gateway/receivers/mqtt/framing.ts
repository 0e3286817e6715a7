// The bytes of one connection, cut at MQTT's packet borders so that no packet is ever held whole that is too long.
// Bytes in, bytes out; an over-long PUBLISH comes out cut short (its reader then sees it is too long), others refuse.

/** MQTT 3.1.1 §2.2: the packet type is the upper half of the first byte. */
const PUBLISH = 3
const LENGTH_BYTES_MAX = 4
const LENGTH_BITS = 7

export type Framing = {
  /**
   * The chunk as it may be read on, or why the connection must end. `bytesMax` bounds one packet's remaining length;
   * `mayCut` whether a longer PUBLISH is cut to it instead of refused.
   */
  pass(chunk: Buffer, limit: { bytesMax: number; mayCut: boolean }): Buffer | { refused: string }
}

/**
 * One connection's framing. Of a PUBLISH that is too long all but the last byte of the allowed length passes at once
 * and the last when the sender has sent everything, so that it isn't acknowledged halfway.
 */
export function framing(): Framing {
  let header: number[] = []
  let passing = 0
  let dropping = 0
  let held = 0

  function begin(bytesMax: number, mayCut: boolean): Buffer | { refused: string } | null {
    const length = remainingLength(header)
    if (length === null)
      return header.length > LENGTH_BYTES_MAX ? { refused: 'a length of five bytes' } : null
    const first = header[0] ?? 0
    const whole = Buffer.from(header)
    header = []
    if (length <= bytesMax) {
      passing = length
      return whole
    }
    if (first >> 4 !== PUBLISH || !mayCut) return { refused: `a packet of ${length} bytes` }
    passing = bytesMax - 1
    dropping = length - bytesMax
    held = 1
    return Buffer.from([first, ...lengthBytes(bytesMax)])
  }

  return {
    pass(chunk, { bytesMax, mayCut }) {
      const out: Buffer[] = []
      let at = 0
      const take = (count: number): Buffer => {
        const taken = chunk.subarray(at, at + count)
        at += taken.length
        return taken
      }
      while (at < chunk.length) {
        if (passing > 0) {
          const part = take(passing)
          passing -= part.length
          out.push(part)
        } else if (dropping > 0) {
          dropping -= take(dropping).length
        } else if (held > 0) {
          held -= 1
          out.push(take(1))
        } else {
          header.push(chunk[at] ?? 0)
          at += 1
          const begun = begin(bytesMax, mayCut)
          if (begun === null) continue
          if ('refused' in begun) return begun
          out.push(begun)
        }
      }
      return out.length === 1 ? (out[0] ?? chunk) : Buffer.concat(out)
    },
  }
}

/** MQTT's variable length after the first byte, or null while it isn't whole. */
function remainingLength(header: readonly number[]): number | null {
  const last = header.at(-1)
  if (header.length < 2 || last === undefined || last >= 0x80 || header.length > LENGTH_BYTES_MAX + 1)
    return null
  return header.slice(1).reduce((sum, byte, i) => sum + (byte & 0x7f) * 2 ** (LENGTH_BITS * i), 0)
}

function lengthBytes(length: number): number[] {
  const bytes: number[] = []
  for (let rest = length; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | (rest >= 0x80 ? 0x80 : 0))
  }
  return bytes
}
