// The desk's server: people come in over HTTP on loopback, their answers go to the engine, live events go out.
// It promises to start only where nobody but this machine can reach it, until there is sign-in.
import type { ServerResponse } from 'node:http'
import fastify from 'fastify'
import { faultWords } from '../../schemas/fault-words.ts'
import type { Desk, Log } from '../ports.ts'
import { guard, isLoopback } from './guard.ts'
import { routePage } from './page.ts'
import { refuseAddress, refuseSocket, refuseTheRest } from './refusal.ts'
import { routeIncidents } from './routes/incidents.ts'
import { routeJournal } from './routes/journal.ts'
import { routeLive } from './routes/live.ts'
import { createPlaces } from './routes/places.ts'
import { routePresence } from './routes/presence.ts'
import { routeSessions } from './routes/sessions.ts'
import { routeWalks } from './routes/walks.ts'

/** Largest body: a name and a reason of 500 characters need 3 kB at most. */
const BODY_BYTES_MAX = 16 * 1024

export type ConsoleOptions = {
  /** A loopback address or name. */
  host: string
  /** 0 takes a free one. */
  port: number
  desk: Desk
  /** Prometheus text for GET /metrics. */
  renderMetrics: () => Promise<string>
  /** Where `npm run build` put the page. */
  uiDir: string
  log: Log
  /** Between heartbeats on a live stream; a test may hurry it. */
  heartbeatMs?: number
}

export type Console = { url: string; close(): Promise<void> }

/** The console could not start: what was expected of its address, and what came. */
export class ConsoleFailed extends Error {
  override name = 'ConsoleFailed'
}

/** zod reads what comes in; so fastify's own compilers of JSON Schema, a good part of a start, are never loaded. */
const noSchemas = (): never => {
  throw new Error('expected a route without a JSON Schema, came one')
}

/**
 * Starts the console. Throws ConsoleFailed where `host` is not loopback or the port cannot be had.
 * `close` ends every live stream and resolves when the port is free.
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { host, port, desk, renderMetrics, uiDir, log } = options
  if (!isLoopback(host)) {
    throw new ConsoleFailed(
      `expected a loopback host for the console (127.0.0.1, ::1, localhost), because it has no sign-in yet; came ${host}`,
    )
  }
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    frameworkErrors: refuseAddress,
    clientErrorHandler: refuseSocket,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  })
  const places = createPlaces<ServerResponse>()
  guard(app)
  refuseTheRest(app, log)
  app.get('/api/desk', (_request, reply) => reply.header('cache-control', 'no-store').send(desk.snapshot()))
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await renderMetrics()),
  )
  app.get('/healthz', (_request, reply) => {
    const health = desk.health()
    return reply
      .code(health.isOk ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(health)
  })
  routeIncidents(app, desk, log)
  routeJournal(app, desk, log)
  routePresence(app, desk, places)
  routeWalks(app, desk, log)
  routeSessions(app, desk, log)
  routeLive(app, options, places)
  await routePage(app, uiDir, log)
  try {
    const url = await app.listen({ host, port })
    return { url, close: () => app.close() }
  } catch (cause) {
    await app.close()
    const expected = `expected to listen on ${host}:${port} for the desk (--http)`
    throw new ConsoleFailed(`${expected}, and could not: ${faultWords(cause)}`, { cause })
  }
}
