// Buttons that are not ours, on any air: what is repeated, merged, put off and put out of order is never more presses
// than were made, and a press that is heard at all is never lost among them.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BUTTON_ADDRESS, buttonBench, plainBench, plainButton, sealedButton } from '../buttons.ts'
import { type Bench, T0 } from '../engine.ts'

/** One frame of event `event` (null: an idle one) heard `afterMs` after that event began, told `lateMs` later. */
type Hearing = { event: number; isIdle: boolean; afterMs: number; lateMs: number; receiver: string }

const EVENTS_MAX = 40
const BURST_MS = 10_000
/** How long a stack that merges goes on with old data, and how often at least. */
const STALE_EACH_MS = 15_000

const air = fc.integer({ min: 1, max: EVENTS_MAX }).chain(k =>
  fc.record({
    k: fc.constant(k),
    firstId: fc.nat(255),
    firstCounter: fc.integer({ min: 1, max: 1_000_000 }),
    gapsMs: fc.array(fc.integer({ min: 100, max: 90_000 }), { minLength: k, maxLength: k }),
    staleFor: fc.array(fc.nat(8), { minLength: k, maxLength: k }),
    hearings: fc.array(
      fc.record<Hearing>({
        event: fc.nat(k - 1),
        isIdle: fc.boolean(),
        afterMs: fc.nat(BURST_MS),
        lateMs: fc.nat(20_000),
        receiver: fc.constantFrom('r-hall', 'r-interview'),
      }),
      { maxLength: 120 },
    ),
  }),
)
type Air = typeof air extends fc.Arbitrary<infer T> ? T : never

/** Every hearing with the instants at which it was heard and told; each event is heard at once by somebody. */
function hearingsOf({ k, gapsMs, staleFor, hearings }: Air): (Hearing & { heardAtMs: number })[] {
  const beganAtMs = gapsMs.map((_, i) => T0 + gapsMs.slice(0, i + 1).reduce((sum, each) => sum + each, 0))
  const first = Array.from({ length: k }, (_, event): Hearing => ({ ...AT_ONCE, event }))
  const stale = staleFor.flatMap((times, event) =>
    Array.from({ length: times }, (_, i): Hearing => ({ ...AT_ONCE, event, afterMs: i * STALE_EACH_MS })),
  )
  return [...first, ...stale, ...hearings]
    .map(each => ({ ...each, heardAtMs: (beganAtMs[each.event] ?? T0) + each.afterMs }))
    .sort((a, b) => a.heardAtMs + a.lateMs - (b.heardAtMs + b.lateMs))
}
const AT_ONCE = { isIdle: false, afterMs: 0, lateMs: 0, receiver: 'r-hall' }

function play(bench: Bench, all: ReturnType<typeof hearingsOf>, frame: (hearing: Hearing) => string): number {
  for (const { heardAtMs, lateMs, receiver, ...hearing } of all) {
    bench.nowMs = heardAtMs + lateMs
    const data = frame({ ...hearing, lateMs, receiver })
    bench.data(data, { address: BUTTON_ADDRESS, receiver, ageMs: lateMs })
  }
  return bench.incidents().reduce((sum, each) => sum + each.presses, 0)
}

it('a plain button: k presses on any air are k presses', () => {
  fc.assert(
    fc.property(air, given => {
      // Idle frames stand between events, under packet ids of their own.
      const frame = ({ event, isIdle }: Hearing) =>
        plainButton({ packetId: given.firstId + 2 * event + (isIdle ? 1 : 0), buttons: [isIdle ? 0 : 1] })
      expect(play(plainBench(), hearingsOf(given), frame)).toBe(given.k)
    }),
    { numRuns: 300 },
  )
})

it.each([true, false])(
  'a sealed button, packet ids %s: never more presses than k, and never none',
  hasIds => {
    fc.assert(
      fc.property(air, given => {
        const frame = ({ event, isIdle }: Hearing) => {
          const step = 2 * event + (isIdle ? 1 : 0)
          const id = hasIds ? { packetId: given.firstId + step } : {}
          return sealedButton(given.firstCounter + step, { ...id, buttons: [isIdle ? 0 : 1] })
        }
        const made = play(buttonBench(), hearingsOf(given), frame)
        expect(made).toBeGreaterThanOrEqual(1)
        expect(made).toBeLessThanOrEqual(given.k)
      }),
      { numRuns: 150 },
    )
  },
)
