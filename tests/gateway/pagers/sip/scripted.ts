// A telephone that does exactly what a test says, over one TCP connection and UDP sockets of its own: for what no telephone
// that behaves would do. It shares no code with the pager.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'

export type Message = { method: string; status: number; tag: string; text: string }

export type Scripted = {
  port: number
  /** Resolves with the next INVITE that has come and was not asked for yet. */
  invited(): Promise<Invited>
  close(): Promise<void>
}

export type Invited = {
  /** Where the pager takes sound. */
  rtp: { host: string; port: number }
  offer: string
  respond(status: string, as: { tag: string; sdp?: string; contact?: string; routes?: string[] }): void
  /** A request in the call; resolves with the status that answers it. Tags are those of the call unless told otherwise. */
  request(method: string, more: Asking): Promise<number>
  /** Every request of the pager in this call since its INVITE, as "ACK a" (method and our tag). */
  asked(): string[]
  /** Resolves with the text of the first such request, past or to come. */
  until(asked: string): Promise<string>
}

export type Asking = {
  tag: string
  type?: string
  body?: string
  cseq?: number
  theirTag?: string
  branch?: string
}

const field = (text: string, name: string): string =>
  new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''
const tagIn = (value: string): string => /;tag=([^;>\s]+)/.exec(value)?.[1] ?? ''

