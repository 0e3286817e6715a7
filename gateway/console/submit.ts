// What a person does, carried to the engine, and what is answered over HTTP: 200 once it is on disk; 202 with the same body
// where it was carried out and the disk does not have it yet; 404 and 409 where it is not possible; anything else is thrown
// and was not carried out.
import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../schemas/api/desk.ts'
import type { Desk, EngineEvent } from '../ports.ts'
import { CARRIED_OUT, notYetStored, refuse } from './refusal.ts'

type Said = {
  /** One or two words for a program, where what the event is about is not known. */
  unknown: string
  /** What there is to show once it is carried out; null where it is shown no more. */
  show(notStored: Refusal | null, incident?: string): object | null
}

/** Submits the event and answers. */
export async function submit(
  desk: Desk,
  event: EngineEvent,
  reply: FastifyReply,
  { unknown, show }: Said,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store')
  const decided = await desk.submit(event).catch((error: Error) => {
    const notStored = notYetStored(error)
    if (notStored === null) throw error
    const { incident } = (error as Error & { decided?: { incident?: string } }).decided ?? {}
    return { ...notStored, ...(incident === undefined ? {} : { of: incident }) }
  })
  if ('error' in decided) {
    const { of, ...notStored } = decided as Refusal & { of?: string }
    return reply.code(CARRIED_OUT).send(show(notStored, of) ?? notStored)
  }
  if (decided.refused !== null) {
    const { expected, came, isUnknown } = decided.refused
    return isUnknown
      ? refuse(reply, 404, { error: unknown, expected, came })
      : refuse(reply, 409, { error: 'not possible now', expected, came })
  }
  const shown = show(null, decided.incident)
  return shown === null ? reply.code(204).send() : reply.send(shown)
}
