// The building's page drives telephones and pendants, so no other page in the same browser may: loopback, Host and Origin.
// The gateway's console has the same rules in a file of its own, because the simulator knows nothing of the gateway.
import type { FastifyInstance } from 'fastify'
import { refuse } from './refusal.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i
const CONTENT_SECURITY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Whether a name or address can only be this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** Refuses every request that names another host or comes from another page, before any route. */
export function guard(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async ({ headers: { host, origin } }, reply) => {
    reply.headers({ 'content-security-policy': CONTENT_SECURITY, 'x-content-type-options': 'nosniff' })
    if (host === undefined || !isLoopback(host.replace(/:\d{1,5}$/, ''))) {
      return refuse(reply, 421, {
        error: 'foreign host',
        expected: 'a loopback host',
        came: `Host: ${host ?? 'none'}`,
      })
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      return refuse(reply, 403, { error: 'foreign origin', expected: `http://${host}`, came: origin })
    }
  })
}
