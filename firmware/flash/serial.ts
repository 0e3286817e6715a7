// The serial port of a pendant. In: a path and a speed. Out: a wire that carries bytes both ways and says when it ends.
// Every refusal names what was expected and what came, and which ports there are.
import { openPort, type Port, portsHere, whyNot } from '../../gateway/radio/hci/line/serial-port.ts'

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

const refused = async (path: string, cause: Error): Promise<PortRefused> => {
  const ports = await portsHere()
  const there = ports.length === 0 ? 'none' : ports.join(', ')
  const why = whyNot(cause.message) ?? cause.message.replace(`, cannot open ${path}`, '')
  return new PortRefused(`expected a serial port at ${path}, came: ${why}. Ports here: ${there}`, { cause })
}

const writeAll = (port: Port, bytes: string): Promise<void> =>
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
    port.write(Buffer.from(bytes, 'latin1'), error => (error ? done(error) : port.drain(done)))
  })

/** Opens a serial port, alone. Throws PortRefused. */
export const openSerial = async (path: string, baudRate: number): Promise<Wire> => {
  // XON and XOFF as the chip sends them: it asks for a pause while it works on a line.
  const port = await openPort(path, { baudRate, xon: true }).catch(async (cause: Error) => {
    throw await refused(path, cause)
  })
  let ended: string | null = null
  const endListeners: ((why: string) => void)[] = []
  port.onEnd(why => {
    ended = why
    for (const listener of endListeners) listener(why)
  })
  return {
    write: bytes => {
      if (ended !== null) return Promise.reject(new WireEnded(`expected an open port, came: ${ended}`))
      return writeAll(port, bytes)
    },
    onBytes: listener => port.onBytes(bytes => listener(bytes.toString('latin1'))),
    onEnd: listener => {
      endListeners.push(listener)
    },
    close: async () => {
      ended ??= 'it was closed'
      await port.close()
    },
  }
}
