// What the walk page asks of the gateway: walk tests as they are, reports, and what a person does to them.
import type { Refusal } from '../../../../schemas/api/desk.ts'
import type { WalkReport, WalksView } from '../../../../schemas/api/walk.ts'
import { NotTaken, refusalWords } from '../answers.ts'

/** A gateway that takes longer is as good as gone; the walker must know that the tap did not count. */
const ASK_MS_MAX = 6_000

export type Act =
  | { verb: 'start' | 'between' | 'undo' | 'finish' | 'discard'; pendant: string }
  | { verb: 'enter'; pendant: string; room: string | null }
  | { verb: 'withdraw'; walk: number }

/** Resolves with all walk tests as they now are, once that is stored. Throws NotTaken, in words for a person. */
export function act(by: string, what: Act): Promise<WalksView> {
  if (what.verb === 'withdraw') return send(`/api/walks/${what.walk}/withdraw`, { by })
  const body = what.verb === 'enter' ? { by, room: what.room } : { by }
  return send(`/api/recordings/${encodeURIComponent(what.pendant)}/${what.verb}`, body)
}

export const readWalks = (): Promise<WalksView> => ask('/api/walks')

/** The report on a recording, a stored walk, or all that stand; null where there is none (any more). */
export async function readReport(of: ReportOf): Promise<WalkReport | null> {
  const path =
    'pendant' in of
      ? `/api/recordings/${encodeURIComponent(of.pendant)}/report`
      : `/api/walks/${of.walk === 'standing' ? '' : `${of.walk}/`}report`
  const response = await fetch(path, { signal: AbortSignal.timeout(ASK_MS_MAX) })
  return response.ok ? ((await response.json()) as WalkReport) : null
}

export type ReportOf = { pendant: string } | { walk: number | 'standing' }

const send = (path: string, body: object): Promise<WalksView> =>
  ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

async function ask(path: string, init: RequestInit = {}): Promise<WalksView> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(ASK_MS_MAX) }).catch(
    (cause: Error) => {
      throw new NotTaken('The gateway did not answer: this did not count. Try again.', { cause })
    },
  )
  const came: unknown = await response.json().catch(() => null)
  if (response.ok) return came as WalksView
  throw new NotTaken(refusalWords(response.status, came as Refusal | null))
}
