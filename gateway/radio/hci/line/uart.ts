// The door to a serial line that carries H4: a UART, a USB stick that shows itself as one, or a pty. In: a path and a speed.
// Throws LineRefused.
import { stat } from 'node:fs/promises'
import { SerialPort } from 'serialport'
import { type Line, LineRefused } from './line.ts'

/** What USB sticks take whatever it is, and what chips on a UART are commonly set to. */
const BAUD_RATE = 1_000_000
/** Chunks are read in this size at most: some hundred reports. */
const READ_BYTES = 65_536
const GONE = /EIO|ENXIO|ENODEV|EBADF/

export async function openUart(path: string, baudRate = BAUD_RATE): Promise<Line> {
  // RTS and CTS belong to H4; where there are none (USB, pty) they change nothing.
  const port = new SerialPort({ path, baudRate, rtscts: true, autoOpen: false, highWaterMark: READ_BYTES })
  await new Promise<void>((resolve, reject) => {
    port.open(error => (error === null ? resolve() : refused(path, error).then(reject)))
  })
  let isOver = false
  let end = (_why: string): void => {}
  const over = (why: string): void => {
    if (isOver) return
    isOver = true
    end(why)
  }
  const gone = `${path} is gone`
  // A write can be the first to notice.
  port.on('error', ({ message }) => over(GONE.test(message) ? gone : `${path} failed: ${message}`))
  port.on('close', () => over(gone))
  return {
    write: bytes => void port.write(bytes),
    onBytes: take => void port.on('data', take),
    onEnd(take) {
      end = take
    },
    pause: () => void port.pause(),
    resume: () => void port.resume(),
    async close() {
      isOver = true
      if (!port.isOpen) return
      await new Promise<void>(resolve => port.drain(() => port.close(() => resolve())))
    },
  }
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
  return text
}
