// Keys pressed on the other telephone, each told once: RFC 4733 events of the sound, and the two bodies of SIP INFO.

const KEYS = '0123456789*#ABCD'
const EVENT_BYTES = 4

/** The key of an RFC 4733 payload, or null for what is no key (flash, other events, too short). */
export function keyOfEvent(payload: Uint8Array): string | null {
  return payload.length < EVENT_BYTES ? null : (KEYS[payload[0] ?? KEYS.length] ?? null)
}

/**
 * Tells a new press from the many packets of one. All packets of a press carry the timestamp of its beginning
 * (RFC 4733 section 2.5.1.2), and late ones an older one.
 */
export function createPresses(): (ssrc: number, timestamp: number) => boolean {
  let last: { ssrc: number; timestamp: number } | null = null
  return (ssrc, timestamp) => {
    const isNew = last?.ssrc !== ssrc || ((timestamp - last.timestamp) | 0) > 0
    if (isNew) last = { ssrc, timestamp }
    return isNew
  }
}

/** The key of an INFO body: `application/dtmf` holds it bare, `application/dtmf-relay` as "Signal=1". */
export function keyOfInfo(contentType: string, body: string): string | null {
  const type = contentType.toLowerCase().split(';')[0]?.trim()
  const bare =
    type === 'application/dtmf' ? /^\s*(?:Signal\s*=\s*)?([0-9*#A-D]{1,2})\s*(?:\r?\n|$)/i.exec(body) : null
  const relay =
    type === 'application/dtmf-relay' ? /^\s*Signal\s*=\s*([0-9*#A-D]{1,2})\s*$/im.exec(body) : null
  const sign = (bare ?? relay)?.[1]
  if (sign === undefined) return null
  // Some send the event's number instead of its sign: 10 is *, 11 is #.
  return sign.length === 1 ? sign.toUpperCase() : (KEYS[Number(sign)] ?? null)
}
