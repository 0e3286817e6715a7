// What a controller says that is no advertising report. In: one whole event packet. Out: what it says, or null where it cannot be
// read. Pure. Source: Bluetooth Core Specification 5.4, Vol 4 Part E, 7.7; error codes: Vol 1 Part F.

export const EVENT_COMPLETE = 0x0e
export const EVENT_STATUS = 0x0f
export const EVENT_HARDWARE_ERROR = 0x10
export const EVENT_OVERFLOW = 0x1a
export const EVENT_LE = 0x3e

export type ControllerEvent =
  /** An answer to a command. `status` 0: done. `result` is what follows the status. `credits`: so many may be sent now. */
  | { is: 'answer'; opcode: number; status: number; result: Uint8Array; credits: number }
  | { is: 'hardware-error'; code: number }
  /** It had no room for what it heard. */
  | { is: 'overflow' }

/** `from` is at the event code, `to` behind the last parameter. The lengths have been found to fit. */
export function decodeEvent(bytes: Uint8Array, from: number, to: number): ControllerEvent | null {
  const code = bytes[from] ?? 0
  const at = from + 2
  const length = to - at
  switch (code) {
    case EVENT_COMPLETE: {
      if (length < 3) return null
      const opcode = wordAt(bytes, at + 1)
      // Opcode 0 answers nothing: it only says how many commands may be sent.
      if (opcode !== 0 && length < 4) return null
      const result = bytes.slice(Math.min(at + 4, to), to)
      return {
        is: 'answer',
        opcode,
        status: opcode === 0 ? 0 : (bytes[at + 3] ?? 0),
        result,
        credits: bytes[at] ?? 0,
      }
    }
    case EVENT_STATUS:
      if (length !== 4) return null
      return {
        is: 'answer',
        opcode: wordAt(bytes, at + 2),
        status: bytes[at] ?? 0,
        result: new Uint8Array(0),
        credits: bytes[at + 1] ?? 0,
      }
    case EVENT_HARDWARE_ERROR:
      return length === 1 ? { is: 'hardware-error', code: bytes[at] ?? 0 } : null
    case EVENT_OVERFLOW:
      return length === 1 ? { is: 'overflow' } : null
    default:
      return null
  }
}

const wordAt = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)

const STATUS_WORDS: Readonly<Record<number, string>> = {
  1: 'it does not know this command',
  3: 'its hardware failed',
  7: 'its memory is full',
  9: 'it has too many connections',
  12: 'not allowed in its present state',
  13: 'it has no resources left',
  17: 'it cannot do this',
  18: 'its parameters are not valid for it',
  26: 'it does not have this feature',
  31: 'an error that it does not name',
  32: 'a value that it does not support',
  58: 'it is busy',
  66: 'it knows no such advertising set',
  67: 'it has no room for more',
}

/** Why a command was refused, in words. */
export const statusWords = (status: number): string =>
  `${STATUS_WORDS[status] ?? 'refused'} (status 0x${status.toString(16).padStart(2, '0')})`
