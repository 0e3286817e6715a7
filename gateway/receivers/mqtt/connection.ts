// A receiver's TCP connection as the broker reads it: the same bytes, with each packet's length bounded.
// Promises that nobody makes the gateway hold more than a small packet before they have shown a password.
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { PAYLOAD_BYTES_MAX } from '../../../schemas/report.ts'
import { framing } from './framing.ts'

/** CONNECT with a will, and nothing else, comes before the password is known. */
export const CONNECT_BYTES_MAX = 4096
/** Topic, packet number and the like beside the payload. What is longer is cut here and refused as oversized. */
export const PACKET_BYTES_MAX = PAYLOAD_BYTES_MAX + 1024

/** Read ahead of the broker at most so much per connection. */
const READ_BYTES_MAX = 65_536

/** Ends a connection whose packets can't be cut to size. */
export class PacketRefused extends Error {
  override readonly name = 'PacketRefused'

  constructor(bytesMax: number, came: string) {
    super(`expected packets of at most ${bytesMax} bytes, came ${came}`)
  }
}

export type Claim = { username: string; protocolVersion: number; keepalive: number; clientIdLength: number }

export class Connection extends Duplex {
  /** Set once the account is known; only then may a packet be longer than a CONNECT. */
  isTrusted = false
  /** What its CONNECT said, before anything of it was proven. */
  claim: Claim | null = null
  /** Ended by us, to be sent again what could not be kept: its receiver is not gone. */
  willReturn = false
  /** So much may be on its way to it before whoever writes to it waits. */
  aheadBytesMax = 0
  /** The address that it comes from. */
  readonly from: string
  readonly #socket: Socket
  readonly #framing = framing()
  readonly #nowMs: () => number
  /** Since when what comes is not read, and when the oldest of what was read ahead came. */
  #pausedAtMs: number | null = null
  #oldestAtMs: number | null = null
  /** When what the broker read last had come, or had begun to wait outside: from then on its reports grow older. */
  arrivedAtMs: number

  constructor(socket: Socket, nowMs: () => number) {
    super({ allowHalfOpen: false, readableHighWaterMark: READ_BYTES_MAX })
    this.#socket = socket
    this.from = socket.remoteAddress ?? ''
    this.#nowMs = nowMs
    this.arrivedAtMs = nowMs()
    socket.on('data', chunk => this.#take(chunk))
    socket.on('end', () => this.push(null))
    socket.on('error', error => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  #take(chunk: Buffer): void {
    this.#oldestAtMs ??= this.#pausedAtMs ?? this.#nowMs()
    this.#pausedAtMs = null
    const bytesMax = this.isTrusted ? PACKET_BYTES_MAX : CONNECT_BYTES_MAX
    const passed = this.#framing.pass(chunk, { bytesMax, mayCut: this.isTrusted })
    if ('refused' in passed) this.destroy(new PacketRefused(bytesMax, passed.refused))
    else if (passed.length > 0 && !this.push(passed)) this.#pause()
  }

  #pause(): void {
    this.#pausedAtMs = this.#nowMs()
    this.#socket.pause()
  }

  override read(size?: number): unknown {
    const chunk = super.read(size)
    if (chunk === null) return chunk
    this.arrivedAtMs = this.#oldestAtMs ?? this.#nowMs()
    this.#oldestAtMs = null
    return chunk
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done)
  }

  #send(bytes: Buffer, done: (error?: Error | null) => void): void {
    if (this.#socket.writableLength + bytes.length > this.aheadBytesMax) {
      this.#socket.write(bytes, done)
      return
    }
    this.#socket.write(bytes)
    done()
  }

  /** A packet is written in several small pieces: one segment for all of them. */
  override _writev(pieces: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(pieces.map(({ chunk }) => chunk)), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
