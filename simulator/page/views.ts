// GET /api/views: the whole building as a server-sent event each time something changed, at most ten a second. A client
// that is slow gets fewer of them, never a queue of old ones: only the newest view is worth anything.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Building } from './building.ts'

export const BETWEEN_VIEWS_MS = 100
/** So that a page sees that the line is alive while nothing happens. */
const IDLE_VIEW_MS = 5_000

export function routeViews(app: FastifyInstance, building: Building): void {
  const streams = new Set<ServerResponse>()
  let due: ReturnType<typeof setTimeout> | undefined

  const send = (): void => {
    clearTimeout(due)
    due = undefined
    if (streams.size === 0) return
    const text = frame(building)
    for (const stream of streams) if (!stream.writableNeedDrain) stream.write(text)
  }
  const unsubscribe = building.onChange(() => {
    if (streams.size > 0) due ??= setTimeout(send, BETWEEN_VIEWS_MS)
  })
  const idle = setInterval(send, IDLE_VIEW_MS)

  app.get('/api/views', (_request, reply) => {
    reply.hijack()
    const stream = reply.raw
    stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    stream.write(`retry: 1000\n\n${frame(building)}`)
    streams.add(stream)
    stream.on('drain', () => {
      due ??= setTimeout(send, BETWEEN_VIEWS_MS)
    })
    stream.on('error', () => stream.destroy())
    stream.on('close', () => streams.delete(stream))
    return reply
  })
  app.addHook('preClose', async () => {
    unsubscribe()
    clearInterval(idle)
    clearTimeout(due)
  })
}

function frame(building: Building): string {
  return `data: ${JSON.stringify(building.view())}\n\n`
}
