// Rows that wait for the disk, in order. While a disk refuses for long they must not fill the memory: beyond a bound the
// lesser ones are let go, and how many is said. Never an alarm, an answer, a session, or what a wearer was told.
import type { Change } from '../core/plan/change.ts'
import type { JournalBatch } from '../ports.ts'

/** About 20 MB. A day of paging three people about one alarm is 50,000 rows. */
export const ROWS_MAX = 20_000

/** One event's rows, and when it arrived. */
export type Batch = JournalBatch & { arrivedAtMs: number }

export type Backlog = {
  add(batch: Batch): void
  first(): Batch | undefined
  /** The first is on disk. */
  shift(): void
  size(): number
  some(is: (change: Change) => boolean): boolean
  /** How many lesser rows were let go since this was asked last. */
  letGo(): number
}

export function createBacklog(rowsMax = ROWS_MAX): Backlog {
  let batches: Batch[] = []
  let rows = 0
  let gone = 0
  /** Looked at again when it has grown by a quarter, or every batch would be looked through for each new one. */
  let boundRows = rowsMax

  function compact(): void {
    // The first may be on its way to the disk.
    const [first, ...others] = batches
    const kept = thin(others, rowsMax - rowsMax / 4)
    batches = first === undefined ? [] : [first, ...kept]
    const left = rowsIn(batches)
    gone += rows - left
    rows = left
    boundRows = Math.max(rowsMax, rows + rowsMax / 4)
  }

  return {
    add(batch) {
      batches.push(batch)
      rows += batch.entries.length
      if (rows > boundRows) compact()
    },
    first: () => batches[0],
    shift() {
      rows -= batches.shift()?.entries.length ?? 0
      if (batches.length === 0) boundRows = rowsMax
    },
    size: () => rows,
    some: is => batches.some(({ entries }) => entries.some(({ change }) => is(change))),
    letGo() {
      const before = gone
      gone = 0
      return before
    },
  }
}

/** Said again by a later row, or news of a moment that is over: an incident's story is whole without it. */
const LESSER: ReadonlySet<Change['is']> = new Set([
  'located',
  'page-invited',
  'page-ringing',
  'security',
  'technical-raised',
  'technical-mended',
])

/** Without the lesser rows; where that is not enough, without the oldest calls that ended and that nobody answered by a key. */
function thin(batches: readonly Batch[], aimRows: number): Batch[] {
  const without = (isLess: (change: Change) => boolean, from: readonly Batch[]): Batch[] =>
    from.map(batch => ({ ...batch, entries: batch.entries.filter(({ change }) => !isLess(change)) }))
  const thinned = without(({ is }) => LESSER.has(is), batches)
  const over = rowsIn(thinned) - aimRows
  if (over <= 0) return full(thinned)
  const old = endedPages(thinned, over)
  return full(without(change => 'page' in change && old.has(change.page), thinned))
}

/** The oldest pages that are due and ended within these rows without a key, as many as make up so many rows. */
function endedPages(batches: readonly Batch[], rows: number): ReadonlySet<string> {
  const pages = new Map<string, { rows: number; isDue: boolean; isEnded: boolean; hasKey: boolean }>()
  for (const { entries } of batches) {
    for (const { change } of entries) {
      if (!('page' in change)) continue
      const page = pages.get(change.page) ?? { rows: 0, isDue: false, isEnded: false, hasKey: false }
      page.rows += 1
      page.isDue ||= change.is === 'page-due'
      page.isEnded ||= change.is === 'page-ended'
      page.hasKey ||= change.is === 'page-key'
      pages.set(change.page, page)
    }
  }
  const old = new Set<string>()
  for (const [id, { rows: own, isDue, isEnded, hasKey }] of pages) {
    if (rows <= 0) break
    if (!isDue || !isEnded || hasKey) continue
    old.add(id)
    rows -= own
  }
  return old
}

const full = (batches: readonly Batch[]): Batch[] =>
  batches.filter(({ entries, counters }) => entries.length > 0 || counters.size > 0)

const rowsIn = (batches: readonly Batch[]): number =>
  batches.reduce((sum, { entries }) => sum + entries.length, 0)
