// One call's sound at the phone: RTP in is decoded and recorded, RTP out is quiet and the keys pressed (RFC 3550, 3551, 4733).
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isRtp, RtpPacket } from 'rtp.js/packets'
import { createRecording, type Recording } from './recording.ts'
import type { Offer } from './sip/sdp.ts'
import { decodeSound, QUIET } from './sound/g711.ts'
import { type EventPayload, eventPayloads } from './sound/keys.ts'

const STEP_MS = 20
const STEP_SAMPLES = 160
/** After a stall, more than so many late packets are dropped rather than sent in a burst. */
const BURST_STEPS = 10

export type Media = {
  readonly port: number
  readonly recording: Recording
  /** Begins to send, or sends elsewhere after a re-INVITE. */
  connect(offer: Offer): void
  /** Presses a key; throws Error where the caller did not offer telephone-events or the key does not exist. */
  press(key: string): void
  close(): void
}

export async function openMedia(host: string, onHeard: () => void): Promise<Media> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, host, () => resolve())
  })
  const recording = createRecording()
  const line = { ssrc: randomInt(2 ** 32 - 1), sequence: randomInt(2 ** 15), timestamp: randomInt(2 ** 31) }
  const pressing: EventPayload[] = []
  let offer: Offer | null = null
  let eventTimestamp = 0
  let timer: NodeJS.Timeout | null = null

  const send = (payloadType: number, timestamp: number, payload: Uint8Array, isFirst: boolean): void => {
    if (!offer) return
    const packet = new RtpPacket()
    packet.setPayloadType(payloadType)
    packet.setSequenceNumber(line.sequence)
    packet.setTimestamp(timestamp)
    packet.setSsrc(line.ssrc)
    packet.setMarker(isFirst)
    packet.setPayload(new DataView(payload.buffer, payload.byteOffset, payload.byteLength))
    packet.serialize()
    line.sequence = (line.sequence + 1) & 0xffff
    // A phone that cannot be heard is a lost packet to it, not a failure.
    socket.send(packet.getView(), offer.port, offer.host, () => {})
  }

  const step = (): void => {
    const event = pressing.shift()
    if (event && offer?.eventType !== undefined) {
      if (event.isFirst) eventTimestamp = line.timestamp
      send(offer.eventType, eventTimestamp, event.payload, event.isFirst)
    } else if (offer && (offer.direction === 'sendrecv' || offer.direction === 'recvonly')) {
      send(offer.payloadType, line.timestamp, new Uint8Array(STEP_SAMPLES).fill(QUIET[offer.codec]), false)
    }
    line.timestamp = (line.timestamp + STEP_SAMPLES) >>> 0
  }

  const run = (startMs: number, done: number): void => {
    const due = Math.floor((performance.now() - startMs) / STEP_MS) + 1
    const skipped = Math.max(0, due - done - BURST_STEPS)
    line.timestamp = (line.timestamp + skipped * STEP_SAMPLES) >>> 0
    for (let i = done + skipped; i < due; i += 1) step()
    // Time has gone on since it was asked; newer Nodes warn of a wait below nothing.
    const nextMs = Math.max(0, startMs + due * STEP_MS - performance.now())
    timer = setTimeout(() => run(startMs, due), nextMs)
  }

  socket.on('error', () => {})
  socket.on('message', data => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    if (!offer || !isRtp(view)) return
    const packet = parsed(view)
    if (packet?.getPayloadType() !== offer.payloadType) return
    const payload = packet.getPayload()
    const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)
    recording.add(packet.getSsrc(), packet.getTimestamp(), decodeSound(offer.codec, bytes))
    onHeard()
  })

  return {
    port: socket.address().port,
    recording,
    connect(next) {
      offer = next
      if (!timer) run(performance.now(), 0)
    },
    press(key) {
      if (offer?.eventType === undefined) {
        throw new Error('the caller offered no telephone-event: press the key by SIP INFO instead')
      }
      pressing.push(...eventPayloads(key))
    },
    close() {
      if (timer) clearTimeout(timer)
      socket.close()
    },
  }
}

function parsed(view: DataView): RtpPacket | null {
  try {
    return new RtpPacket(view)
  } catch {
    return null
  }
}
