// In: a row as a Tocsin of before wrote it. Out: the same row as it is written today. Promises that nothing else knows how rows
// were: pages were calls, and a page held what was spoken, which is left out; its message is made anew where it is needed.
import type { Change } from '../plan/change.ts'
import type { Facts } from '../plan/facts.ts'

/** Fields of any shape: it may be damaged, or a newer Tocsin's. What does not fit is left to whoever looks at today's shape. */
type Row = Record<string, unknown>

/** Telephones were the only targets. */
const CHANNEL_BEFORE = 'sip'

export function asToday(change: Change): Change {
  const row: Row = change
  switch (row.is) {
    case 'page-due': {
      const { ringMs, talkMs, phrases: _, ...rest } = row
      if (typeof ringMs !== 'number' || typeof talkMs !== 'number' || 'withinMs' in rest) return change
      return { ...rest, withinMs: { reached: ringMs, answered: talkMs } } as Change
    }
    case 'page-news': {
      const { phrases: _, ...rest } = row
      return rest as Change
    }
    case 'technical-raised':
      return isBefore(row.facts)
        ? ({ ...row, facts: { ...row.facts, missing: row.facts.missing.map(missingToday) } } as Change)
        : change
    default:
      return change
  }
}

type NotArmed = Extract<Facts, { of: 'not-armed' }>
/** What was missing of telephones, as rows of before have it. */
type MissingBefore =
  | { of: 'telephones'; telephones: { number: string; fault: string | null }[] }
  | NotArmed['missing'][number]

const isBefore = (facts: unknown): facts is { of: 'not-armed'; missing: MissingBefore[] } =>
  facts !== null &&
  typeof facts === 'object' &&
  'missing' in facts &&
  Array.isArray(facts.missing) &&
  facts.missing.some(each => each?.of === 'telephones' && Array.isArray(each.telephones))

const missingToday = (missing: MissingBefore): NotArmed['missing'][number] =>
  missing.of === 'telephones'
    ? {
        of: 'targets',
        targets: missing.telephones.map(({ number, fault }) => ({
          channel: CHANNEL_BEFORE,
          address: number,
          fault,
        })),
      }
    : missing
