// The door to serialport. In: a path and how the line is set. Out: a port, taken alone, that carries bytes both ways and says why
// it ended; and in words why one cannot be had.
import { constants, type FileHandle, open } from 'node:fs/promises'
import { ReadStream } from 'node:tty'
import type { SerialPort } from 'serialport'

export type PortSettings = {
  baudRate: number
  /** RTS and CTS hold the sender up. */
  rtscts?: boolean
  /** The characters XON and XOFF hold us up. */
  xon?: boolean
}

type Done = (error: Error | null | undefined) => void

export type Port = {
  write(bytes: Uint8Array, done?: Done): void
  /** Calls back once all that was written has left. */
  drain(done: Done): void
  /** What is handed over may be overwritten once the call is over. */
  onBytes(take: (bytes: Buffer) => void): void
  /** Once, with the reason; not after `close`. */
  onEnd(take: (why: string) => void): void
  pause(): void
  resume(): void
  /** Lets go of the line. What was written and has not left is lost. */
  close(): Promise<void>
}

const GONE = /EIO|ENXIO|ENODEV|EBADF/

/** Loaded when a port is asked for: a gateway that serves needs no serial port. */
const driver = async (): Promise<typeof SerialPort> => (await import('serialport')).SerialPort

/** Throws what serialport or the system says; `whyNot` has words for it. */
export async function openPort(path: string, settings: PortSettings): Promise<Port> {
  const Driver = await driver()
  const port = new Driver({ path, ...settings, autoOpen: false })
  await new Promise<void>((resolve, reject) => {
    port.open(error => (error === null ? resolve() : reject(error)))
  })
  const reading = await openToRead(path).catch(error => {
    port.close()
    throw error
  })
  return carried(path, port, reading)
}

type Reading = { stream: ReadStream; handle: FileHandle }

/**
 * serialport takes the line and sets it up, and Node itself reads it: serialport 13 reads late on Node 26, by some 300 ms and more
 * (findings), and everywhere at twice the CPU. By a descriptor of its own: Node opens a terminal anew in the place of the one it
 * is given, and with that the lock on the line would go.
 */
async function openToRead(path: string): Promise<Reading> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK)
  return { stream: new ReadStream(handle.fd), handle }
}

function carried(path: string, port: SerialPort, { stream, handle }: Reading): Port {
  let isOver = false
  let end = (_why: string): void => {}
  const over = (why: string): void => {
    if (isOver) return
    isOver = true
    end(why)
  }
  const gone = `${path} is gone`
  // A write can be the first to notice; serialport closes with null, with an error, or, after an error, with nothing.
  const failed = (error?: Error | null): void =>
    over(!error || GONE.test(error.message) ? gone : `${path} failed: ${error.message}`)
  port.on('error', failed)
  port.on('close', failed)
  stream.on('error', failed)
  stream.on('end', () => over(gone))
  stream.on('close', () => over(gone))
  return {
    write: (bytes, done) => void port.write(bytes, done),
    drain: done => void port.drain(done),
    onBytes: take => void stream.on('data', take),
    onEnd(take) {
      end = take
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    async close() {
      isOver = true
      stream.destroy()
      await handle.close().catch(() => undefined)
      if (port.isOpen) await new Promise<void>(resolve => port.close(() => resolve()))
    },
  }
}

/** Why a port cannot be opened, to stand after a colon; null where nobody has words for it. */
export function whyNot(text: string): string | null {
  if (/No such file|ENOENT|cannot find/i.test(text)) return 'no such port'
  if (/denied|EACCES/i.test(text))
    return 'no permission for it (on Linux, join the group that owns it: dialout)'
  if (/lock|busy|EBUSY|temporarily/i.test(text)) return 'another program has it open'
  if (/Inappropriate ioctl|Is a directory/i.test(text)) return 'it is no serial line'
  if (/baud rate/i.test(text)) return 'it does not take this speed (--baud)'
  return null
}

/** The serial ports of this machine. */
export const portsHere = async (): Promise<string[]> =>
  (await (await driver()).list().catch(() => [])).map(({ path }) => path)
