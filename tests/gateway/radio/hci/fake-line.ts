// A line without a controller: what the host sends is kept by name, what the controller is to answer stands in a table, and time
// is the test's. `refuse` by opcode; an opcode in `silent` is not answered.

import type { Clock } from '../../../../gateway/ports.ts'
import type { ScannerTell } from '../../../../gateway/radio/hci/scanner.ts'
import { createScanner } from '../../../../gateway/radio/hci/scanner.ts'
import { steppedClock } from '../../../../simulator/clock.ts'
import { hex } from './reads.ts'

/** What follows the status. Opcodes that are not here answer with a status alone. */
const RESULTS: Readonly<Record<number, string>> = {
  4097: '0b00000bffff0000',
  4099: '0000000060000000',
  4105: '010000eeffc0',
  8195: '2010000000000000',
  8251: '04',
  8246: '00',
}

export type FakeLine = ReturnType<typeof fakeLine>

export function fakeLine(options: { results?: Record<number, string>; deafAfterMs?: number } = {}) {
  const { deafAfterMs = Number.POSITIVE_INFINITY } = options
  const clock = steppedClock()
  const results = { ...RESULTS, ...options.results }
  const refuse = new Map<number, number>()
  const silent = new Set<number>()
  const asked: number[] = []
  const told: ScannerTell[] = []
  const reports: string[] = []
  let credits = 1
  let toHost = (_bytes: Uint8Array): void => {}
  let end = (_why: string): void => {}

  const answer = (opcode: number): void => {
    const status = refuse.get(opcode) ?? 0
    const result = status === 0 ? hex(results[opcode] ?? '') : new Uint8Array(0)
    const head = [0x04, 0x0e, 4 + result.length, credits, opcode & 0xff, opcode >> 8, status]
    toHost(Uint8Array.from([...head, ...result]))
  }
  const scanner = createScanner({
    line: {
      write(bytes) {
        const opcode = (bytes[1] ?? 0) | ((bytes[2] ?? 0) << 8)
        asked.push(opcode)
        queueMicrotask(() => silent.has(opcode) || answer(opcode))
      },
      onBytes(take) {
        toHost = take
      },
      onEnd(take) {
        end = take
      },
      close: async () => {},
    },
    clock: clock as Clock,
    deafAfterMs,
    report: (_pdu, _bytes, _addressAt, _rssi, data, from, to) =>
      void reports.push(Buffer.from(data.slice(from, to)).toString('hex')),
    flush: () => {},
    tell: tell => void told.push(tell),
  })
  return {
    scanner,
    clock,
    refuse,
    silent,
    asked,
    told,
    reports,
    setCredits(count: number) {
      credits = count
    },
    say: (bytes: string) => toHost(hex(bytes)),
    report: () => toHost(hex('043e0f02010301' + '0100efbeadde' + '03020106' + 'b9')),
    end: (why: string) => end(why),
    /** Lets everything run that needs no time, then moves the clock, and again. */
    async pass(ms = 0) {
      await settle()
      if (ms > 0) clock.advance(ms)
      await settle()
    },
  }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
