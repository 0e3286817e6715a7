// POST /api/incidents/:id/{acknowledge,attend,resolve}: a person's answer comes in, goes to the engine as an event, and
// is answered only once it is committed: the incident as it now is, or a refusal.
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { AcknowledgeBody, AttendBody, type Refusal, ResolveBody } from '../../../schemas/api/desk.ts'
import type { AnswerEvent, Desk, Log } from '../../ports.ts'
import { malformed, refuse } from '../refusal.ts'
import { submit } from '../submit.ts'

/** Adds the three answers a person can give. */
export function routeIncidents(app: FastifyInstance, desk: Desk, log: Log): void {
  const answer = <Body extends { by: string }>(
    verb: AnswerEvent['kind'],
    schema: z.ZodType<Body>,
    eventOf: (incident: string, body: Body) => AnswerEvent,
  ): void => {
    app.post<{ Params: { id: string } }>(`/api/incidents/:id/${verb}`, async (request, reply) => {
      const body = schema.safeParse(request.body)
      if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
      const { id } = request.params
      log.info({ incident: id, by: body.data.by }, `desk: ${verb}`)
      return submit(desk, eventOf(id, body.data), reply, {
        unknown: 'unknown incident',
        show: shown(desk, id),
      })
    })
  }
  answer('acknowledge', AcknowledgeBody, (incident, { by }) => ({ kind: 'acknowledge', incident, by }))
  answer('attend', AttendBody, (incident, { by }) => ({ kind: 'attend', incident, by }))
  answer('resolve', ResolveBody, (incident, body) => ({ kind: 'resolve', incident, ...body }))
}

/** The incident as it is now, with the reason beside it where that is not on disk yet. */
const shown = (desk: Desk, id: string) => (notStored: Refusal | null) => {
  const incident = desk.snapshot().incidents.find(each => each.id === id)
  return incident === undefined ? null : { ...incident, ...notStored }
}
