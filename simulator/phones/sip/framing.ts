// SIP over a byte stream (RFC 3261 section 18.3): chunks in, whole messages out, cut by Content-Length.
// Half a message waits in the buffer; what can never become a message is told once and ends the stream.

const HEAD_LIMIT_BYTES = 16_384
const BODY_LIMIT_BYTES = 65_536

export type Framed =
  | { is: 'message'; text: string }
  /** A double CRLF asks for a single one (RFC 5626 section 3.5.1). */
  | { is: 'ping' }
  | { is: 'unframeable'; text: string; why: string }

/** A reader that keeps what is half read between chunks. */
export function createFraming(): (chunk: Buffer) => Framed[] {
  let held: Buffer = Buffer.alloc(0)
  return chunk => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const found: Framed[] = []
    for (;;) {
      const cut = cutOne(held)
      if (!cut) return found
      held = cut.rest
      if (cut.framed) found.push(cut.framed)
      if (cut.framed?.is === 'unframeable') return found
    }
  }
}

function cutOne(held: Buffer): { framed: Framed | null; rest: Buffer } | null {
  if (held.subarray(0, 4).equals(Buffer.from('\r\n\r\n')))
    return { framed: { is: 'ping' }, rest: held.subarray(4) }
  if (held.length > 2 && held[0] === 13 && held[1] === 10 && held[2] !== 13) {
    return { framed: null, rest: held.subarray(2) }
  }
  const end = held.indexOf('\r\n\r\n')
  if (end < 0) return held.length > HEAD_LIMIT_BYTES ? refuse(held, 'a head without an end') : null
  const head = held.toString('utf8', 0, end)
  const stated = /^(?:content-length|l)\s*:\s*(\S+)\s*$/im.exec(head)?.[1]
  // A stream without Content-Length cannot be cut (RFC 3261 section 20.14), but a body-less message is clear enough.
  const length = stated === undefined ? 0 : Number(stated)
  if (!Number.isInteger(length) || length < 0 || length > BODY_LIMIT_BYTES) {
    return refuse(held, `expected a Content-Length of 0 to ${BODY_LIMIT_BYTES}, came ${stated}`)
  }
  const whole = end + 4 + length
  if (held.length < whole) return null
  return { framed: { is: 'message', text: held.toString('utf8', 0, whole) }, rest: held.subarray(whole) }
}

function refuse(held: Buffer, why: string): { framed: Framed; rest: Buffer } {
  return { framed: { is: 'unframeable', text: held.toString('utf8'), why }, rest: Buffer.alloc(0) }
}
