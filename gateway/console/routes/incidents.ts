// POST /api/incidents: an alarm without a pendant. POST /api/incidents/:id/{acknowledge,attend,release,resolve}: a person's answer comes in, goes to the engine as an event, and
// is answered only once it is committed: the incident as it now is, or a refusal.
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import {
  AcknowledgeBody,
  AttendBody,
  RaiseBody,
  type Refusal,
  ResolveBody,
} from '../../../schemas/api/desk.ts'
import type { AnswerEvent, Desk, Log } from '../../ports.ts'
import { malformed, refuse } from '../refusal.ts'
import { submit } from '../submit.ts'

/** Adds raising one, and the four answers that a person can give. */
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
  app.post('/api/incidents', async (request, reply) => {
    const body = RaiseBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    const { by, kind: alarm, person, name, room = null, note = null } = body.data
    const wearer = person ?? name ?? ''
    const source = body.data.source ?? { of: 'desk', id: `${room ?? ''} ${wearer}` }
    log.info({ by, source }, 'an alarm is raised without a pendant')
    return submit(desk, { kind: 'raise', by, source, alarm, wearer, room, note }, reply, {
      unknown: 'unknown',
      show: (notStored, id = '') => shown(desk, id)(notStored),
    })
  })
  answer('acknowledge', AcknowledgeBody, (incident, { by }) => ({ kind: 'acknowledge', incident, by }))
  answer('attend', AttendBody, (incident, { by }) => ({ kind: 'attend', incident, by }))
  answer('release', AcknowledgeBody, (incident, { by }) => ({ kind: 'release', incident, by }))
  answer('resolve', ResolveBody, (incident, body) => ({ kind: 'resolve', incident, ...body }))
}

/** The incident as it is now, with the reason beside it where that is not on disk yet. */
const shown = (desk: Desk, id: string) => (notStored: Refusal | null) => {
  const incident = desk.snapshot().incidents.find(each => each.id === id)
  return incident === undefined ? null : { ...incident, ...notStored }
}
