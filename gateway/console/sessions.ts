// /api/sessions: somebody is signed in as being alone in a room, and out again. Each POST is answered with all sessions as
// they now are, once that is committed.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { SignInBody, SignOutBody } from '../../schemas/session-api.ts'
import type { Desk, SessionEvent } from '../ports.ts'
import type { Log } from './log.ts'
import { malformed, refuse } from './refusal.ts'

const MS_PER_MINUTE = 60_000

/** Adds signing in and out, and the list of who is alone where. */
export function routeSessions(app: FastifyInstance, desk: Desk, log: Log): void {
  app.get('/api/sessions', (_request, reply) =>
    reply.header('cache-control', 'no-store').send(desk.snapshot().sessions),
  )
  app.post('/api/sessions', async (request, reply) => {
    const body = SignInBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    const { by, pendant, room, minutes, note = null } = body.data
    log.info({ pendant, by }, 'session: sign in')
    const forMs = minutes * MS_PER_MINUTE
    return submit(desk, { kind: 'sign-in', by, pendant, room, forMs, note }, reply)
  })
  app.post<{ Params: { id: string } }>('/api/sessions/:id/sign-out', async (request, reply) => {
    const body = SignOutBody.safeParse(request.body)
    if (!body.success) return refuse(reply, 400, malformed(body.error, request.body))
    const { by } = body.data
    const session = request.params.id
    log.info({ session, by }, 'session: sign out')
    return submit(desk, { kind: 'sign-out', by, session }, reply)
  })
}

async function submit(desk: Desk, event: SessionEvent, reply: FastifyReply): Promise<FastifyReply> {
  const { refused } = await desk.submit(event)
  if (refused === null) return reply.header('cache-control', 'no-store').send(desk.snapshot().sessions)
  const { expected, came, isUnknown } = refused
  return isUnknown
    ? refuse(reply, 404, { error: 'unknown', expected, came })
    : refuse(reply, 409, { error: 'not possible now', expected, came })
}
