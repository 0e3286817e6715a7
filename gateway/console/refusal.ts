// Refusals over HTTP: whatever was wrong comes in, a status and {error, expected, came} goes out, never a stack trace.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { z } from 'zod'
import type { Refusal } from '../../schemas/api.ts'
import type { Log } from './log.ts'

const CAME_LENGTH_MAX = 200

/** Sends a refusal. `error` is one word or two for a program, the others are sentences for a person. */
export function refuse(reply: FastifyReply, status: number, refusal: Refusal): FastifyReply {
  return reply.code(status).send(refusal)
}

/** What a body should have been, read from zod's issues, and what it was, cut short. */
export function malformed(issues: readonly z.core.$ZodIssue[], body: unknown): Refusal {
  const expected = issues.map(issue => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ')
  return { error: 'malformed', expected, came: quote(body) }
}

/** Every error that nobody caught, and every address that nobody serves, leaves as a refusal. */
export function refuseTheRest(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((request, reply) =>
    refuse(reply, 404, {
      error: 'not found',
      expected: 'an address from the list in gateway/console/README.md',
      came: quote(`${request.method} ${request.url}`),
    }),
  )
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500) {
      return refuse(reply, status, { error: 'malformed', expected: expectedBy(status), came: error.message })
    }
    log.error({ err: error, method: request.method, url: request.url }, 'the console failed to answer')
    return refuse(reply, 503, {
      error: 'failed',
      expected: 'the gateway to store this; it did not, so nothing has changed',
      came: error.message,
    })
  })
}

function expectedBy(status: number): string {
  if (status === 415) return 'Content-Type: application/json'
  if (status === 413) return 'a body within the size limit'
  return 'a JSON object as the body'
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length <= CAME_LENGTH_MAX ? text : `${text.slice(0, CAME_LENGTH_MAX)}…`
}
