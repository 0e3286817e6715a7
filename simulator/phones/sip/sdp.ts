// The little of SDP a telephone needs (RFC 4566, 3264): an offer's audio line in, our answer out.

export type Codec = 'PCMU' | 'PCMA'
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
/** `eventType` is the payload type of telephone-event, where offered. */
export type Offer = {
  host: string
  port: number
  codec: Codec
  payloadType: number
  eventType?: number
  direction: Direction
}

const STATIC: Record<number, Codec> = { 0: 'PCMU', 8: 'PCMA' }
const MIRROR: Record<Direction, Direction> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** The first audio line with a codec we speak; null where there is none. */
export function readOffer(sdp: string): Offer | null {
  const lines = sdp.split(/\r?\n/)
  const at = lines.findIndex(line => line.startsWith('m=audio '))
  const media = /^m=audio (\d+)\S* RTP\/AVP ([\d ]+)$/.exec(lines[at]?.trim() ?? '')
  if (!media) return null
  const section = sectionOf(lines, at)
  const host = connectionOf(section) ?? connectionOf(lines.slice(0, at))
  const types = (media[2] ?? '').trim().split(/\s+/).map(Number)
  const maps = new Map(section.flatMap(line => rtpmapOf(line)))
  const spoken = types.flatMap(type => {
    const name = maps.get(type)?.toUpperCase() ?? STATIC[type]
    return name === 'PCMU' || name === 'PCMA' ? [{ codec: name as Codec, payloadType: type }] : []
  })[0]
  if (!host || !spoken) return null
  const eventType = types.find(type => maps.get(type)?.toLowerCase() === 'telephone-event')
  return {
    host,
    port: Number(media[1]),
    ...spoken,
    ...(eventType === undefined ? {} : { eventType }),
    direction: directionOf(section) ?? directionOf(lines.slice(0, at)) ?? 'sendrecv',
  }
}

/** Our side of it: the codec chosen, RFC 4733 events where offered, the direction mirrored. */
export function writeAnswer(offer: Offer, host: string, port: number, version: number): string {
  const family = host.includes(':') ? 'IP6' : 'IP4'
  const types = [offer.payloadType, ...(offer.eventType === undefined ? [] : [offer.eventType])]
  return [
    'v=0',
    `o=phone 1 ${version} IN ${family} ${host}`,
    's=-',
    `c=IN ${family} ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${types.join(' ')}`,
    `a=rtpmap:${offer.payloadType} ${offer.codec}/8000`,
    ...(offer.eventType === undefined
      ? []
      : [`a=rtpmap:${offer.eventType} telephone-event/8000`, `a=fmtp:${offer.eventType} 0-15`]),
    'a=ptime:20',
    `a=${MIRROR[offer.direction]}`,
    '',
  ].join('\r\n')
}

function sectionOf(lines: string[], at: number): string[] {
  const next = lines.findIndex((line, i) => i > at && line.startsWith('m='))
  return lines.slice(at, next < 0 ? undefined : next)
}

function connectionOf(lines: string[]): string | undefined {
  return lines.map(line => /^c=IN IP[46] ([^\s/]+)/.exec(line)?.[1]).find(host => host !== undefined)
}

function rtpmapOf(line: string): [number, string][] {
  const found = /^a=rtpmap:(\d+) ([^/\s]+)\/8000/.exec(line)
  return found?.[2] ? [[Number(found[1]), found[2]]] : []
}

function directionOf(lines: string[]): Direction | undefined {
  return lines.map(line => /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/.exec(line)?.[1]).find(Boolean) as
    | Direction
    | undefined
}
