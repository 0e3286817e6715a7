// The inside of a virtual controller: what it answers to each command, and what it does of it. In: an opcode and its parameters. Out: a
// status and what follows it. It knows no line and no fault. Source: Bluetooth Core Specification 5.4, Vol 4 Part E, 7.
import type { SimClock } from '../ports.ts'
import { type Antenna, createAntenna, DISALLOWED, DONE, INVALID } from './antenna.ts'
import { extendedReports, type HeardPacket, legacyReport } from './reports.ts'

const UNKNOWN_COMMAND = 0x01
/** HCI versions: 4.2 and 5.0. */
const VERSIONS = { 4: 8, 5: 9 }
const EXTENDED_ADVERTISING = 0x10
/** Bits 37 and 38: Low Energy and nothing else. */
const LE_ONLY = 0x60
const LE_META_BIT = 61
const SLOT_MS = 0.625

export type ChipOptions = {
  /** 4 knows the older commands, 5 both kinds and refuses their mixing. */
  bluetooth: 4 | 5
  /** As printed; null: it has none, as chips without a burnt-in one. */
  address: string | null
  sets: number
  clock: SimClock
  sent(data: Uint8Array): void
}

export type Chip = {
  /** Null where it is to be answered by nothing but its name: no chip does that. */
  answer(opcode: number, parameters: Buffer): { name: string; status: number; result: number[] }
  /** The bytes by which it tells the host; none while it does not listen, or was not told to tell. */
  hear(packet: HeardPacket): Buffer[]
  isScanning(): boolean
  /** As a chip that lost its scan without noticing. */
  loseScan(): void
}

type State = {
  eventMask: Buffer
  leMask: Buffer
  random: boolean
  /** Which kind of commands was used since the reset. */
  kind: 'legacy' | 'extended' | null
  scan: { isPassive: boolean; isOn: boolean } | null
}
type Answered = number | { status: number; result: number[] }
type Answer = { name: string; length: number; do(p: Buffer): Answered }

