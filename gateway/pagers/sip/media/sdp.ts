// Session descriptions (RFC 4566, offer and answer of RFC 3264): our audio line as text, the other side's text as facts.
import type { Codec } from './g711.ts'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** Where and how the other side takes sound. `eventType` is its payload type for keys (RFC 4733), where it has one. */
export type Remote = {
  host: string
  port: number
  codec: Codec
  payloadType: number
  eventType: number | null
  direction: Direction
}

export type Local = { host: string; port: number; version: number; direction: Direction }

export const EVENT_TYPE = 101
const PAYLOAD_TYPES: Record<Codec, number> = { PCMU: 0, PCMA: 8 }
export const OFFERED_TYPES: readonly number[] = Object.values(PAYLOAD_TYPES)

export function offer(local: Local): string {
  const maps = [rtpmap(0, 'PCMU'), rtpmap(8, 'PCMA'), ...eventLines(EVENT_TYPE)]
  return write(local, [0, 8, EVENT_TYPE], maps)
}

/** Accepts what `remote` offered: its first codec of ours, and its keys. */
export function answer(local: Local, remote: Remote): string {
  const events = remote.eventType === null ? [] : [remote.eventType]
  const maps = [rtpmap(remote.payloadType, remote.codec), ...events.flatMap(eventLines)]
  return write(local, [remote.payloadType, ...events], maps)
}

/** Our direction in answer to theirs: on hold (sendonly, inactive) we fall silent. */
export function mirrored(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly'
  return direction === 'recvonly' ? 'sendonly' : direction
}

/** Throws Error, saying what was expected and what came, where there is no sound to be had. */
export function readRemote(sdp: string): Remote {
  const [session = '', ...sections] = sdp.split(/\r?\n(?=m=)/)
  const audio = sections.find(section => section.startsWith('m=audio'))
  const line = /^m=audio (\d+)(?:\/\d+)? RTP\/AVPF? ([\d ]+)/.exec(audio ?? '')
  if (!audio || !line?.[1] || !line[2] || line[1] === '0') {
    throw new Error(
      `expected an audio line over RTP/AVP, came ${JSON.stringify(audio?.split('\n')[0] ?? 'none')}`,
    )
  }
  const types = line[2].trim().split(/\s+/).map(Number)
  const maps = new Map(
    [...audio.matchAll(/^a=rtpmap:(\d+) ([\w-]+)\/8000/gm)].map(found => [
      Number(found[1]),
      found[2]?.toUpperCase(),
    ]),
  )
  const payloadType = types.find(type => codecOf(type, maps) !== null)
  const codec = payloadType === undefined ? null : codecOf(payloadType, maps)
  const host = connection(audio) ?? connection(session)
  if (payloadType === undefined || codec === null) throw new Error(`expected PCMU or PCMA, came ${line[0]}`)
  if (!host) throw new Error('expected a connection line (c=), came none')
  return {
    host,
    port: Number(line[1]),
    codec,
    payloadType,
    eventType: types.find(type => maps.get(type) === 'TELEPHONE-EVENT') ?? null,
    // An old way to say hold is a connection to nowhere (RFC 3264 section 8.4).
    direction: host === '0.0.0.0' ? 'inactive' : (direction(audio) ?? direction(session) ?? 'sendrecv'),
  }
}

function codecOf(type: number, maps: Map<number, string | undefined>): Codec | null {
  const name =
    maps.get(type) ?? (type === PAYLOAD_TYPES.PCMU ? 'PCMU' : type === PAYLOAD_TYPES.PCMA ? 'PCMA' : '')
  return name === 'PCMU' || name === 'PCMA' ? name : null
}

function connection(section: string): string | undefined {
  return /^c=IN IP[46] ([^\s/]+)/m.exec(section)?.[1]
}

function direction(section: string): Direction | undefined {
  return /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(section)?.[1] as Direction | undefined
}

function rtpmap(type: number, name: string): string {
  return `a=rtpmap:${type} ${name}/8000`
}

function eventLines(type: number): string[] {
  return [rtpmap(type, 'telephone-event'), `a=fmtp:${type} 0-15`]
}

function write(local: Local, types: number[], maps: string[]): string {
  const family = local.host.includes(':') ? 'IP6' : 'IP4'
  return [
    'v=0',
    `o=- ${local.port} ${local.version} IN ${family} ${local.host}`,
    's=-',
    `c=IN ${family} ${local.host}`,
    't=0 0',
    `m=audio ${local.port} RTP/AVP ${types.join(' ')}`,
    ...maps,
    'a=ptime:20',
    `a=${local.direction}`,
    '',
  ].join('\r\n')
}
