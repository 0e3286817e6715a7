// A plain HTTP client for the console's tests: any header may be forged, and a live stream is read as it comes.
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { LiveEvent } from '../../../schemas/api/desk.ts'

export type Answer = { status: number; headers: IncomingMessage['headers']; text: string; json(): unknown }
export type Ask = { method?: string; headers?: Record<string, string>; body?: string }

/** One request; fetch would not let a test forge Host and Origin. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

export type Heard = { id: string | null; event: string; data: string }
export type Stream = {
  /** Everything heard so far, in order. */
  heard: Heard[]
  /** The live events of it, checked against the contract. */
  events(): LiveEvent[]
  /** Resolves once `wanted` holds of what was heard; it is asked again after each event. */
  until(wanted: (stream: Stream) => boolean): Promise<void>
  /** Resolves when the server has ended the stream. */
  ended: Promise<void>
  close(): void
}

/** Opens a server-sent stream. Rejects where the answer is not a stream. */
export function listen(url: string, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(url, { headers, agent: false }, response => {
      if (response.statusCode !== 200) {
        reject(new Error(`expected a stream, came ${response.statusCode}`))
        return
      }
      resolve(follow(sent, response))
    })
    sent.on('error', reject)
    sent.end()
  })
}

function follow(sent: ClientRequest, response: IncomingMessage): Stream {
  const waiting = new Set<() => void>()
  let unread = ''
  const stream: Stream = {
    heard: [],
    events: () =>
      stream.heard
        .filter(({ event }) => event === 'message')
        .map(({ data }) => LiveEvent.parse(JSON.parse(data))),
    until: wanted =>
      new Promise(resolve => {
        const look = (): void => {
          if (!wanted(stream)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    ended: new Promise(resolve => response.on('close', () => resolve())),
    close: () => sent.destroy(),
  }
  response.setEncoding('utf8')
  response.on('data', (part: string) => {
    const blocks = (unread + part).split('\n\n')
    unread = blocks.pop() ?? ''
    stream.heard.push(...blocks.map(parse).filter(({ data }) => data !== ''))
    for (const look of [...waiting]) look()
  })
  response.on('error', () => {})
  return stream
}

function parse(block: string): Heard {
  const field = (name: string): string | undefined =>
    block
      .split('\n')
      .find(line => line.startsWith(`${name}: `))
      ?.slice(name.length + 2)
  return { id: field('id') ?? null, event: field('event') ?? 'message', data: field('data') ?? '' }
}
