// /api/walks and /api/recordings: a walk test is started, tapped through, finished or thrown away, looked at, taken away
// as a file, and withdrawn. Each POST is answered with all walk tests as they now are, once that is committed.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { z } from 'zod'
import { EnterBody, WalkBody } from '../../../schemas/api/walk.ts'
import type { Desk, Log, WalkEvent } from '../../ports.ts'
import { malformed, refuse } from '../refusal.ts'
import { submit } from '../submit.ts'

type Named = { Params: { pendant: string } }
type Numbered = { Params: { walk: string } }

/** Adds everything about walk tests. */
export function routeWalks(app: FastifyInstance, desk: Desk, log: Log): void {
  const { walks } = desk
  app.get('/api/walks', (_request, reply) => fresh(reply).send(walks.view()))
  app.get('/api/walks/layout', (_request, reply) => fresh(reply).send(walks.layout()))
  app.get('/api/walks/report', (_request, reply) =>
    orNone(reply, walks.report('standing'), 'a walk test that stands', 'none'),
  )
  app.get<Numbered>('/api/walks/:walk', ({ params }, reply) => {
    const walk = numberOf(params.walk)
    return orNone(reply, walk === null ? null : walks.walk(walk), STORED, params.walk)
  })
  app.get<Numbered>('/api/walks/:walk/report', ({ params }, reply) => {
    const walk = numberOf(params.walk)
    return orNone(reply, walk === null ? null : walks.report(walk), STORED, params.walk)
  })
  app.get<Named>('/api/recordings/:pendant/report', ({ params: { pendant } }, reply) =>
    orNone(reply, walks.recordingReport(pendant), RECORDED, `none with ${pendant}`),
  )

  const said = { unknown: 'unknown', show: walks.view }
  const take = <Body extends { by: string }>(
    verb: string,
    schema: z.ZodType<Body>,
    eventOf: (pendant: string, body: Body) => WalkEvent,
  ): void => {
    app.post<Named>(`/api/recordings/:pendant/${verb}`, async (request, reply) => {
      const body = schema.safeParse(request.body)
      if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
      const { pendant } = request.params
      // Not which room: what is not stored is nowhere, the log included.
      log.info({ pendant, by: body.data.by }, `walk test: ${verb}`)
      return submit(desk, eventOf(pendant, body.data), reply, said)
    })
  }
  take('start', WalkBody, (pendant, { by }) => ({ kind: 'walk-start', pendant, by }))
  take('enter', EnterBody, (pendant, { by, room }) => ({ kind: 'walk-enter', pendant, by, room }))
  take('between', WalkBody, (pendant, { by }) => ({ kind: 'walk-between', pendant, by }))
  take('undo', WalkBody, (pendant, { by }) => ({ kind: 'walk-untap', pendant, by }))
  take('finish', WalkBody, (pendant, { by }) => ({ kind: 'walk-finish', pendant, by }))
  take('discard', WalkBody, (pendant, { by }) => ({ kind: 'walk-discard', pendant, by }))

  app.post<Numbered>('/api/walks/:walk/withdraw', async (request, reply) => {
    const body = WalkBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    const walk = numberOf(request.params.walk)
    if (walk === null)
      return refuse(reply, 404, { error: 'unknown walk', expected: STORED, came: request.params.walk })
    log.info({ walk, by: body.data.by }, 'walk test: withdraw')
    return submit(desk, { kind: 'walk-withdraw', walk, by: body.data.by }, reply, said)
  })
}

const STORED = 'the number of a walk test that stands'
const RECORDED = 'a pendant that a walk test is recorded with'

const numberOf = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null)

const fresh = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store')

function orNone(reply: FastifyReply, found: object | null, expected: string, came: string): FastifyReply {
  return found === null
    ? refuse(reply, 404, { error: 'unknown walk', expected, came })
    : fresh(reply).send(found)
}
