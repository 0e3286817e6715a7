// Two senders that use the identity of one pendant: its key was copied, or somebody plays again what it sent. In: what is known
// of the other sender, and one more frame of it. Out: what is known of it after that.
import type { Between } from './repeat.ts'

/** The other sender, as far as it was heard: its newest counter, when, and how often it and the pendant took turns. */
export type Rival = {
  counter: number
  atMs: number
  turns: number
  /** Its newest frame that was of no alarm. */
  between: Between | null
}

/** Turns within so long of each other are of the same two. */
const TURN_MS = 5 * 60_000

/** The other sender after one more frame of it; null where this frame tells nothing: it was heard before. */
export function rivalAfter(
  { rival, history }: { rival: Rival | null; history: readonly { counter: number; heardAtMs: number }[] },
  { counter, heardAtMs, isAlarm }: { counter: number; heardAtMs: number; isAlarm: boolean },
): Rival | null {
  if (history.some(each => each.counter === counter)) return null
  const between = isAlarm ? (rival?.between ?? null) : { counter, atMs: heardAtMs }
  if (rival === null || heardAtMs - rival.atMs > TURN_MS)
    return { counter, atMs: heardAtMs, turns: 1, between }
  const newest = history.at(-1)
  // One recording that goes round is no sender: only what goes on takes turns.
  const isTurn = counter > rival.counter && newest !== undefined && newest.heardAtMs > rival.atMs
  return { counter, atMs: heardAtMs, turns: rival.turns + (isTurn ? 1 : 0), between }
}
