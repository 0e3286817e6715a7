// A person's answers, sent to the gateway: the incident as it now is comes back, or why not, in words for the desk.
import type { IncidentView, Outcome, Refusal } from '../../../schemas/api.ts'

/** A gateway that takes longer than this to commit is as good as gone; the person must be told to use the phone. */
const ANSWER_MS_MAX = 6_000

export type Answer =
  | { verb: 'acknowledge'; by: string }
  | { verb: 'attend'; by: string }
  | { verb: 'resolve'; by: string; outcome: Outcome; reason: string }

/** The gateway did not take an answer; `message` says so for a person. */
export class NotTaken extends Error {
  override name = 'NotTaken'
}

/** Resolves once the answer is stored, with the incident as it now is (null where it is no longer shown). Throws NotTaken. */
export async function give(incident: string, answer: Answer): Promise<IncidentView | null> {
  const { verb, ...body } = answer
  return (await send(`/api/incidents/${encodeURIComponent(incident)}/${verb}`, body)) as IncidentView | null
}

/** Resolves once somebody is signed in as being alone; the live events bring the list. Throws NotTaken. */
export async function signIn(said: object): Promise<void> {
  await send('/api/sessions', said)
}

/** Resolves once the session is over. Throws NotTaken. */
export async function signOut(session: string, by: string): Promise<void> {
  await send(`/api/sessions/${encodeURIComponent(session)}/sign-out`, { by })
}

async function send(path: string, body: object): Promise<unknown> {
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
  if (response.status === 204) return null
  const came: unknown = await response.json().catch(() => null)
  if (response.ok) return came
  const refusal = came as Refusal | null
  throw new NotTaken(
    refusal === null
      ? `The gateway refused this (HTTP ${response.status}).`
      : `Not taken. Expected ${refusal.expected}; came ${refusal.came}.`,
  )
}
