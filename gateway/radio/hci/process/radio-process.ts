// The entry of the process that holds one radio: a library that hangs, a thread that spins or a socket that is dead ends with it, and
// whoever asked for the radio goes on. Orders in; tells by messages, reports by a pipe of their own.
import { Socket } from 'node:net'
import type { Clock } from '../../../ports.ts'
import { isSerial, type Line, LineRefused } from '../line/line.ts'
import { createScanner, type ScannerTell } from '../scanner.ts'
import { createBatcher, monotonicMs } from './batch.ts'
import { type FromProcess, NEVER_DEAF, REPORTS_FD, type ToProcess } from './messages.ts'

/** Reports that were not taken yet, in bytes: some 200,000. Then the line is held up, or where it can't be, they are dropped. */
const WAITING_BYTES_MAX = 8_000_000

const clock: Clock = {
  nowMs: () => Math.floor(monotonicMs()),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

const post = (message: FromProcess): void => {
  if (process.connected) process.send?.(message, () => {})
}

/** The last message leaves before the process does. */
const endWith = (tell: ScannerTell): void => {
  if (!process.connected) process.exit()
  process.send?.({ is: 'tell', tell } satisfies FromProcess, () => process.exit())
}

type Start = Extract<ToProcess, { is: 'start' }>
type Rest = Exclude<ToProcess, { is: 'start' }>

/** Each is loaded where it is needed: neither library without the other. */
async function open({ device, baudRate }: Start): Promise<Line> {
  if (!isSerial(device)) return (await import('../line/kernel.ts')).openKernel(device)
  return (await import('../line/uart.ts')).openUart(device, baudRate ?? undefined)
}

/** Reports out; false where nobody takes them fast enough. */
function createOutlet(line: Line) {
  const pipe = new Socket({ fd: REPORTS_FD, readable: false, writable: true })
  const batcher = createBatcher()
  let dropped = 0
  // Whoever read them is gone: so is this process soon.
  pipe.on('error', () => {})
  pipe.on('drain', () => line.resume?.())
  return {
    add: batcher.add,
    dropped: () => dropped,
    flush(): void {
      if (pipe.writableLength > WAITING_BYTES_MAX && line.pause === undefined) {
        dropped += batcher.count()
        batcher.clear()
        return
      }
      pipe.write(batcher.take(monotonicMs()))
      if (pipe.writableLength > WAITING_BYTES_MAX) line.pause?.()
    },
  }
}

async function run(start: Start): Promise<(message: Rest) => void> {
  const line = await open(start)
  const outlet = createOutlet(line)
  const scanner = createScanner({
    line,
    clock,
    deafAfterMs: start.deafAfterMs === NEVER_DEAF ? Number.POSITIVE_INFINITY : start.deafAfterMs,
    report: outlet.add,
    flush: outlet.flush,
    tell: tell => (tell.is === 'over' ? endWith(tell) : post({ is: 'tell', tell })),
  })
  return message => {
    switch (message.is) {
      case 'broadcast':
        scanner.broadcast(message.packets.map(packet => Buffer.from(packet, 'hex')))
        return
      case 'ping':
        post({
          is: 'pong',
          number: message.number,
          counted: { ...scanner.counted(), dropped: outlet.dropped() },
        })
        return
      case 'close':
        void scanner
          .close()
          .then(() => line.close())
          .then(() => process.exit())
        return
      default:
        message satisfies never
    }
  }
}

/** What comes while the line is being opened waits for it. */
function obey(): void {
  let running: Promise<(message: Rest) => void> | null = null
  process.on('message', (message: ToProcess) => {
    if (message.is !== 'start') {
      void running?.then(take => take(message))
      return
    }
    running = run(message)
    running.catch(error => {
      if (!(error instanceof LineRefused)) throw error
      endWith({ is: 'over', kind: error.kind, why: error.message })
    })
  })
  // Who stops a gateway from outside often stops all that belongs to it (Ctrl-C, systemd): the controller is switched off first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  process.on('disconnect', () => {
    if (running === null) process.exit()
    running.then(
      take => take({ is: 'close' }),
      () => process.exit(),
    )
  })
}

obey()
