// POST /api/journal/accept: a person knows what became of the journal's missing rows, and the gateway goes on with what it has.
import type { FastifyInstance } from 'fastify'
import { AcknowledgeBody } from '../../../schemas/api/desk.ts'
import type { Desk, Log } from '../../ports.ts'
import { malformed, refuse } from '../refusal.ts'

/** Adds it. 204 once it is committed, 409 where nothing is missing. */
export function routeJournal(app: FastifyInstance, desk: Desk, log: Log): void {
  app.post('/api/journal/accept', async (request, reply) => {
    const body = AcknowledgeBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    const { by } = body.data
    log.info({ by }, 'the journal is accepted as it is')
    const { refused } = await desk.submit({ kind: 'journal-accept', by })
    if (refused === null) return reply.code(204).send()
    return refuse(reply, 409, { error: 'not possible now', expected: refused.expected, came: refused.came })
  })
}
