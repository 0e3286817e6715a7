// A person's answers, sent to the gateway: the incident as it now is comes back, or why not, in words for the desk.
import type { IncidentView, Outcome, Refusal } from '../../../schemas/api/desk.ts'
import type { SessionView } from '../../../schemas/api/session.ts'
import { plain } from './words/plain.ts'
import { ended, sentence } from './words/words.ts'

/** A gateway that takes longer than this to commit is as good as gone; the person must be told to use the phone. */
const ANSWER_MS_MAX = 6_000

export type Answer =
  | { verb: 'acknowledge'; by: string }
  | { verb: 'attend'; by: string }
  | { verb: 'release'; by: string }
  | { verb: 'resolve'; by: string; outcome: Outcome; reason: string }

/** The gateway did not take an answer; `message` says so for a person. */
export class NotTaken extends Error {
  override name = 'NotTaken'
}

/** What came of an answer: the incident as it now is (null where it is no longer shown), and whether that is written down. */
export type Given = { incident: IncidentView | null; isStored: boolean }

/** Resolves once the answer is carried out. Throws NotTaken. */
export async function give(incident: string, answer: Answer): Promise<Given> {
  const { verb, ...body } = answer
  const { status, came } = await send(`/api/incidents/${encodeURIComponent(incident)}/${verb}`, body)
  return { incident: isIncident(came) ? came : null, isStored: status !== CARRIED_OUT_NOT_STORED }
}

/** What a person reads of anything that went wrong in answering. */
export function whyNot(error: unknown): string {
  if (error instanceof NotTaken) return error.message
  console.error(error)
  return 'This page failed at it: load it again, and use the telephone until then.'
}

/**
 * Resolves once somebody is signed in as being alone, with what must be said of their pendant at once, or null; the live events
 * bring the list. Throws NotTaken.
 */
export async function signIn(said: { by: string; pendant: string }): Promise<string | null> {
  const { status, came } = await send('/api/sessions', said)
  const sessions = Array.isArray(came) ? (came as SessionView[]) : []
  const session = sessions.find(({ pendant }) => pendant === said.pendant)
  const warned =
    session?.pendantWarning === undefined
      ? []
      : [`${session.wearer} is signed in, but: ${ended(session.pendantWarning)}`]
  const kept = status === CARRIED_OUT_NOT_STORED ? [NOT_STORED] : []
  return [...warned, ...kept].join(' ') || null
}

/** Resolves once the session is over, with what must be said of it, or null. Throws NotTaken. */
export async function signOut(session: string, by: string): Promise<string | null> {
  const { status } = await send(`/api/sessions/${encodeURIComponent(session)}/sign-out`, { by })
  return status === CARRIED_OUT_NOT_STORED ? NOT_STORED : null
}

/** HTTP 202: it is so, and the disk does not have it yet. */
const CARRIED_OUT_NOT_STORED = 202

/** What a person reads of it. */
export const NOT_STORED =
  'Done, but not written down yet: the disk does not take it. It is tried again by itself; have somebody look at the disk.'

const isIncident = (came: unknown): came is IncidentView =>
  typeof came === 'object' && came !== null && 'id' in came && 'state' in came && 'pages' in came

async function send(path: string, body: object): Promise<{ status: number; came: unknown }> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  }).catch((cause: Error) => {
    throw new NotTaken('The gateway did not answer and may not have stored this: use the telephone.', {
      cause,
    })
  })
  const came: unknown = response.status === 204 ? null : await response.json().catch(() => null)
  if (response.ok) return { status: response.status, came }
  throw new NotTaken(refusalWords(response.status, came as Refusal | null))
}

/** A refusal as a person reads it: what became of it first, then why. */
export function refusalWords(status: number, refusal: Refusal | null): string {
  const { expected = '', came = '' } = refusal ?? {}
  const why = expected === '' ? '' : ` Expected ${expected}; came ${came}.`
  if (status === 503)
    return `Not carried out: use the telephone.${came === '' ? '' : ` ${sentence(plain(came))}.`}`
  if (status === 404) return `Not done: the gateway does not know it any more.${why}`
  if (status === 409) return `Not done: it is no longer possible.${why}`
  return `Not taken: this page and the gateway do not fit. Load the page again.${why}`
}
