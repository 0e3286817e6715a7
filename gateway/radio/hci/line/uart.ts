// The door to a serial line that carries H4: a UART, a USB stick that shows itself as one, or a pty. In: a path and a speed.
// Throws LineRefused.
import { stat } from 'node:fs/promises'
import { ReadStream } from 'node:tty'
import { SerialPort } from 'serialport'
import { type Line, LineRefused } from './line.ts'

/** What USB sticks take whatever it is, and what chips on a UART are commonly set to. */
const BAUD_RATE = 1_000_000
const GONE = /EIO|ENXIO|ENODEV|EBADF/

export async function openUart(path: string, baudRate = BAUD_RATE): Promise<Line> {
  // RTS and CTS belong to H4; where there are none (USB, pty) they change nothing.
  const port = new SerialPort({ path, baudRate, rtscts: true, autoOpen: false })
  await new Promise<void>((resolve, reject) => {
    port.open(error => (error === null ? resolve() : refused(path, error).then(reject)))
  })
  const stream = new ReadStream(fdOf(port))
  let isOver = false
  let end = (_why: string): void => {}
  const over = (why: string): void => {
    if (isOver) return
    isOver = true
    end(why)
  }
  const gone = `${path} is gone`
  // A write can be the first to notice.
  const failed = ({ message }: Error): void => over(GONE.test(message) ? gone : `${path} failed: ${message}`)
  port.on('error', failed)
  stream.on('error', failed)
  stream.on('end', () => over(gone))
  stream.on('close', () => over(gone))
  return {
    write: bytes => void port.write(bytes),
    onBytes: take => void stream.on('data', take),
    onEnd(take) {
      end = take
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    // What was written leaves. Both would close the one descriptor: the process that holds the line ends instead.
    async close() {
      isOver = true
      await new Promise<void>(resolve => port.drain(() => resolve()))
    },
  }
}

/**
 * serialport opens the line and sets it up, and Node itself reads it: serialport 13 reads late on Node 26, by some 300 ms and more
 * (findings), and everywhere at twice the CPU.
 */
function fdOf(port: SerialPort): number {
  const { fd } = port.port as unknown as { fd: unknown }
  if (typeof fd !== 'number') throw new Error(`expected serialport to hold a descriptor, came ${fd}`)
  return fd
}

async function refused(path: string, cause: Error): Promise<LineRefused> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (!isThere) return new LineRefused('gone', `${path} is not there`, cause)
  return new LineRefused('refused', `${path} cannot be opened: ${reasonOf(cause.message)}`, cause)
}

function reasonOf(text: string): string {
  if (/denied|EACCES/i.test(text))
    return 'no permission for it (on Linux, join the group that owns it: dialout)'
  if (/lock|busy|EBUSY|temporarily/i.test(text)) return 'another program has it open'
  if (/Inappropriate ioctl|Is a directory/i.test(text)) return 'it is no serial line'
  if (/baud rate/i.test(text)) return 'it does not take this speed (--baud)'
  return text.replace(/^Error: /, '')
}
