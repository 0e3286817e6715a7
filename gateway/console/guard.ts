// Keeps strangers out until there is sign-in: loopback only, no foreign Host (DNS rebinding), no foreign Origin (another
// page in the same browser), and headers that let the page load nothing but itself.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from './refusal.ts'

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Whether a name or address can only be this machine: localhost, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}

/** Whether a Host header names this machine. Any port: an ssh tunnel may bring its own. */
export function isOurHost(header: string | undefined): boolean {
  return header !== undefined && isLoopback(header.replace(/:\d{1,5}$/, ''))
}

/** Whether a request comes from our own page, or from no page at all (curl, a monitor). */
export function isOurOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || origin === `http://${host}`
}

/** Puts both checks and the headers before every route. JSON is the only body that is read: a form cannot send it. */
export function guard(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    reply.headers(HEADERS)
    const { host, origin } = request.headers
    if (!isOurHost(host)) {
      return refuse(reply, 421, {
        error: 'foreign host',
        expected: 'Host: localhost or a loopback address',
        came: `Host: ${host ?? 'none'}`,
      })
    }
    if (!isOurOrigin(origin, host)) {
      return refuse(reply, 403, {
        error: 'foreign origin',
        expected: `Origin: http://${host}`,
        came: `Origin: ${origin}`,
      })
    }
  })
}
