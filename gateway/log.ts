// Structured logs: one JSON line per event, or a readable one on a terminal.
// Promises that no pendant key and no password leaves in a line, however deep in the logged object it stands.
import { Writable } from 'node:stream'
import { type DestinationStream, type Logger, pino } from 'pino'
import { PinoPretty } from 'pino-pretty'
import { createLogOutlet } from './log-outlet.ts'

export type Log = Logger
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export const REDACTED = '[redacted]'

// Matched in the finished line, because a path list misses what is nested deeper or written into a message.
const AES_KEY = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/gi
const PASSWORD = /"([a-z]*password)":"(?:[^"\\]|\\.)*"/gi

/**
 * A logger for one gateway. `pretty` is for a terminal; otherwise each line is JSON with `level` as a word and `time`
 * in ISO 8601. Lines go to standard output, by an outlet that never blocks (log-outlet), unless `to` says otherwise.
 */
export function createLog(options: { level: LogLevel; pretty: boolean; to?: DestinationStream }): Log {
  const to = options.to ?? createLogOutlet()
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: redact },
    },
    options.pretty ? PinoPretty({ destination: streamTo(to), sync: true }) : to,
  )
}

function redact(line: string): string {
  return line.replace(AES_KEY, REDACTED).replace(PASSWORD, `"$1":"${REDACTED}"`)
}

const streamTo = (to: DestinationStream): Writable =>
  to instanceof Writable
    ? to
    : new Writable({
        decodeStrings: false,
        write(text, _encoding, done) {
          to.write(String(text))
          done()
        },
      })
