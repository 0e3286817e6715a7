// Refusals over HTTP: whatever was wrong comes in, a status and {error, expected, came} goes out: never a stack, never the
// name of a class. What zod found wrong in a body is told by the translator that tells it of files.

import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { z } from 'zod'
import type { Refusal } from '../../schemas/api/desk.ts'
import type { Log } from '../ports.ts'
import { mismatches, pathText } from '../site/expected.ts'

/** Twelve allowed words for each of a few fields fit; a body of 16 kB does not come back whole. */
const TEXT_LENGTH_MAX = 600

/** Sends a refusal. `error` is one word or two for a program, the others are sentences for a person. */
export function refuse(reply: FastifyReply, status: number, refusal: Refusal): FastifyReply {
  return reply.code(status).send(refusal)
}

/** What a body should have been, field by field, and what stood there instead. The whole body is called "body". */
export function malformed(error: z.ZodError, body: unknown): Refusal {
  const wrong = mismatches(error, body).map(({ path, ...each }) => ({
    ...each,
    at: path.length === 0 ? 'body' : pathText(path),
  }))
  return {
    error: 'malformed',
    expected: cut(wrong.map(({ at, expected }) => `${at}: ${expected}`).join('; ')),
    came: cut(wrong.map(({ at, came }) => `${at}: ${came}`).join('; ')),
  }
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
    const notStored = notYetStored(error)
    if (notStored !== null) return refuse(reply, CARRIED_OUT, notStored)
    const status = error.statusCode ?? 500
    if (status < 500) return refuse(reply, status, unreadable(status, error.message))
    log.error({ err: error, method: request.method, url: request.url }, 'the console failed to answer')
    return refuse(reply, 503, {
      error: 'not carried out',
      expected: 'the gateway to carry this out; it did not, and nothing of it has changed',
      came: cut(nameless(error.message)),
    })
  })
}

/** HTTP 202: it was carried out, and the disk does not have it yet. */
export const CARRIED_OUT = 202

/** What is said of an answer that counts already and is not on disk; null where that is not what the error says. */
export function notYetStored(error: Error): Refusal | null {
  if (error.name !== 'NotKept') return null
  return {
    error: 'carried out, not yet stored',
    expected: 'the disk to take this; it is carried out, and written down once the disk does',
    came: cut(nameless(error.message)),
  }
}

/** What the server refuses before any route sees it: an address that is no address. Passed to fastify. */
export function refuseAddress(
  error: Error & { statusCode?: number },
  _request: unknown,
  reply: FastifyReply,
): void {
  const status = error.statusCode ?? 400
  const expected =
    status === 414 ? 'a shorter address' : 'an address from the list in gateway/console/README.md'
  refuse(reply, status, { error: 'malformed', expected, came: cut(nameless(error.message)) })
}

const NOT_HTTP: Readonly<Record<string, { line: string; expected: string }>> = {
  HPE_HEADER_OVERFLOW: { line: '431 Request Header Fields Too Large', expected: 'headers of at most 16 kB' },
  ERR_HTTP_REQUEST_TIMEOUT: { line: '408 Request Timeout', expected: 'a whole request in time' },
}

/** What is no HTTP at all, or too much of it: answered on the bare socket. Passed to fastify. */
export function refuseSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { line, expected } = NOT_HTTP[error.code ?? ''] ?? {
    line: '400 Bad Request',
    expected: 'an HTTP request',
  }
  const refusal: Refusal = { error: 'malformed', expected, came: 'something else' }
  const body = JSON.stringify(refusal)
  const headers = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`
  socket.end(`HTTP/1.1 ${line}\r\n${headers}\r\n\r\n${body}`)
}

const unreadable = (status: number, why: string): Refusal => ({
  error: 'malformed',
  expected: expectedBy(status),
  came: cut(nameless(why)),
})

function expectedBy(status: number): string {
  if (status === 415) return 'Content-Type: application/json'
  if (status === 413) return 'a body within the size limit'
  return 'a JSON object as the body'
}

/** The message without the class that begins it ("SqliteError: …"), and without the stack that follows it. */
function nameless(message: string): string {
  const [first = ''] = message.split(/\n\s*at /)
  return first.replace(/^(\w*(Error|Exception|Failed): ?)+/, '').trim() || 'no reason was given'
}

function quote(value: unknown): string {
  return cut(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))
}

const cut = (text: string): string =>
  text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`
