// Whose packets are the telephone's. In: where its description says that it is, and each RTP packet with where it came from.
// Out: whether it is believed, and where our own sound goes. The rule and its limits: README, "Whose key it is".
import { SocketAddress } from 'node:net'

export type Place = { host: string; port: number }
export type Packet = { from: Place; ssrc: number; sequence: number; atMs: number }

/** An old source that has said nothing for so long has moved, where its own stream goes on elsewhere. */
const SILENT_MS = 1000
/** So far a stream may be ahead of the last packet that was believed: ten seconds of packets that nobody heard. */
const GOING_ON_MAX = 500
/** Half a second of one stream. */
const STREAM_PACKETS = 25

type Stream = Packet & { packets: number }

export type Source = {
  /** What the other side's newest description says; its old place is believed no longer. */
  aim(announced: Place): void
  isBelieved(packet: Packet): boolean
  /** Where our sound goes; null before the first description. */
  target(): Place | null
  /** Our sound cannot leave for where the description says. */
  cannotReach(): void
}

export function createSource(): Source {
  let announced: Place | null = null
  /** The last packet that was believed. */
  let last: Packet | null = null
  /** Where the believed stream went on, when it moved. */
  let moved: Place | null = null
  /** A stream from elsewhere: never believed, but where nothing else can be reached, sound goes there. */
  let other: Stream | null = null
  let isReachable = true

  const follows = (packet: Packet): boolean => {
    if (last === null || packet.ssrc !== last.ssrc) return false
    const ahead = goingOn(last, packet)
    return ahead && packet.atMs - last.atMs >= SILENT_MS
  }

  return {
    aim(next) {
      const place = canonical(next)
      if (announced !== null && isSame(announced, place)) return
      announced = place
      last = null
      moved = null
      other = null
      isReachable = true
    },
    isBelieved(heard) {
      const packet = { ...heard, from: canonical(heard.from) }
      if (announced === null) return false
      if (isSame(packet.from, announced)) moved = null
      else if (moved === null || !isSame(packet.from, moved)) {
        if (!follows(packet)) {
          other = streamWith(other, packet)
          return false
        }
        moved = packet.from
      }
      last = packet
      return true
    },
    target() {
      if (!isReachable && other !== null && other.packets >= STREAM_PACKETS) return moved ?? other.from
      return moved ?? announced
    },
    cannotReach() {
      isReachable = false
    },
  }
}

const streamWith = (stream: Stream | null, packet: Packet): Stream => {
  const isOne =
    stream !== null &&
    isSame(stream.from, packet.from) &&
    stream.ssrc === packet.ssrc &&
    goingOn(stream, packet)
  return { ...packet, packets: isOne ? stream.packets + 1 : 1 }
}

function goingOn(before: Packet, { sequence }: Packet): boolean {
  const ahead = ((sequence - before.sequence) << 16) >> 16
  return ahead > 0 && ahead <= GOING_ON_MAX
}

const isSame = (a: Place, b: Place): boolean => a.port === b.port && a.host === b.host

/** An IPv6 address has many spellings. */
const canonical = ({ host, port }: Place): Place =>
  host.includes(':') ? { host: spelled(host), port } : { host, port }

function spelled(host: string): string {
  try {
    return new SocketAddress({ address: host.replace(/%.*$/, ''), family: 'ipv6' }).address
  } catch {
    return host
  }
}
