// The port to a Bluetooth radio that hears and sends advertisements. In: which device. Out: every report as it was heard, what
// state the radio is in with why, and the packets that are to be broadcast while it goes on listening. `hci/` is behind it.
import type { Clock, Log } from '../ports.ts'

export type RadioOptions = {
  /** `hci0`: an adapter of the kernel, taken alone. Anything with a slash: a serial line or pty that carries H4. */
  device: string
  /** Of a serial line. */
  baudRate?: number
  /** No report of any kind for so long, and the radio is taken to be deaf. Infinity where a place may be that empty. */
  deafAfterMs?: number
  clock: Clock
  log: Log
}

/**
 * What was sent: `connectable`, `scannable`, `nonconnectable` and `directed` are legacy packets, whichever way they were
 * reported; `scan-response` answers an active scanner (never ours); `extended` is a Bluetooth 5 packet, put together.
 */
export type Pdu = 'connectable' | 'scannable' | 'nonconnectable' | 'directed' | 'scan-response' | 'extended'

export type Heard = {
  /** As printed, lower case with colons. */
  address: string
  /** Null where the controller says that it does not know. */
  rssiDbm: number | null
  /** The whole advertising data: 31 bytes of a legacy packet at most, 1650 of an extended one. Taken over by who hears it: it is never written to again. */
  data: Uint8Array
  /** By the clock of the options: when the controller's bytes came, however long they waited since. */
  heardAtMs: number
  pdu: Pdu
}

/**
 * `listening`: a scan is on, said by the controller. `deaf`: nothing heard, or the controller does not answer; what is done
 * about it follows by itself. `gone`: the device is not there; it is looked for again and again. `refused`: the device is
 * there and cannot be used as it is (permission, a command that the controller refuses). `restarting`: the process that holds
 * it died or hung, and is replaced. `recovered`: listening again after any of these, with the why of what it recovered from; of a
 * deaf one only a report is proof. `mute`: it listens and cannot broadcast; `listening` when it can again.
 */
export type RadioState = {
  kind: 'listening' | 'deaf' | 'gone' | 'refused' | 'restarting' | 'recovered' | 'mute'
  /** In plain words, for the desk. */
  why: string
}

export type RadioCounters = {
  /** Reports handed on. */
  heard: number
  /** Reports or packets that could not be read, and stray bytes on the line. */
  malformed: number
  /** Reports that were thrown away because nobody took them in time. */
  dropped: number
  /** Processes that were replaced. */
  restarts: number
  /** Times that the watchdog mended something short of that: the scan begun anew, the controller reset. */
  mended: number
}

export type Radio = {
  /** One taker each; told from the next turn of the event loop on. */
  onReport(take: (heard: Heard) => void): void
  onState(take: (state: RadioState) => void): void
  /** Advertising data (31 bytes at most) to send in turn from now on; an empty list stops. Kept over resets and restarts. */
  broadcast(packets: readonly Uint8Array[]): void
  counters(): RadioCounters
  close(): Promise<void>
}
