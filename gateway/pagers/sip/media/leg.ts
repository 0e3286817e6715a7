// The sound of one call: frames asked for each 20 ms go out as RTP, keys come in (RFC 3550, 3551, 4733).
// Ours go where the other side's description says; whose packets are the telephone's: source.ts.
import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import { isRtp, RtpPacket } from 'rtp.js/packets'
import { FRAME_SAMPLES } from '../recital.ts'
import { encode } from './g711.ts'
import { createPresses, keyOfEvent, readEvent } from './keys.ts'
import { pace } from './pace.ts'
import { EVENT_TYPE, OFFERED_TYPES, type Remote } from './sdp.ts'
import { createSource } from './source.ts'

/** Some exchanges want an even port (RFC 3550 section 11); the next free one is even about every other time. */
const BIND_ATTEMPTS = 16

export type Leg = {
  readonly host: string
  readonly port: number
  /** Sends to and hears from `remote` from now on; called again it begins anew elsewhere. */
  aim(remote: Remote): void
  /** Asks `next` for 20 ms of samples on every beat; null sends nothing. */
  speak(next: () => Int16Array | null): void
  /** When the other side's last packet came, by performance.now(); null if never. */
  heardAtMs(): number | null
  close(): void
}

/** `onStray`: a key came from a place that is not the telephone's, and is not believed. */
export type LegHooks = { onKey(key: string): void; onStray(from: string): void }

export async function openLeg(host: string, { onKey, onStray }: LegHooks): Promise<Leg> {
  const socket = await bindEven(host)
  const { port } = socket.address()
  const isPress = createPresses()
  const source = createSource()
  let remote: Remote | null = null
  let heardAtMs: number | null = null
  let stop: (() => void) | null = null

  const sender = createSender(socket, source)

  const isTheirs = (packet: RtpPacket, { address, port: fromPort }: RemoteInfo): boolean =>
    source.isBelieved({
      from: { host: address, port: fromPort },
      ssrc: packet.getSsrc(),
      sequence: packet.getSequenceNumber(),
      atMs: performance.now(),
    })

  /** An event's key where this packet is the first of a press. */
  const pressIn = (packet: RtpPacket): string | null => {
    const payload = packet.getPayload()
    const event = readEvent(new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength))
    if (event === null) return null
    const about = { ssrc: packet.getSsrc(), sequence: packet.getSequenceNumber() }
    const isNew = isPress({
      ...about,
      timestamp: packet.getTimestamp(),
      isMarked: packet.getMarker(),
      ...event,
    })
    return isNew ? keyOfEvent(event.code) : null
  }

  socket.on('error', () => {})
  socket.on('message', (data, from) => {
    const packet = parse(data)
    if (!remote || !packet) return
    const carries = typeOf(packet.getPayloadType(), remote)
    if (carries === null) return
    if (!isTheirs(packet, from)) {
      if (carries === 'event') onStray(`${from.address}:${from.port}`)
      return
    }
    heardAtMs = performance.now()
    const key = carries === 'event' ? pressIn(packet) : null
    if (key !== null) onKey(key)
  })

  return {
    host,
    port,
    aim(next) {
      remote = next
      const { host: announced, port: at } = next
      if (isIP(announced) !== 0) return source.aim({ host: announced, port: at })
      lookup(announced, (error, address) => {
        if (!error && remote === next) source.aim({ host: address, port: at })
      })
    },
    speak(next) {
      stop?.()
      sender.beginTalk()
      stop = pace(() => {
        const samples = next()
        if (samples && remote && isListening(remote)) sender.send(samples, remote)
        sender.frameOver()
      })
    },
    heardAtMs: () => heardAtMs,
    close() {
      stop?.()
      stop = null
      socket.close()
    },
  }
}

/** Our stream: frames in, packets out to where the source is reached. */
function createSender(socket: Socket, source: ReturnType<typeof createSource>) {
  const stream = { ssrc: randomInt(2 ** 32 - 1), sequence: randomInt(2 ** 15), timestamp: randomInt(2 ** 31) }
  let isFirst = true
  return {
    beginTalk(): void {
      isFirst = true
    },
    /** Time passes for the other side, whether or not anything was sent. */
    frameOver(): void {
      stream.timestamp = (stream.timestamp + FRAME_SAMPLES) >>> 0
    },
    send(samples: Int16Array, to: Remote): void {
      const packet = new RtpPacket()
      packet.setPayloadType(to.payloadType)
      packet.setSequenceNumber(stream.sequence)
      packet.setTimestamp(stream.timestamp)
      packet.setSsrc(stream.ssrc)
      packet.setMarker(isFirst)
      const payload = encode(to.codec, samples)
      packet.setPayload(new DataView(payload.buffer, payload.byteOffset, payload.byteLength))
      packet.serialize()
      stream.sequence = (stream.sequence + 1) & 0xffff
      isFirst = false
      const target = source.target()
      // A packet that cannot leave is a lost packet; the call itself is watched by its timers.
      if (target)
        socket.send(packet.getView(), target.port, target.host, error => error && source.cannotReach())
    },
  }
}

function isListening(remote: Remote): boolean {
  return remote.direction === 'sendrecv' || remote.direction === 'recvonly'
}

/** What comes to us carries the numbers that we offered (RFC 3264, 5.1), or theirs, which some send instead. */
function typeOf(type: number, { payloadType, eventType }: Remote): 'sound' | 'event' | null {
  if (type === payloadType || OFFERED_TYPES.includes(type)) return 'sound'
  return type === eventType || type === EVENT_TYPE ? 'event' : null
}

function parse(data: Buffer): RtpPacket | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (!isRtp(view)) return null
  try {
    return new RtpPacket(view)
  } catch {
    return null
  }
}

async function bindEven(host: string): Promise<Socket> {
  const odd: Socket[] = []
  try {
    for (let attempt = 1; ; attempt += 1) {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind(0, host, () => resolve())
      })
      socket.removeAllListeners('error')
      if (socket.address().port % 2 === 0 || attempt === BIND_ATTEMPTS) return socket
      odd.push(socket)
    }
  } finally {
    for (const socket of odd) socket.close()
  }
}
