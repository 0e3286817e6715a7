// The built desk page and the walk test's, served from their folder. Where it was never built, the address says how to build it.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import serveStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../ports.ts'

const NOT_BUILT = 'The desk page has not been built on this machine. Run: npm run build'

/** Serves `uiDir` at `/`. Hashed assets may be kept for a year, the page itself never. */
export async function routePage(app: FastifyInstance, uiDir: string, log: Log): Promise<void> {
  if (!existsSync(join(uiDir, 'index.html'))) {
    log.error({ uiDir }, 'the desk page is missing: run `npm run build`')
    app.get('/', (_request, reply) => reply.code(503).type('text/plain').send(`${NOT_BUILT}\n`))
    return
  }
  await app.register(serveStatic, {
    root: resolve(uiDir),
    cacheControl: false,
    setHeaders: (response, path) => {
      const isHashed = path.includes(`${join('/', 'assets')}/`)
      response.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  app.get('/walk', (_request, reply) => reply.sendFile('walk.html'))
}
