// A serial line that carries H4: a UART, a USB stick that shows itself as one, or a pty. In: a path and a speed. Throws LineRefused.
import { stat } from 'node:fs/promises'
import { type Line, LineRefused } from './line.ts'
import { openPort, type Port, whyNot } from './serial-port.ts'

/** What USB sticks take whatever it is, and what chips on a UART are commonly set to. */
const BAUD_RATE = 1_000_000

export async function openUart(path: string, baudRate = BAUD_RATE): Promise<Line> {
  // RTS and CTS belong to H4; where there are none (USB, pty) they change nothing.
  const port = await openPort(path, { baudRate, rtscts: true }).catch(async (cause: Error) => {
    throw await refused(path, cause)
  })
  return { ...port, write: bytes => port.write(bytes), close: () => closed(port) }
}

/** What was written leaves. */
async function closed(port: Port): Promise<void> {
  await new Promise<void>(resolve => port.drain(() => resolve()))
  await port.close()
}

async function refused(path: string, cause: Error): Promise<LineRefused> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (!isThere) return new LineRefused('gone', `${path} is not there`, cause)
  const why = whyNot(cause.message) ?? cause.message.replace(/^Error: /, '')
  return new LineRefused('refused', `${path} cannot be opened: ${why}`, cause)
}
