// A line to a controller: bytes both ways, and why it ended. Two kinds: a serial line (uart.ts), an adapter of the kernel (kernel.ts).

export type Line = {
  write(bytes: Uint8Array): void
  /** What is handed over may be overwritten once the call is over. */
  onBytes(take: (bytes: Uint8Array) => void): void
  /** Once, with the reason; not after `close`. */
  onEnd(take: (why: string) => void): void
  /** Holds the sender up, where the line can; what comes meanwhile is not lost then. */
  pause?(): void
  resume?(): void
  close(): Promise<void>
}

/** `gone`: no such device now. `refused`: it is there, and cannot be had. */
export class LineRefused extends Error {
  override readonly name = 'LineRefused'
  readonly kind: 'gone' | 'refused'
  constructor(kind: 'gone' | 'refused', why: string, cause?: unknown) {
    super(why, { cause })
    this.kind = kind
  }
}

/** A path is a serial line; a name like hci0 is the kernel's. */
export const isSerial = (device: string): boolean => device.includes('/')
