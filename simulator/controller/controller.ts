// A virtual Bluetooth controller at the end of a pty, H4 both ways, with the faults that real ones have. In: packets that it hears, and
// what is to go wrong. Out: a path that any program opens as its radio; each packet that it was told to broadcast, as it leaves.
// It shares no code with the host in gateway/radio: a thing is never tested by its own mirror alone. Needs socat.
import { openPty, type Pty } from '../espruino/pty.ts'
import type { SimClock } from '../ports.ts'
import { createChip } from './chip.ts'
import type { HeardPacket } from './reports.ts'

const H4_COMMAND = 0x01
const HEAD = 4
/** The numbers that every host takes for an answer to a Reset. */
const CREDITS = 1

export type Fault =
  /** Each command of this name is refused. */
  | { is: 'refused'; command: string; status: number }
  /** Nothing is answered or reported. */
  | { is: 'silent' }
  /** Every answer comes so much later. */
  | { is: 'slow'; byMs: number }
  /** So many credits in each answer; after none, leave to go on `leaveAfterMs` later, or never. */
  | { is: 'credits'; count: number; leaveAfterMs?: number }
  /** Answers and hears nothing, until its scan is switched on anew, until it is reset, or for ever. */
  | { is: 'deaf'; until: 'scan' | 'reset' | 'never' }

export type ControllerOptions = {
  /** Where the pty is put; nothing may be there. */
  path: string
  clock: SimClock
  bluetooth?: 4 | 5
  address?: string | null
  sets?: number
}

export type Controller = {
  readonly path: string
  hear(packet: HeardPacket): void
  /** Packets that it sends, as they leave. */
  onBroadcast(take: (data: Uint8Array, atMs: number) => void): void
  isScanning(): boolean
  /** The commands so far, by name. */
  asked(): readonly string[]
  /** One at a time; null: all is well again. */
  fault(fault: Fault | null): void
  hardwareError(code: number): void
  /** As they are, reports or junk; resolves when the line has taken them. */
  pour(bytes: Uint8Array): Promise<void>
  /** The pty is gone, and with it all that it was told. */
  unplug(): Promise<void>
  /** It is there again at the same path, as it is after power on. */
  replug(): Promise<void>
  close(): Promise<void>
}

export async function createController(options: ControllerOptions): Promise<Controller> {
  const { path, clock, bluetooth = 5, address = 'c0:ff:ee:00:00:01', sets = 4 } = options
  let pty: Pty | null = null
  let fault: Fault | null = null
  let broadcast = (_data: Uint8Array, _atMs: number): void => {}
  const asked: string[] = []
  const chip = createChip({ bluetooth, address, sets, clock, sent: data => broadcast(data, clock.nowMs()) })

  const say = (bytes: Uint8Array): void => {
    if (fault?.is !== 'silent') pty?.send(bytes)
  }
  const complete = (credits: number, opcode: number, ...rest: number[]): Uint8Array =>
    Uint8Array.from([0x04, 0x0e, 3 + rest.length, credits, opcode & 0xff, opcode >> 8, ...rest])

  const obey = (opcode: number, parameters: Buffer): void => {
    const { name, status, result } = chip.answer(opcode, parameters)
    asked.push(name)
    const isRefused = fault?.is === 'refused' && fault.command === name
    if (isRefused && name.endsWith('Scan Enable')) chip.loseScan()
    if (fault?.is === 'deaf' && endsDeafness(fault.until, name, parameters)) fault = null
    const credits = fault?.is === 'credits' ? fault.count : CREDITS
    const refusal = isRefused && fault?.is === 'refused' ? fault.status : null
    const answer = complete(credits, opcode, refusal ?? status, ...(refusal === null ? result : []))
    clockwise(clock, fault?.is === 'slow' ? fault.byMs : 0, () => say(answer))
    if (fault?.is === 'credits' && fault.count === 0 && fault.leaveAfterMs !== undefined)
      clock.after(fault.leaveAfterMs, () => say(complete(1, 0)))
  }
  const plug = async (): Promise<void> => {
    pty = await openPty(path, commandsOf(obey))
  }

  await plug()
  const unplug = async (): Promise<void> => {
    const was = pty
    pty = null
    chip.answer(0x0c03, Buffer.alloc(0))
    await was?.close()
  }
  return {
    path,
    hear(packet) {
      if (fault?.is === 'deaf') return
      for (const report of chip.hear(packet)) say(report)
    },
    onBroadcast(take) {
      broadcast = take
    },
    isScanning: chip.isScanning,
    asked: () => asked,
    fault(next) {
      fault = next
    },
    hardwareError: code => say(Uint8Array.from([0x04, 0x10, 1, code])),
    async pour(bytes) {
      pty?.send(bytes)
      await pty?.sent()
    },
    unplug,
    replug: plug,
    close: unplug,
  }
}

const endsDeafness = (until: 'scan' | 'reset' | 'never', name: string, parameters: Buffer): boolean =>
  (until !== 'never' && name === 'Reset') ||
  (until === 'scan' && name.endsWith('Scan Enable') && parameters[0] === 1)

const clockwise = (clock: SimClock, delayMs: number, run: () => void): void => {
  if (delayMs === 0) run()
  else clock.after(delayMs, run)
}

/** Whole commands out of what comes, cut anywhere; what is none is passed over. */
function commandsOf(obey: (opcode: number, parameters: Buffer) => void): (bytes: Buffer) => void {
  let waiting = Buffer.alloc(0)
  return bytes => {
    waiting = Buffer.concat([waiting, bytes])
    while (waiting.length > 0) {
      if (waiting[0] !== H4_COMMAND) {
        waiting = waiting.subarray(1)
        continue
      }
      const end = HEAD + (waiting[3] ?? 0)
      if (waiting.length < HEAD || waiting.length < end) return
      const parameters = Buffer.from(waiting.subarray(HEAD, end))
      const opcode = waiting.readUInt16LE(1)
      waiting = waiting.subarray(end)
      obey(opcode, parameters)
    }
  }
}
