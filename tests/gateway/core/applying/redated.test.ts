// Rows that were dated by clocks nobody could trust are read as one life: in order, none in the future, ages kept.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redated } from '../../../../gateway/core/applying/redated.ts'
import { moved } from '../../../../gateway/core/plan/instants.ts'
import type { JournalEntry } from '../../../../gateway/ports.ts'

const NOW = 1_790_000_000_000
const HOUR_MS = 3_600_000
const YEAR_MS = 365 * 24 * HOUR_MS

const row = (seq: number, atMs: number): JournalEntry => ({
  seq,
  atMs,
  actor: 'tocsin',
  change: { is: 'page-ringing', incident: 'i-0001', page: 'i-0001-p1', atMs: atMs - 5 },
})
const stepped = (seq: number, atMs: number, offsetMs: number, afterSeq: number): JournalEntry => ({
  ...row(seq, atMs),
  change: { is: 'clock-stepped', byMs: offsetMs, offsetMs, afterSeq },
})
const times = (entries: readonly JournalEntry[]) => entries.map(({ atMs }) => atMs)

describe('rows dated anew', () => {
  it('are the very rows where every clock was right', () => {
    const entries = [row(1, NOW - 20), row(2, NOW - 10), row(3, NOW)]
    const dated = redated(entries, NOW)
    expect(dated).toEqual({ entries, aheadMs: 0, sinceNewestMs: 0, wasStepped: false })
    expect(dated.entries[0]).toBe(entries[0])
    expect(redated([], NOW)).toEqual({ entries: [], aheadMs: 0, sinceNewestMs: 0, wasStepped: false })
  })

  it('written by a clock ahead of now end now, with what is in them, as far apart as they were', () => {
    const { entries, aheadMs } = redated([row(1, NOW + HOUR_MS - 30), row(2, NOW + HOUR_MS)], NOW)
    expect([times(entries), aheadMs]).toEqual([[NOW - 30, NOW], HOUR_MS])
    expect(entries[0]?.change).toMatchObject({ atMs: NOW - 35 })
  })

  it('before a start with a clock that was put back are not later than the rows after it', () => {
    const future = NOW + 60 * YEAR_MS
    const { entries, aheadMs } = redated([row(1, future - 9), row(2, future), row(3, NOW - 100)], NOW)
    expect([times(entries), aheadMs]).toEqual([[NOW - 109, NOW - 100, NOW - 100], 0])
  })

  it('of a run whose clock was put forward meanwhile are dated by the clock as it was at its end', () => {
    const then = NOW - 2 * YEAR_MS
    const run = [row(2, then - 60), stepped(3, then - 50, 2 * YEAR_MS, 1), row(4, then - 40)]
    const { entries, wasStepped } = redated([row(1, NOW - 900), ...run], NOW)
    expect([times(entries), wasStepped]).toEqual([[NOW - 900, NOW - 60, NOW - 50, NOW - 40], true])
    const next = [stepped(5, NOW - 30, 0, 4), row(6, NOW - 20)]
    const after = redated([row(1, NOW - 900), ...run, ...next], NOW)
    expect(times(after.entries)).toEqual([NOW - 900, NOW - 60, NOW - 50, NOW - 40, NOW - 30, NOW - 20])
    expect(after.wasStepped).toBe(false)
  })

  it('are in order and never in the future, and those in order stay as far apart, whatever the clocks said', () => {
    const any = fc.array(fc.integer({ min: NOW - 99 * YEAR_MS, max: NOW + 99 * YEAR_MS }), { maxLength: 20 })
    fc.assert(
      fc.property(any, dated => {
        const { entries } = redated(
          dated.map((atMs, i) => row(i + 1, atMs)),
          NOW,
        )
        let beforeMs = Number.NEGATIVE_INFINITY
        for (const [i, { atMs }] of entries.entries()) {
          expect(atMs).toBeGreaterThanOrEqual(beforeMs)
          const apartMs = (dated[i] ?? 0) - (dated[i - 1] ?? 0)
          if (i > 0) expect(atMs - beforeMs).toBe(Math.max(0, apartMs))
          beforeMs = atMs
        }
        expect(beforeMs).toBeLessThanOrEqual(NOW)
      }),
    )
  })
})

it('an instant is moved however deep it stands, and no length of time is', () => {
  const view = {
    nowMs: 1,
    ringMs: 2,
    raised: [{ atMs: 3, untilMs: 4, heardAtMs: null, lengthMs: 5 }],
    sinceMs: 6,
  }
  expect(moved(view, 10)).toEqual({
    nowMs: 11,
    ringMs: 2,
    raised: [{ atMs: 13, untilMs: 14, heardAtMs: null, lengthMs: 5 }],
    sinceMs: 16,
  })
  expect(moved(view, 0)).toBe(view)
})