export async function startScripted(): Promise<Scripted> {
  const messages: Message[] = []
  const waiting = new Set<() => void>()
  const asked = new Set<Message>()
  let line: Socket | null = null
  const take = (text: string): void => {
    const [start = ''] = text.split('\r\n')
    const status = start.startsWith('SIP/2.0') ? Number(start.split(' ')[1]) : 0
    const [, method = ''] = field(text, 'CSeq').split(' ')
    if (method === 'OPTIONS') return void line?.write(answer(text, '200 OK', ''))
    messages.push({ method, status, tag: tagIn(field(text, 'To')), text })
    if (method === 'BYE' && status === 0) line?.write(answer(text, '200 OK', ''))
    for (const look of waiting) look()
  }
  const server = createServer(socket => {
    line = socket
    let held = ''
    socket.on('error', () => {})
    socket.on('data', chunk => {
      held += chunk.toString('latin1')
      for (let end = held.indexOf('\r\n\r\n'); end >= 0; end = held.indexOf('\r\n\r\n')) {
        const length = end + 4 + Number(field(held.slice(0, end), 'Content-Length') || 0)
        if (held.length < length) return
        take(held.slice(0, length))
        held = held.slice(length)
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const first = (fits: (message: Message) => boolean): Promise<Message> =>
    new Promise(resolve => {
      const look = (): void => {
        const found = messages.find(fits)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return {
    port: (server.address() as { port: number }).port,
    async invited() {
      const next = await first(each => each.method === 'INVITE' && each.status === 0 && !asked.has(each))
      asked.add(next)
      const callId = field(next.text, 'Call-ID')
      const ofCall = (): Message[] => messages.filter(({ text }) => field(text, 'Call-ID') === callId)
      const firstOfCall = (fits: (message: Message) => boolean): Promise<Message> =>
        first(message => field(message.text, 'Call-ID') === callId && fits(message))
      return inCall(next.text, ofCall, firstOfCall, message => line?.write(message))
    },
    async close() {
      line?.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function inCall(
  invite: string,
  messages: () => Message[],
  first: (fits: (message: Message) => boolean) => Promise<Message>,
  write: (text: string) => void,
): Invited {
  let cseq = 0
  const name = ({ method, tag }: Message): string => `${method} ${tag}`
  return {
    offer: invite,
    rtp: { host: '127.0.0.1', port: Number(/^m=audio (\d+)/m.exec(invite)?.[1]) },
    respond: (status, { tag, sdp = '', contact, routes = [] }) =>
      write(answer(invite, status, sdp, tag, contact ?? `sip:${tag}@127.0.0.1;transport=tcp`, routes)),
    async request(method, { tag, type, body = '', theirTag, branch, cseq: number }) {
      cseq = number ?? cseq + 1
      const sent = `z9hG4bK${branch ?? `${tag}${cseq}${method}`}`
      const me = `${field(invite, 'To')};tag=${tag}`
      const them = theirTag
        ? field(invite, 'From').replace(/tag=[^;]+/, `tag=${theirTag}`)
        : field(invite, 'From')
      const before = messages().length
      write(
        [
          `${method} sip:tocsin@127.0.0.1 SIP/2.0`,
          `Via: SIP/2.0/TCP 127.0.0.1;branch=${sent}`,
          `From: ${me}`,
          `To: ${them}`,
          `Call-ID: ${field(invite, 'Call-ID')}`,
          `CSeq: ${cseq} ${method}`,
          'Max-Forwards: 70',
          ...(type ? [`Content-Type: ${type}`] : []),
          `Content-Length: ${Buffer.byteLength(body)}`,
          '',
          body,
        ].join('\r\n'),
      )
      const isAnswer = (message: Message): boolean =>
        messages().indexOf(message) >= before && message.status > 0 && message.text.includes(sent)
      return (await first(isAnswer)).status
    },
    asked: () =>
      messages()
        .filter(({ method, status }) => status === 0 && method !== 'INVITE')
        .map(name),
    until: async asked => (await first(message => message.status === 0 && name(message) === asked)).text,
  }
}

function answer(
  request: string,
  status: string,
  sdp: string,
  tag = '',
  contact = '',
  routes: string[] = [],
): string {
  const to = field(request, 'To')
  return [
    `SIP/2.0 ${status}`,
    `Via: ${field(request, 'Via')}`,
    ...routes.map(route => `Record-Route: ${route}`),
    `From: ${field(request, 'From')}`,
    `To: ${to.includes('tag=') || tag === '' ? to : `${to};tag=${tag}`}`,
    `Call-ID: ${field(request, 'Call-ID')}`,
    `CSeq: ${field(request, 'CSeq')}`,
    ...(contact ? [`Contact: <${contact}>`] : []),
    ...(sdp ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${sdp.length}`,
    '',
    sdp,
  ].join('\r\n')
}

/** The description of a telephone that hears at this port; `events` is its number for telephone-event. */
export const described = (port: number, events = 101): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0 ${events}`,
    `a=rtpmap:${events} telephone-event/8000`,
    '',
  ].join('\r\n')

export type Ear = {
  port: number
  /** Resolves with the next sound that comes here. */
  hears(): Promise<void>
  send(to: { host: string; port: number }, packet: Rtp): void
  close(): void
}
export type Rtp = {
  type: number
  sequence: number
  timestamp: number
  ssrc?: number
  isMarked?: boolean
  payload: Buffer
}

/** A place of sound: a UDP port of loopback. */
export async function openEar(): Promise<Ear> {
  const socket: UdpSocket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  return {
    port: socket.address().port,
    hears: () => new Promise<void>(resolve => void socket.once('message', () => resolve())),
    send({ host, port }, { type, sequence, timestamp, ssrc = 7, isMarked = false, payload }) {
      const head = Buffer.alloc(12)
      head.writeUInt8(0x80, 0)
      head.writeUInt8((isMarked ? 0x80 : 0) | type, 1)
      head.writeUInt16BE(sequence, 2)
      head.writeUInt32BE(timestamp >>> 0, 4)
      head.writeUInt32BE(ssrc, 8)
      socket.send(Buffer.concat([head, payload]), port, host)
    },
    close: () => socket.close(),
  }
}

export const eventPayload = (code: number, isEnd = false, duration = 160): Buffer =>
  Buffer.from([code, (isEnd ? 0x80 : 0) | 10, duration >> 8, duration & 0xff])
