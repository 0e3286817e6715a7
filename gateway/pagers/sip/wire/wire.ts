// The TCP or TLS connection to the exchange, in the shape of JsSIP's documented Socket: text out, whole messages in.
// Kept up all the time, so that an alarm never waits for it: a closed one is known at once and tried again within bounds.
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { faultWords } from '../../../../schemas/fault-words.ts'
import { createStream } from './stream.ts'

const RETRY_FIRST_MS = 250
const RETRY_MOST_MS = 5000
/** One that ends sooner is a failed one, whatever was said on it: an exchange may answer each request and hang up. */
const STEADY_MS = 5000
const SIP_LINE = /^(SIP\/2\.0 \d{3} |\S+ \S+ SIP\/2\.0\r)/
const CONNECT_LIMIT_MS = 4000
/** The kernel's own probes; the agent's OPTIONS are quicker. */
const KEEP_ALIVE_MS = 10_000
const NEVER_ANSWERED = 'it takes connections and does not answer on them'

export type WireSetting = { server: string; port: number; transport: 'tcp' | 'tls'; ca?: string }

export type Address = { host: string; port: number }

export class Wire {
  readonly via_transport: string
  readonly url: string
  readonly sip_uri: string
  // JsSIP puts its own functions here.
  onconnect: () => void = () => {}
  ondisconnect: (isError: boolean, code?: number, reason?: string) => void = () => {}
  ondata: (text: string) => void = () => {}
  /** Told of each connection before JsSIP is, with our own address on it. */
  onUp: (local: Address) => void = () => {}
  /** Told when a connection is lost, and when none could be made. */
  onDown: (why: string) => void = () => {}
  /** Told when a connection has stood long enough after others that had not. */
  onSteady: () => void = () => {}
  /** What JsSIP is to read of a message that came; null for nothing. */
  pass: (text: string) => string | null = text => text
  /** Told of each message after it was written. */
  onSent: (text: string) => void = () => {}

  readonly #setting: WireSetting
  #socket: Socket | null = null
  #isConnected = false
  #isClosed = false
  #isFollowed = false
  /** Something that speaks SIP has answered on this connection. */
  #isProven = false
  /** The connection before this one came up and ended soon. */
  #endedSoon = false
  #retryMs = RETRY_FIRST_MS
  #retry: NodeJS.Timeout | null = null
  #steady: NodeJS.Timeout | null = null
  #waiting: ((isConnected: boolean) => void)[] = []

  constructor(setting: WireSetting) {
    this.#setting = setting
    this.via_transport = setting.transport.toUpperCase()
    this.url = `${setting.transport}://${setting.server}:${setting.port}`
    this.sip_uri = `sip:${setting.server}:${setting.port};transport=${setting.transport}`
  }

  /** JsSIP wants to follow the connection from now on; it may be up already. */
  connect(): void {
    this.#isFollowed = true
    // A moment later, since JsSIP's start() makes up its mind about registering only after this call.
    if (this.#isConnected) queueMicrotask(() => this.#isConnected && this.onconnect())
    else void this.attempt()
  }

  isConnected(): boolean {
    return this.#isConnected
  }

  isConnecting(): boolean {
    return this.#socket !== null && !this.#isConnected
  }

  /** False after a connection that ended soon, until one stands. */
  isSteady(): boolean {
    return !this.#endedSoon
  }

  /** Tries now if it is down; resolves with whether it is up, as soon as that is known. */
  attempt(): Promise<boolean> {
    if (this.#isConnected || this.#isClosed) return Promise.resolve(this.#isConnected)
    const settled = new Promise<boolean>(resolve => this.#waiting.push(resolve))
    if (!this.#socket) this.#open()
    return settled
  }

  /** False where it is down. */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    if (!this.#socket || !this.#isConnected) return false
    const text = String(data)
    this.#socket.write(text)
    this.onSent(text)
    return true
  }

  /** As `send`, for a message that is not JsSIP's; `onSent` is not told. */
  write(text: string): void {
    if (this.#isConnected) this.#socket?.write(text)
  }

  /** Lets a connection go that is open but dead; a new one is tried at once. */
  drop(why: string): void {
    this.#socket?.destroy(new Error(why))
  }

  /** For good. */
  disconnect(): void {
    this.#isClosed = true
    if (this.#retry) clearTimeout(this.#retry)
    if (this.#steady) clearTimeout(this.#steady)
    const socket = this.#socket
    this.#lost()
    socket?.end()
    socket?.unref()
    this.#settle()
  }

  #open(): void {
    if (this.#retry) clearTimeout(this.#retry)
    const { server, port, transport, ca } = this.#setting
    const host = server.replace(/^\[|\]$/g, '')
    const socket =
      transport === 'tls' ? connectTls({ host, port, ...(ca ? { ca } : {}) }) : connectTcp({ host, port })
    this.#socket = socket
    const stream = createStream()
    let why: string | null = null
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.setTimeout(CONNECT_LIMIT_MS, () =>
      socket.destroy(new Error(`no connection in ${CONNECT_LIMIT_MS} ms`)),
    )
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => this.#up(socket))
    socket.on('data', chunk => {
      try {
        for (const text of stream(chunk)) this.#take(text)
      } catch (cause) {
        // Sent by nothing that speaks SIP: what follows cannot be trusted either.
        socket.destroy(cause instanceof Error ? cause : new Error(String(cause)))
      }
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // How the other side ended an open connection is no fault of its own.
      if (error.code === undefined || !this.#isConnected) why = faultWords(error)
    })
    // A half-closed connection takes requests and never answers them.
    socket.on('end', () => socket.destroy())
    socket.on('close', () => this.#down(socket, why))
  }

  #take(text: string): void {
    if (SIP_LINE.test(text)) this.#isProven = true
    try {
      const passed = this.pass(text)
      if (passed !== null) this.ondata(passed)
    } catch {
      // JsSIP throws at some messages that it can't read. It is one message, and the calls on this connection go on.
    }
  }

  #up(socket: Socket): void {
    socket.setTimeout(0)
    this.#isConnected = true
    this.#steady = setTimeout(() => this.#stands(), STEADY_MS)
    const wasFollowed = this.#isFollowed
    this.onUp({ host: socket.localAddress ?? '', port: socket.localPort ?? 0 })
    if (wasFollowed) this.onconnect()
    this.#settle()
  }

  #down(socket: Socket, fault: string | null): void {
    if (this.#socket !== socket) return
    const wasConnected = this.#isConnected
    const stood = wasConnected && this.#steady === null
    if (wasConnected && !stood) this.#endedSoon = true
    const why = fault ?? (wasConnected && !this.#isProven ? NEVER_ANSWERED : 'the connection was closed')
    this.#lost()
    if (wasConnected && this.#isFollowed) this.ondisconnect(true, 0, why)
    this.onDown(why)
    this.#settle()
    if (this.#isClosed) return
    this.#retry = setTimeout(() => void this.attempt(), stood ? 0 : this.#retryMs)
    if (!stood) this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS)
  }

  #stands(): void {
    this.#steady = null
    this.#retryMs = RETRY_FIRST_MS
    if (!this.#endedSoon) return
    this.#endedSoon = false
    this.onSteady()
  }

  #lost(): void {
    if (this.#steady) clearTimeout(this.#steady)
    this.#steady = null
    this.#socket = null
    this.#isProven = false
    this.#isConnected = false
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve(this.#isConnected)
  }
}
