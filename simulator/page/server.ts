// The developer's page of the simulated building: views go out, actions come in, on loopback only.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import serveStatic from '@fastify/static'
import fastify from 'fastify'
import { routeActions } from './actions.ts'
import type { Building } from './building.ts'
import { guard, isLoopback } from './guard.ts'
import { refuseTheRest } from './refusal.ts'
import { routeSound } from './sound.ts'
import { routeViews } from './views.ts'

const BODY_BYTES_MAX = 4 * 1024

export type PageOptions = {
  /** A loopback address or name. */
  host: string
  /** 0 takes a free one. */
  port: number
  building: Building
  /** Where `vite build simulator/page/ui` put the page. */
  uiDir: string
}

export type Page = { url: string; close(): Promise<void> }

/**
 * Serves the page. Throws where `host` is not loopback, where the page has not been built, or where the port is taken.
 * `close` ends every open stream and resolves when the port is free.
 */
export async function servePage({ host, port, building, uiDir }: PageOptions): Promise<Page> {
  if (!isLoopback(host)) throw new Error(`expected a loopback host for the building's page; came ${host}`)
  if (!existsSync(join(uiDir, 'index.html'))) {
    throw new Error(`expected the built page in ${uiDir} (run: npm run build); came no index.html`)
  }
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true })
  guard(app)
  refuseTheRest(app)
  app.get('/api/view', (_request, reply) => reply.header('cache-control', 'no-store').send(building.view()))
  routeViews(app, building)
  routeActions(app, building)
  routeSound(app, building)
  await app.register(serveStatic, { root: resolve(uiDir) })
  try {
    return { url: await app.listen({ host, port }), close: () => app.close() }
  } catch (cause) {
    await app.close()
    throw new Error(`expected ${host}:${port} to be free for the building's page; came ${String(cause)}`, {
      cause,
    })
  }
}
