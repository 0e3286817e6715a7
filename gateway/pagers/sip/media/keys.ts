// Keys pressed on the other telephone, each told once: RFC 4733 events of the sound, and the two bodies of SIP INFO.

const KEYS = '0123456789*#ABCD'
/** The last event that senders use by its number (RFC 4733 section 3.2): the hook flash, which is no key. */
const FLASH = 16
const EVENT_BYTES = 4
/** Several may follow one another in a packet (section 2.3); sound under the wrong number is longer than that. */
const EVENTS_MAX = 10
const END_BIT = 0x80

/** One packet of an event. `code` may be no key: it still tells one press from another. */
export type EventPacket = {
  ssrc: number
  sequence: number
  timestamp: number
  isMarked: boolean
  code: number
  isEnd: boolean
  /** So far, in timestamp units. */
  duration: number
}

/** What the first event of an RFC 4733 payload says (section 2.3), or null where it is not made of whole events. */
export function readEvent(payload: Uint8Array): Pick<EventPacket, 'code' | 'isEnd' | 'duration'> | null {
  const events = payload.length / EVENT_BYTES
  if (!Number.isInteger(events) || events < 1 || events > EVENTS_MAX) return null
  const [code = 0, flags = 0, high = 0, low = 0] = payload
  return { code, isEnd: (flags & END_BIT) !== 0, duration: high * 256 + low }
}

/** The key of an event, or null for what is no key (flash, other events). */
export const keyOfEvent = (code: number): string | null => KEYS[code] ?? null

/** A packet that is older by its sequence number is late within this; by more, the sender began anew (RFC 3550, A.1). */
const MISORDERED_MAX = 100
/** Presses whose late packets are still known. */
const PRESSES_KEPT = 8
/** Nobody begins to press a key twice within 60 ms: a sender that moves the timestamp of one press. */
const SAME_PRESS_UNITS = 480
/** An event holds no longer duration; what is pressed for longer goes on in a segment of a new timestamp (RFC 4733, 2.5.1.3). */
const SEGMENT_UNITS = 0xffff

/**
 * Tells a new press from the many packets of one. They carry the timestamp of its beginning (RFC 4733, 2.5.1.2), but senders
 * exist that keep it for the next press, or go back: so another event, what follows an end, and a jump back are new presses
 * too. A late packet of a press that was told is none.
 */
export function createPresses(): (packet: EventPacket) => boolean {
  let newest: EventPacket | null = null
  let told: EventPacket[] = []
  const tell = (packet: EventPacket): true => {
    told = [...told, packet].slice(-PRESSES_KEPT)
    return true
  }
  return packet => {
    const before = newest
    if (before === null || before.ssrc !== packet.ssrc) {
      told = []
      newest = packet
      return tell(packet)
    }
    const ahead = signed16(packet.sequence - before.sequence)
    if (ahead <= 0 && ahead > -MISORDERED_MAX) {
      const isKnown = told.some(
        ({ code, timestamp }) => code === packet.code && timestamp === packet.timestamp,
      )
      return isKnown || isOfNewest(before, packet) ? false : tell(packet)
    }
    newest = packet
    return isOfNewest(before, packet) ? false : tell(packet)
  }
}

/** Whether this packet belongs to the press that `before` belongs to. */
function isOfNewest(before: EventPacket, packet: EventPacket): boolean {
  if (packet.code !== before.code) return false
  const later = (packet.timestamp - before.timestamp) | 0
  if (later === 0) {
    if (!before.isEnd) return !(packet.isMarked && packet.duration < before.duration)
    // An end is sent three times, and is the same each time.
    return packet.isEnd && (!packet.isMarked || packet.duration === before.duration)
  }
  if (later < 0 || packet.isMarked) return false
  if (before.isEnd) return packet.isEnd && later <= SAME_PRESS_UNITS
  const isSegment = Math.abs(later - SEGMENT_UNITS) <= SAME_PRESS_UNITS && before.duration > SEGMENT_UNITS / 2
  return later <= SAME_PRESS_UNITS || isSegment
}

const signed16 = (difference: number): number => (difference << 16) >> 16

/**
 * The key of an INFO body: `application/dtmf` holds it bare, `application/dtmf-relay` as the line "Signal=1" among others,
 * which come in any order and case, with blanks, and end in CRLF, LF or nothing. Null for anything that is not wholly so.
 */
export function keyOfInfo(contentType: string, body: string): string | null {
  const type = contentType.toLowerCase().split(';')[0]?.trim()
  if (type !== 'application/dtmf' && type !== 'application/dtmf-relay') return null
  const lines = body.split(/\r\n|\r|\n/).flatMap(line => (line.trim() === '' ? [] : [line.trim()]))
  const [only] = lines
  if (type === 'application/dtmf' && lines.length === 1 && only !== undefined && !only.includes('='))
    return keyOfSign(only)
  const fields = lines.map(line => /^([A-Za-z][\w-]*)[ \t]*=[ \t]*(.*)$/.exec(line))
  const signals = fields.flatMap(field => (field?.[1]?.toLowerCase() === 'signal' ? [field[2] ?? ''] : []))
  const [signal] = signals
  if (fields.includes(null) || signals.length !== 1 || signal === undefined) return null
  return keyOfSign(signal)
}

/** A sign, or the number of its event as senders use them: 10 is *, 11 is #, 12 to 15 are A to D, 16 the hook flash. */
function keyOfSign(sign: string): string | null {
  if (/^[0-9*#A-D]$/i.test(sign)) return sign.toUpperCase()
  const number = /^1[0-6]$/.test(sign) ? Number(sign) : FLASH
  return number === FLASH ? null : keyOfEvent(number)
}
