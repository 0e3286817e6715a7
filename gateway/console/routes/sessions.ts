// /api/sessions: somebody is signed in as being alone in a room, and out again. Each POST is answered with all sessions as
// they now are, once that is committed.
import type { FastifyInstance } from 'fastify'
import { SignInBody, SignOutBody } from '../../../schemas/api/session.ts'
import type { Desk, Log } from '../../ports.ts'
import { malformed, refuse } from '../refusal.ts'
import { submit } from '../submit.ts'

const MS_PER_MINUTE = 60_000

/** Adds signing in and out, and the list of who is alone where. */
export function routeSessions(app: FastifyInstance, desk: Desk, log: Log): void {
  const said = { unknown: 'unknown', show: () => desk.snapshot().sessions }
  app.get('/api/sessions', (_request, reply) =>
    reply.header('cache-control', 'no-store').send(desk.snapshot().sessions),
  )
  app.post('/api/sessions', async (request, reply) => {
    const body = SignInBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    const { by, pendant, room, minutes, note = null } = body.data
    log.info({ pendant, by }, 'session: sign in')
    const forMs = minutes * MS_PER_MINUTE
    return submit(desk, { kind: 'sign-in', by, pendant, room, forMs, note }, reply, said)
  })
  app.post<{ Params: { id: string } }>('/api/sessions/:id/sign-out', async (request, reply) => {
    const body = SignOutBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    const { by } = body.data
    const session = request.params.id
    log.info({ session, by }, 'session: sign out')
    return submit(desk, { kind: 'sign-out', by, session }, reply, said)
  })
}
