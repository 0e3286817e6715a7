// Refusals of the building's page: a status and {error, expected, came}, as the gateway's console gives them too.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Refusal } from '../../schemas/api/desk.ts'

export function refuse(reply: FastifyReply, status: number, refusal: Refusal): FastifyReply {
  return reply.code(status).send(refusal)
}

/** What the building itself would not do says so in its own words; a body that can't be read is a 4xx from fastify. */
export function refuseTheRest(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    refuse(reply, 404, {
      error: 'not found',
      expected: 'an address from the list in simulator/page/README.md',
      came: `${request.method} ${request.url}`,
    }),
  )
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const isBody = error.statusCode !== undefined && error.statusCode < 500
    return isBody
      ? refuse(reply, error.statusCode ?? 400, {
          error: 'malformed',
          expected: 'a JSON object as the body',
          came: error.message,
        })
      : refuse(reply, 409, {
          error: 'not done',
          expected: 'something the building can do now',
          came: error.message,
        })
  })
}
