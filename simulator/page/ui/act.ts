// What the page does to the building: an action goes out by POST, and why it was not done comes back as an error.
import type { Refusal } from '../../../schemas/api/desk.ts'

const ACT_MS_MAX = 10_000

/** Resolves when it is done. Throws an Error with the building's own words where it is not. */
export async function post(path: string, body: object): Promise<void> {
  const response = await fetch(`/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ACT_MS_MAX),
    // A button that is let go because the page closes must not stay down.
    keepalive: true,
  })
  if (response.ok) return
  const refusal = (await response.json().catch(() => null)) as Refusal | null
  throw new Error(refusal?.came ?? `HTTP ${response.status}`)
}