const afterReset = (): State => ({
  eventMask: Buffer.from('ffffffffff1f0000', 'hex'),
  leMask: Buffer.from('1f00000000000000', 'hex'),
  random: false,
  kind: null,
  scan: null,
})
const ok = (...result: number[]): Answered => ({ status: DONE, result })
const hasBit = (bytes: Buffer, bit: number): boolean => (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1
const u24 = (p: Buffer, at: number): number => p.readUIntLE(at, 3)

export function createChip(options: ChipOptions): Chip {
  const antenna = createAntenna(options.bluetooth === 5 ? options.sets : 1, options.clock, options.sent)
  let state = afterReset()
  const resetAll = (): Answered => {
    antenna.reset()
    state = afterReset()
    return DONE
  }
  const commands = new Map<number, Answer>([
    ...basics(options, () => state, resetAll),
    ...legacy(antenna, () => state),
    ...(options.bluetooth === 5 ? extended(antenna, options, () => state) : []),
  ])
  return {
    answer(opcode, parameters) {
      const command = commands.get(opcode)
      if (command === undefined)
        return { name: `0x${opcode.toString(16)}`, status: UNKNOWN_COMMAND, result: [] }
      const { name, length } = command
      // A length of -1: as long as it says itself.
      if (length >= 0 && parameters.length !== length) return { name, status: INVALID, result: [] }
      const answered = command.do(parameters)
      return typeof answered === 'number' ? { name, status: answered, result: [] } : { name, ...answered }
    },
    hear(packet) {
      const { scan, eventMask, leMask, kind } = state
      if (scan?.isOn !== true || !hasBit(eventMask, LE_META_BIT)) return []
      if (kind === 'extended') return hasBit(leMask, 12) ? extendedReports(packet) : []
      const report = hasBit(leMask, 1) ? legacyReport(packet) : null
      return report === null ? [] : [report]
    },
    isScanning: () => state.scan?.isOn === true,
    loseScan() {
      if (state.scan !== null) state.scan.isOn = false
    },
  }
}

type Now = () => State
const named = (opcode: number, name: string, length: number, run: Answer['do']): [number, Answer] => [
  opcode,
  { name, length, do: run },
]

function basics({ bluetooth, address }: ChipOptions, now: Now, reset: () => Answered): [number, Answer][] {
  const own =
    address === null ? [0, 0, 0, 0, 0, 0] : [...Buffer.from(address.replaceAll(':', ''), 'hex')].reverse()
  const mask = (key: 'eventMask' | 'leMask') => (p: Buffer) => {
    now()[key] = Buffer.from(p)
    return DONE
  }
  return [
    named(0x0c03, 'Reset', 0, reset),
    named(0x0c01, 'Set Event Mask', 8, mask('eventMask')),
    named(0x2001, 'LE Set Event Mask', 8, mask('leMask')),
    named(0x1001, 'Read Local Version', 0, () =>
      ok(VERSIONS[bluetooth], 0, 0, VERSIONS[bluetooth], 0xff, 0xff, 0, 0),
    ),
    named(0x1003, 'Read Local Features', 0, () => ok(0, 0, 0, 0, LE_ONLY, 0, 0, 0)),
    named(0x1009, 'Read Address', 0, () => ok(...own)),
    named(0x2003, 'LE Read Features', 0, () =>
      ok(0x20, bluetooth === 5 ? EXTENDED_ADVERTISING : 0, 0, 0, 0, 0, 0, 0),
    ),
    named(0x2002, 'LE Read Buffer Size', 0, () => ok(0xfb, 0, 8)),
    named(0x202f, 'LE Read Maximum Data Length', 0, () => ok(0xfb, 0, 0x48, 8, 0xfb, 0, 0x48, 8)),
    named(0x0c6d, 'Write LE Host Support', 2, () => DONE),
    named(0x0c6c, 'Read LE Host Support', 0, () => ok(1, 0)),
    named(0x2005, 'LE Set Random Address', 6, () => {
      if (now().scan?.isOn) return DISALLOWED
      now().random = true
      return DONE
    }),
  ]
}

/** Only of its own kind until the next reset. */
const ofKind =
  (kind: 'legacy' | 'extended', now: Now, run: Answer['do']): Answer['do'] =>
  p => {
    const state = now()
    if (state.kind !== null && state.kind !== kind) return DISALLOWED
    state.kind = kind
    return run(p)
  }

const setScan = (now: Now, isPassive: boolean, window: number, interval: number): Answered => {
  if (now().scan?.isOn) return DISALLOWED
  if (window > interval || interval < 4) return INVALID
  now().scan = { isPassive, isOn: false }
  return DONE
}
const switchScan = (now: Now, isOn: boolean): Answered => {
  const state = now()
  state.scan ??= { isPassive: true, isOn: false }
  state.scan.isOn = isOn
  return DONE
}

function legacy(antenna: Antenna, now: Now): [number, Answer][] {
  const own = (opcode: number, name: string, length: number, run: Answer['do']) =>
    named(opcode, name, length, ofKind('legacy', now, run))
  return [
    own(0x200b, 'LE Set Scan Parameters', 7, p =>
      setScan(now, p[0] === 0, p.readUInt16LE(3), p.readUInt16LE(1)),
    ),
    own(0x200c, 'LE Set Scan Enable', 2, p => switchScan(now, p[0] === 1)),
    own(0x2006, 'LE Set Advertising Parameters', 15, p => {
      if (p[5] === 1 && !now().random) return INVALID
      return p[4] === 3 ? antenna.set(0, p.readUInt16LE(0) * SLOT_MS) : INVALID
    }),
    own(0x2008, 'LE Set Advertising Data', 32, p => antenna.data(0, p.subarray(1, 1 + (p[0] ?? 0)))),
    own(0x200a, 'LE Set Advertising Enable', 1, p => antenna.enable(0, p[0] === 1)),
  ]
}

function extended(antenna: Antenna, { sets }: ChipOptions, now: Now): [number, Answer][] {
  const own = (opcode: number, name: string, length: number, run: Answer['do']) =>
    named(opcode, name, length, ofKind('extended', now, run))
  return [
    own(0x2041, 'LE Set Extended Scan Parameters', 8, p =>
      p[2] === 1 ? setScan(now, p[3] === 0, p.readUInt16LE(6), p.readUInt16LE(4)) : INVALID,
    ),
    own(0x2042, 'LE Set Extended Scan Enable', 6, p => switchScan(now, p[0] === 1)),
    own(0x203b, 'LE Read Number of Advertising Sets', 0, () => ok(sets)),
    own(0x2035, 'LE Set Advertising Set Random Address', 7, () => DONE),
    own(0x2036, 'LE Set Extended Advertising Parameters', 25, p => {
      if (p.readUInt16LE(1) !== 0x10) return INVALID
      const status = antenna.set(p[0] ?? 0, u24(p, 3) * SLOT_MS)
      return { status, result: status === DONE ? [0] : [] }
    }),
    own(0x2037, 'LE Set Extended Advertising Data', -1, p => {
      const length = p[3] ?? 0
      return p[1] === 3 && p.length === 4 + length ? antenna.data(p[0] ?? 0, p.subarray(4)) : INVALID
    }),
    own(0x2039, 'LE Set Extended Advertising Enable', -1, p =>
      p[1] === 1 && p.length === 6 ? antenna.enable(p[2] ?? 0, p[0] === 1) : INVALID,
    ),
  ]
}
