// The sound of one call: frames asked for each 20 ms go out as RTP, keys come in (RFC 3550, 3551, 4733).
// Symmetric: where the other side's packets really come from is where ours go.
import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isRtp, RtpPacket } from 'rtp.js/packets'
import { encode } from './g711.ts'
import { createPresses, keyOfEvent } from './keys.ts'
import { pace } from './pace.ts'
import { FRAME_SAMPLES } from './recital.ts'
import type { Remote } from './sdp.ts'

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

export async function openLeg(host: string, onKey: (key: string) => void): Promise<Leg> {
  const socket = await bindEven(host)
  const { port } = socket.address()
  const isPress = createPresses()
  const stream = { ssrc: randomInt(2 ** 32 - 1), sequence: randomInt(2 ** 15), timestamp: randomInt(2 ** 31) }
  let remote: Remote | null = null
  let source: { host: string; port: number } | null = null
  let heardAtMs: number | null = null
  let stop: (() => void) | null = null
  let isFirst = true

  const send = (samples: Int16Array, to: Remote): void => {
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
    // A packet that cannot leave is a lost packet; the call itself is watched by its timers.
    socket.send(packet.getView(), source?.port ?? to.port, source?.host ?? to.host, () => {})
  }

  const isFromThem = (from: RemoteInfo): boolean => {
    if (!remote) return false
    const isAnnounced = from.port === remote.port && from.address === remote.host
    if (isAnnounced || !source) source = { host: from.address, port: from.port }
    return from.port === source.port && from.address === source.host
  }

  socket.on('error', () => {})
  socket.on('message', (data, from) => {
    const packet = parse(data)
    if (!remote || !packet) return
    const type = packet.getPayloadType()
    if ((type !== remote.payloadType && type !== remote.eventType) || !isFromThem(from)) return
    heardAtMs = performance.now()
    if (type !== remote.eventType) return
    const payload = packet.getPayload()
    const key = keyOfEvent(new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength))
    if (key !== null && isPress(packet.getSsrc(), packet.getTimestamp())) onKey(key)
  })

  return {
    host,
    port,
    aim(next) {
      if (remote?.host !== next.host || remote.port !== next.port) source = null
      remote = next
    },
    speak(next) {
      stop?.()
      isFirst = true
      stop = pace(() => {
        const samples = next()
        if (samples && remote && isListening(remote)) send(samples, remote)
        stream.timestamp = (stream.timestamp + FRAME_SAMPLES) >>> 0
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

function isListening(remote: Remote): boolean {
  return remote.direction === 'sendrecv' || remote.direction === 'recvonly'
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
