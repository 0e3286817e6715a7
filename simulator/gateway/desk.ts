// The gateway's desk as anybody on the network sees it: GET /api/desk, checked against the contract.
import { DeskSnapshot } from '../../schemas/api/desk.ts'

const ANSWER_MS = 3_000

/** Reads the desk once. Throws where it does not answer, or answers something else than the contract says. */
export async function readDesk(http: string): Promise<DeskSnapshot> {
  const url = `http://${http}/api/desk`
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
  if (!response.ok) throw new Error(`expected the desk at ${url}, came ${response.status}`)
  return DeskSnapshot.parse(await response.json())
}
