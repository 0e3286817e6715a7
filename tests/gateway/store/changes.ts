// Changes for the store's tests: any mix of kinds, with text that is hard to keep.
import fc from 'fast-check'
import type { Change } from '../../../gateway/core/plan/change.ts'
import type { JournalBatch } from '../../../gateway/ports.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const id = fc.stringMatching(/^[a-z0-9-]{1,12}$/)

export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ is: fc.constant('acknowledged' as const), incident: id }),
  fc.record({ is: fc.constant('technical-raised' as const), key: id, text }),
  fc.record({
    is: fc.constant('security' as const),
    reason: id,
    pendant: id,
    receiver: id,
    text: fc.string({ unit: 'binary', maxLength: 40 }),
  }),
  fc.record({
    is: fc.constant('resolved' as const),
    incident: id,
    outcome: fc.constant('near-miss' as const),
    reason: text,
  }),
)

const entry = fc.record({
  atMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  actor: fc.string({ unit: 'binary', maxLength: 20 }),
  change: anyChange,
})

export const anyBatch: fc.Arbitrary<JournalBatch> = fc.record({
  entries: fc.array(entry, { maxLength: 5 }),
  counters: fc
    .array(fc.tuple(fc.constantFrom('p-01', 'p-02', 'p-03'), fc.nat(0xffffffff)), { maxLength: 3 })
    .map(pairs => new Map(pairs)),
})

/** A batch of `rows` ordinary rows, told apart by `name`. */
export function plainBatch(name: string, rows = 1): JournalBatch {
  const entries = Array.from({ length: rows }, (_, i) => ({
    atMs: 1_760_000_000_000 + i,
    actor: 'gateway',
    change: { is: 'technical-raised' as const, key: name, text: `row ${i}` },
  }))
  return { entries, counters: new Map() }
}
