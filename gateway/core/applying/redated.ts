// In: the journal's rows, as they were dated by whatever the machine's clock said then, and the time now. Out: the same rows
// dated as one life: none before the row before it, none in the future. So whoever set the clock while the gateway was off,
// ages stay ages, and nothing waits for an instant that a wrong clock wrote down.
import type { JournalEntry } from '../../ports.ts'
import { moved } from '../plan/instants.ts'

export type Lived = {
  entries: JournalEntry[]
  /** So much later than now the newest row was dated; 0 where it was not. */
  aheadMs: number
  /** So long ago the newest row is; 0 where it is dated later than now, or there is none. */
  sinceNewestMs: number
  /** The last run's clock was off from its own rows when it ended: the next run says where it stands. */
  wasStepped: boolean
}

/** From this row on (not included) every row was written by one process, whose clock was off by so much at last. */
type Run = { afterSeq: number; offsetMs: number }

/** The rows as dated by a gateway whose clock says `nowMs`. Rows that fit already are the very same. */
export function redated(entries: readonly JournalEntry[], nowMs: number): Lived {
  const runs = runsOf(entries)
  const dated: JournalEntry[] = []
  let run = runs.length - 1
  let laterMs = nowMs
  let backMs = 0
  let aheadMs: number | null = null
  for (const entry of entries.toReversed()) {
    while (run >= 0 && entry.seq <= (runs[run] as Run).afterSeq) run -= 1
    const offsetMs = runs[run]?.offsetMs ?? 0
    backMs = Math.max(backMs, entry.atMs + offsetMs - laterMs)
    aheadMs ??= backMs
    laterMs = entry.atMs + offsetMs - backMs
    dated.push(moved(entry, offsetMs - backMs))
  }
  dated.reverse()
  const newestAtMs = dated.at(-1)?.atMs ?? nowMs
  const wasStepped = (runs.at(-1)?.offsetMs ?? 0) !== 0
  return { entries: dated, aheadMs: aheadMs ?? 0, sinceNewestMs: nowMs - newestAtMs, wasStepped }
}

function runsOf(entries: readonly JournalEntry[]): Run[] {
  const runs: Run[] = []
  for (const { change } of entries) {
    if (change.is !== 'clock-stepped') continue
    const { afterSeq, offsetMs } = change
    // Of one that cannot be read nothing is known of the clock.
    if (!Number.isFinite(afterSeq) || !Number.isFinite(offsetMs)) continue
    const last = runs.at(-1)
    if (last?.afterSeq === afterSeq) last.offsetMs = offsetMs
    else runs.push({ afterSeq, offsetMs })
  }
  return runs
}
