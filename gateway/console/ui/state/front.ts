// Which of the open alarms a key is about: their ids, gravest first, and where the keyboard is come in. Pure.

/** An alarm that came to the front so lately was not yet read when the key went down. */
const READ_MS = 700

/** The alarm that stands first, the one that stood there before it, and since when. */
export type Front = { id: string | null; before: string | null; sinceMs: number }

/** Which alarm is meant: the one with the keyboard in it, else the first, unless another stood there until just now. */
export function inFront(
  waiting: readonly string[],
  focused: string | null,
  { before, sinceMs }: Front,
  nowMs: number,
): string | null {
  if (focused !== null && waiting.includes(focused)) return focused
  if (before !== null && waiting.includes(before) && nowMs - sinceMs < READ_MS) return before
  return waiting[0] ?? null
}

/**
 * The one after the one with the keyboard in it, round and round. With the keyboard in none it is the one after that which A would
 * acknowledge: whoever wants the next means another one.
 */
export const nextOf = (
  open: readonly string[],
  focused: string | null,
  front: string | null = null,
): string | null => {
  const from = focused !== null && open.includes(focused) ? focused : front
  return open[(from === null ? -1 : open.indexOf(from)) + 1] ?? open[0] ?? null
}
