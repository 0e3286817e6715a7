// What a gateway (or receiver) and the process that holds its radio say to each other. Reports go another way: see batch.ts.
import type { ScannerTell } from '../scanner.ts'

export type ToProcess =
  | { is: 'start'; device: string; baudRate: number | null; deafAfterMs: number }
  /** Hex, to be sent in turn. */
  | { is: 'broadcast'; packets: string[] }
  | { is: 'ping'; number: number }
  | { is: 'close' }

export type FromProcess = { is: 'tell'; tell: ScannerTell } | { is: 'pong'; number: number; counted: Counted }

export type Counted = { malformed: number; mended: number; dropped: number }

/** Beside stdin, stdout, stderr and the channel of the messages: the pipe in which reports come. */
export const REPORTS_FD = 4

/** Infinity is no number of JSON's. */
export const NEVER_DEAF = -1
