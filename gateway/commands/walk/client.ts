// The API of a running gateway, from the command line, the walk test's most of all: what a person asks goes out, walk tests as
// they are come back. Every failure is said in words: what was expected and what came.

import type { z } from 'zod'
import { Refusal } from '../../../schemas/api/desk.ts'
import { WalkLayout, WalkReport, WalksView } from '../../../schemas/api/walk.ts'
import { faultWords } from '../../../schemas/fault-words.ts'
import { Walk } from '../../../schemas/walk.ts'

/** A whole walk is some megabytes; anything else comes at once. */
const ANSWER_MS_MAX = 30_000

/** The gateway did not answer, or would not; the message says why. */
export class GatewayRefused extends Error {
  override readonly name = 'GatewayRefused'
}

export type WalkVerb = 'start' | 'enter' | 'between' | 'undo' | 'finish' | 'discard'

export type WalkClient = {
  walks(): Promise<WalksView>
  act(pendant: string, verb: WalkVerb, room?: string | null): Promise<WalksView>
  withdraw(walk: number): Promise<WalksView>
  walk(walk: number): Promise<Walk>
  layout(): Promise<WalkLayout>
  report(walk: number | 'standing'): Promise<WalkReport>
}

/** Asks the gateway at `url`, by POST where there is a body. Throws GatewayRefused. */
export async function askGateway<T>(url: URL, path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(new URL(path, url), {
    ...init,
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  }).catch((cause: Error) => {
    throw new GatewayRefused(`expected a gateway at ${url.href}, came ${reasonOf(cause)}`, { cause })
  })
  const came: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new GatewayRefused(refusalText(response.status, came))
  const parsed = schema.safeParse(came)
  if (parsed.success) return parsed.data
  throw new GatewayRefused(
    `expected what a gateway of this version answers to ${path}, came something else: is ${url.href} a Tocsin gateway?`,
    { cause: parsed.error },
  )
}

/** Speaks to the gateway at `url` in the name of `by`. Each call throws GatewayRefused. */
export function walkClient(url: URL, by: string): WalkClient {
  const ask = <T>(path: string, schema: z.ZodType<T>, body?: object): Promise<T> =>
    askGateway(url, path, schema, body)
  const recording = (pendant: string, verb: string): string =>
    `/api/recordings/${encodeURIComponent(pendant)}/${verb}`
  return {
    walks: () => ask('/api/walks', WalksView),
    act: (pendant, verb, room) =>
      ask(recording(pendant, verb), WalksView, verb === 'enter' ? { by, room: room ?? null } : { by }),
    withdraw: walk => ask(`/api/walks/${walk}/withdraw`, WalksView, { by }),
    walk: walk => ask(`/api/walks/${walk}`, Walk),
    layout: () => ask('/api/walks/layout', WalkLayout),
    report: walk => ask(walk === 'standing' ? '/api/walks/report' : `/api/walks/${walk}/report`, WalkReport),
  }
}

function refusalText(status: number, came: unknown): string {
  const refusal = Refusal.safeParse(came)
  return refusal.success
    ? `expected ${refusal.data.expected}; came ${refusal.data.came}`
    : `expected an answer, came HTTP ${status}`
}

function reasonOf(error: Error): string {
  const { cause } = error
  return faultWords(cause instanceof Error && cause.message !== '' ? cause : error)
}
