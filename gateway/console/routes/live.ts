// GET /api/live: the desk's live events as server-sent events, `id:` being the journal row. A client that comes back gets
// everything since its last row and then the state as it is, so that it can neither miss an event nor stay wrong.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LiveEvent } from '../../../schemas/api/desk.ts'
import type { Desk, Log } from '../../ports.ts'
import type { Client, Places } from './places.ts'

/** Sent as an event named `heartbeat`, because a page cannot see comments; it carries the gateway's clock. */
export const HEARTBEAT_MS = 5_000
/** How soon a browser tries again after a dropped connection. */
const RETRY_MS = 1_000
/** Unsent bytes after which a client is cut off; it comes back and is replayed. A full snapshot is about 0.1 MB. */
export const BEHIND_BYTES_MAX = 4 * 1024 * 1024
/** A client that had to make room stays away for so long, or it would push out whoever came. */
const RETRY_AFTER_MAKING_ROOM_MS = 30_000
/** A last word that is not read by then is not waited for. */
const DISMISS_MS = 1_000
/** As in PresentBody. */
const DESK_ID_LENGTH_MAX = 64
/** What a client says of itself is cut to this. */
const FROM_LENGTH_MAX = 200

export type LiveOptions = { desk: Desk; log: Log; heartbeatMs?: number }

/** Adds the stream; the server's own closing ends every one. */
export function routeLive(
  app: FastifyInstance,
  { desk, log, heartbeatMs = HEARTBEAT_MS }: LiveOptions,
  places: Places<ServerResponse>,
): void {
  const write = (stream: ServerResponse, text: string): void => {
    if (stream.writableLength > BEHIND_BYTES_MAX) {
      log.warn({ behindBytes: stream.writableLength }, 'a live client fell too far behind and was cut off')
      stream.destroy()
      return
    }
    stream.write(text)
  }

  app.get('/api/live', (request, reply) => {
    const client = clientOf(request)
    const stream = begin(reply)
    for (const other of places.take(client, stream, performance.now())) {
      log.warn({ by: client, open: places.size() }, 'a live client made room for another')
      dismiss(other)
    }
    stream.write(`retry: ${RETRY_MS}\n\n`)
    // From here to `subscribe` nothing is awaited, so no event can fall between the snapshot and the first live one.
    for (const event of missed(desk, lastSeen(request))) write(stream, frame(event))
    const unsubscribe = desk.subscribe(event => write(stream, frame(event)))
    stream.on('close', () => {
      unsubscribe()
      places.leave(stream)
    })
    return reply
  })

  const beat = setInterval(() => {
    if (places.size() === 0) return
    const text = `event: heartbeat\ndata: ${JSON.stringify({ nowMs: desk.snapshot().nowMs })}\n\n`
    for (const stream of places.streams()) write(stream, text)
  }, heartbeatMs)
  app.addHook('preClose', async () => {
    clearInterval(beat)
  })
}

/** Takes the response out of fastify's hands, with the headers that the guard has set. */
function begin(reply: FastifyReply): ServerResponse {
  reply.hijack()
  const stream = reply.raw
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) stream.setHeader(name, value)
  }
  stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  // A client that goes away in the middle of a write is no fault of ours; 'close' follows and tidies up.
  stream.on('error', () => stream.destroy())
  return stream
}

/** Ends a stream with the word to stay away for a while; who does not even read that is cut off. */
function dismiss(stream: ServerResponse): void {
  stream.end(`retry: ${RETRY_AFTER_MAKING_ROOM_MS}\n\n`)
  setTimeout(() => stream.destroy(), DISMISS_MS).unref()
}

/** A desk page names itself as it does in saying that it is here; whoever else comes is told apart by address and program. */
function clientOf(request: FastifyRequest): Client {
  const { desk } = request.query as { desk?: unknown }
  const isNamed = typeof desk === 'string' && desk !== '' && desk.length <= DESK_ID_LENGTH_MAX
  const from = `${request.ip} ${request.headers['user-agent'] ?? ''}`.slice(0, FROM_LENGTH_MAX)
  return { desk: isNamed ? desk : null, from }
}

/**
 * The row a returning client saw last: Last-Event-ID from a browser that reconnects by itself, `?since=` from one that
 * had to start a new stream. Null for a first visit, and for anything that is no row number.
 */
function lastSeen(request: FastifyRequest): number | null {
  const { since } = request.query as { since?: unknown }
  const said = request.headers['last-event-id'] ?? since
  return typeof said === 'string' && /^\d{1,15}$/.test(said) ? Number(said) : null
}

/** The snapshot comes last whatever `since` says, so that not even a journal that was replaced leaves a page wrong. */
function missed(desk: Desk, seen: number | null): LiveEvent[] {
  const snapshot = desk.snapshot()
  const replayed = seen === null ? null : desk.since(seen)
  return [...(replayed ?? []), { kind: 'snapshot', seq: snapshot.seq, snapshot }]
}

function frame(event: LiveEvent): string {
  return `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`
}
