// The door to the serial port. In: a path and a speed. Out: a wire that carries bytes both ways and says when it ends.
// Every refusal names what was expected and what came, and which ports there are.
import type { SerialPort } from 'serialport'

/** Bytes both ways, one character a byte. */
export type Wire = {
  /** Resolves once the bytes have left; rejects with WireEnded. */
  write(bytes: string): Promise<void>
  onBytes(listener: (bytes: string) => void): void
  onEnd(listener: (why: string) => void): void
  close(): Promise<void>
}

/** The port cannot be had. */
export class PortRefused extends Error {
  override readonly name = 'PortRefused'
}

/** The wire ended while it was needed: cable pulled, adapter gone. */
export class WireEnded extends Error {
  override readonly name = 'WireEnded'
}

/** A write that the line does not take for so long has no reader: flow control held, or a port that leads nowhere. */
const WRITE_MS_MAX = 20_000

const reasonOf = (path: string, cause: Error): string => {
  const text = cause.message
  if (/No such file|ENOENT|cannot find/i.test(text)) return 'no such port'
  if (/denied|EACCES/i.test(text))
    return 'no permission for it (on Linux, join the group that owns it: dialout)'
  if (/lock|busy|EBUSY|Resource temporarily/i.test(text)) return 'another program has it open'
  return text.replace(`, cannot open ${path}`, '')
}

/** Loaded when a port is asked for: a gateway that serves needs no serial port. */
const driver = async (): Promise<typeof SerialPort> => (await import('serialport')).SerialPort

const refused = async (path: string, cause: Error): Promise<PortRefused> => {
  const ports = await (await driver()).list().catch(() => [])
  const there = ports.length === 0 ? 'none' : ports.map(port => port.path).join(', ')
  return new PortRefused(
    `expected a serial port at ${path}, came: ${reasonOf(path, cause)}. Ports here: ${there}`,
    {
      cause,
    },
  )
}

const opened = async (path: string, baudRate: number): Promise<SerialPort> => {
  const Port = await driver()
  return new Promise((resolve, reject) => {
    // XON and XOFF as the chip sends them: it asks for a pause while it works on a line.
    const port = new Port({ path, baudRate, xon: true, autoOpen: false })
    port.open(error => {
      if (error === null) resolve(port)
      else refused(path, error).then(reject)
    })
  })
}

const writeAll = (port: SerialPort, bytes: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new WireEnded(`expected the port to take ${bytes.length} bytes, and it took none`)),
      WRITE_MS_MAX,
    )
    const done = (error: Error | null | undefined): void => {
      clearTimeout(timer)
      if (error) reject(new WireEnded(`expected an open port, came: ${error.message}`, { cause: error }))
      else resolve()
    }
    port.write(bytes, 'latin1', error => (error ? done(error) : port.drain(done)))
  })

/** Opens a serial port, alone. Throws PortRefused. */
export const openSerial = async (path: string, baudRate: number): Promise<Wire> => {
  const port = await opened(path, baudRate)
  let ended: string | null = null
  const endListeners: ((why: string) => void)[] = []
  const end = (why: string): void => {
    if (ended !== null) return
    ended = why
    for (const listener of endListeners) listener(why)
  }
  port.on('error', error => end(error.message))
  port.on('close', (error: Error | null) => end(error?.message ?? 'the port closed'))
  return {
    write: bytes => {
      if (ended !== null) return Promise.reject(new WireEnded(`expected an open port, came: ${ended}`))
      return writeAll(port, bytes)
    },
    onBytes: listener => {
      port.on('data', (bytes: Buffer) => listener(bytes.toString('latin1')))
    },
    onEnd: listener => {
      endListeners.push(listener)
    },
    close: () =>
      new Promise(resolve => {
        if (port.isOpen) port.close(() => resolve())
        else resolve()
      }),
  }
}
