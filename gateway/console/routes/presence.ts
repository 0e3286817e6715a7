// POST /api/desk/present: a desk page says that it is open and whether an alarm would be heard there. Nothing is written
// down of it; a page that has not said so for a while counts as closed. Its live stream is kept before any other's.
import type { FastifyInstance } from 'fastify'
import { PresentBody } from '../../../schemas/api/desk.ts'
import type { Desk } from '../../ports.ts'
import { malformed, refuse } from '../refusal.ts'
import type { Places } from './places.ts'

/** Adds the one route. */
export function routePresence(app: FastifyInstance, desk: Desk, places: Places<unknown>): void {
  app.post('/api/desk/present', async (request, reply) => {
    const body = PresentBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    places.seeDesk(body.data.desk, body.data.isLeaving === true, performance.now())
    await desk.present(body.data)
    return reply.code(204).send()
  })
}
