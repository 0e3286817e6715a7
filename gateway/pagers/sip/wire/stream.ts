// SIP messages out of a TCP stream (RFC 3261 section 18.3): chunks in, whole messages as text out.
// Half a message waits; a stream that cannot be SIP is an error, since nothing after it can be trusted.

const HEAD_LIMIT_BYTES = 32_768
const BODY_LIMIT_BYTES = 131_072
const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** Throws Error, saying what was expected and what came, where the stream is not SIP. */
export function createStream(): (chunk: Buffer) => string[] {
  let held: Buffer = Buffer.alloc(0)
  return chunk => {
    held = Buffer.concat([held, chunk])
    const messages: string[] = []
    for (let cut = cutOne(held); cut; cut = cutOne(held)) {
      held = held.subarray(cut.length)
      messages.push(cut.text)
    }
    return messages
  }
}

function cutOne(held: Buffer): { text: string; length: number } | null {
  // Keep-alives between messages (RFC 5626 section 3.5.1): the ping is two line ends, its answer one.
  if (held[0] === 0x0d) {
    if (held.subarray(0, 4).equals(END_OF_HEAD)) return { text: '\r\n\r\n', length: 4 }
    const isPong = held.length > 2 && held[1] === 0x0a && held[2] !== 0x0d
    return isPong || held.length === 2 ? { text: '\r\n', length: 2 } : null
  }
  const head = held.indexOf(END_OF_HEAD)
  if (head < 0) {
    if (held.length > HEAD_LIMIT_BYTES)
      throw new Error(`expected a SIP head within ${HEAD_LIMIT_BYTES} bytes`)
    return null
  }
  const stated = /^(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*$/im.exec(
    held.toString('latin1', 0, head),
  )?.[1]
  const body = Number(stated ?? 0)
  if (body > BODY_LIMIT_BYTES)
    throw new Error(`expected a body of at most ${BODY_LIMIT_BYTES} bytes, came ${body}`)
  const length = head + END_OF_HEAD.length + body
  return held.length < length ? null : { text: held.toString('utf8', 0, length), length }
}
