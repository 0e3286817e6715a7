// H4: packets out of a stream of bytes. In: what came, cut anywhere. Out: whole event packets, and how many bytes were none. What
// does not read as a packet is passed over byte by byte, so that junk on the line costs no packet behind it.
// Source: Bluetooth Core Specification 5.4, Vol 4 Part A.
import { EVENT_COMPLETE, EVENT_HARDWARE_ERROR, EVENT_LE, EVENT_OVERFLOW, EVENT_STATUS } from './events.ts'

const H4_EVENT = 0x04
/** Type, code and length. */
const HEAD = 3

/**
 * Takes the event at [from, to) of `bytes`, from its code on. False where it cannot be what it says: it was junk, and what follows
 * its first byte is looked at anew.
 */
export type TakeEvent = (bytes: Uint8Array, from: number, to: number) => boolean

export type Splitter = {
  feed(chunk: Uint8Array): void
  /** Bytes that wait for the rest of their packet. */
  waiting(): number
  /**
   * The rest of what waits is late. Where whole packets stand in it, its head was junk; otherwise it goes on waiting, since a
   * busy machine or a slow line is no reason to lose a report.
   */
  lookBehind(): void
  /** Bytes passed over so far, and events that could not be read. */
  malformed(): number
}

/** The event codes that it is asked for (setEventMask): whatever else follows a 04 is no event, or a maker's own. */
const IS_EVENT = new Uint8Array(256)
for (const code of [EVENT_COMPLETE, EVENT_STATUS, EVENT_HARDWARE_ERROR, EVENT_OVERFLOW, EVENT_LE])
  IS_EVENT[code] = 1

export function createSplitter(take: TakeEvent): Splitter {
  let kept: Uint8Array = new Uint8Array(0)
  let malformed = 0
  /** Junk that stands together counts once. */
  let isInJunk = false

  const junk = (): void => {
    if (!isInJunk) malformed += 1
    isInJunk = true
  }

  /** Where the first packet that is not whole begins. */
  const read = (bytes: Uint8Array, start: number): number => {
    const end = bytes.length
    let at = start
    while (at < end) {
      if (bytes[at] !== H4_EVENT || (at + 1 < end && IS_EVENT[bytes[at + 1] as number] === 0)) {
        junk()
        at += 1
        continue
      }
      if (at + HEAD > end) return at
      const to = at + HEAD + (bytes[at + 2] as number)
      if (to > end) return at
      if (take(bytes, at + 1, to)) {
        isInJunk = false
        at = to
      } else {
        junk()
        at += 1
      }
    }
    return at
  }

  const keep = (bytes: Uint8Array, from: number): void => {
    // A copy: what is kept may not hold the chunk that it came in.
    kept = from === bytes.length ? new Uint8Array(0) : bytes.slice(from)
  }

  return {
    feed(chunk) {
      const bytes = kept.length === 0 ? chunk : joined(kept, chunk)
      keep(bytes, read(bytes, 0))
    },
    waiting: () => kept.length,
    lookBehind() {
      const bytes = kept
      for (let at = 1; at + HEAD <= bytes.length; at += 1) {
        const to = at + HEAD + (bytes[at + 2] as number)
        if (bytes[at] !== H4_EVENT || to > bytes.length || !take(bytes, at + 1, to)) continue
        malformed += 1
        isInJunk = false
        keep(bytes, read(bytes, to))
        return
      }
    },
    malformed: () => malformed,
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}
