// A bare line to the telephone under test: raw SIP text written and read over TCP or UDP, nothing of the gateway's in it.
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

export type Line = {
  send(text: string): void
  /** Everything received so far. */
  received(): readonly string[]
  /** Resolves with the n-th message (from 0) whose text fits. */
  until(fits: RegExp, n?: number): Promise<string>
  close(): void
}

function createInbox(): Pick<Line, 'received' | 'until'> & { take(text: string): void } {
  const texts: string[] = []
  const waiting = new Set<() => void>()
  return {
    take(text) {
      texts.push(text)
      for (const look of waiting) look()
    },
    received: () => texts,
    until: (fits, n = 0) =>
      new Promise(resolve => {
        const look = (): void => {
          const found = texts.filter(text => fits.test(text))[n]
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}

export async function udpLine(port: number): Promise<Line> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  const inbox = createInbox()
  socket.on('message', data => inbox.take(data.toString('utf8')))
  return { ...inbox, send: text => socket.send(text, port, '127.0.0.1'), close: () => socket.close() }
}

/** Messages are parted at Content-Length, as the phone always sends it. */
export async function tcpLine(port: number): Promise<Line> {
  const socket = connect({ host: '127.0.0.1', port })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  const inbox = createInbox()
  let held = ''
  socket.on('data', chunk => {
    held += chunk.toString('latin1')
    for (;;) {
      const head = held.indexOf('\r\n\r\n')
      if (head < 0) {
        if (held === '\r\n') inbox.take(held)
        return
      }
      const whole = head + 4 + Number(/Content-Length: (\d+)/.exec(held.slice(0, head))?.[1] ?? 0)
      if (held.length < whole) return
      inbox.take(held.slice(0, whole))
      held = held.slice(whole)
    }
  })
  socket.on('close', () => inbox.take('closed'))
  return { ...inbox, send: text => socket.write(text), close: () => socket.destroy() }
}

export type Ask = {
  method: string
  cseq?: number
  branch?: string
  toTag?: string
  body?: string
  lines?: string[]
}

/** A request of a caller at 127.0.0.1:9 in the call `callId`. */
export function ask(callId: string, request: Ask): string {
  const { method, cseq = 1, branch = `z9hG4bK-${callId}-${cseq}`, toTag, body = '', lines = [] } = request
  return [
    `${method} sip:5150@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;branch=${branch};rport`,
    'From: "Caller" <sip:caller@127.0.0.1>;tag=caller',
    `To: <sip:5150@127.0.0.1>${toTag ? `;tag=${toTag}` : ''}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:caller@127.0.0.1:9>',
    'Max-Forwards: 70',
    ...lines,
    ...(body ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

export const tagOf = (reply: string): string => /^To:.*;tag=(\S+)/im.exec(reply)?.[1] ?? ''

export function sdp(port: number, ...lines: string[]): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0 101`,
    'a=rtpmap:101 telephone-event/8000',
    ...lines,
    '',
  ].join('\r\n')
}
