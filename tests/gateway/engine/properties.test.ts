// Whatever comes in whatever order, with clocks that jump, disks that fail or hang, and restarts: nothing is lost, nobody is
// left without a next call, nobody is thanked who has not acknowledged, and nobody is told what is not so.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  KIND_ASSIST,
  KIND_BUTTON,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_IDLE,
  KIND_MAN_DOWN,
  KIND_OKAY,
} from '../../../schemas/frame.ts'
import { type Held, holdTogether } from '../held-together.ts'

/** `npm test` makes so many; more of them by hand. */
const RUNS = Number(process.env.TOCSIN_RUNS ?? 5_200)
const HOUR_MS = 3_600_000
const YEAR_MS = 365 * 24 * HOUR_MS

type Move = (held: Held) => Promise<void> | void

const receivers = fc.constantFrom('r-hall', 'r-interview')
const alarms = fc.constantFrom(KIND_CORD, KIND_BUTTON, KIND_ASSIST, KIND_MAN_DOWN, KIND_DURESS)
const press: fc.Arbitrary<Move> = fc.tuple(alarms, receivers).map(
  ([kind, by]) =>
    held =>
      held.press(kind, by),
)
const frame: fc.Arbitrary<Move> = fc.tuple(fc.constantFrom(KIND_IDLE, KIND_OKAY, KIND_CANCEL), receivers).map(
  ([kind, by]) =>
    held =>
      held.hear(kind, null, by),
)
/** Without a frame: a panel's input and a person at the desk. What was carried out is in a row, or waits for the disk. */
const raise: fc.Arbitrary<Move> = fc
  .tuple(
    fc.constantFrom('input' as const, 'desk' as const),
    fc.constantFrom('assist' as const, 'cord' as const),
  )
  .map(([of, alarm]) => async held => {
    const source = { of, id: 'one' }
    const about = { by: 'a panel', wearer: 'Panel', room: 'hall', note: null }
    await held.submit({ kind: 'raise', ...about, source, alarm })
    const isOpen = held.incidents().some(({ state, source: by }) => by?.of === of && state !== 'resolved')
    expect(isOpen, `raised by ${of}, and no incident is open`).toBe(true)
  })
const progress = fc.constantFrom(
  { step: 'sent' } as const,
  { step: 'accepted' } as const,
  { step: 'reached' } as const,
  { step: 'answered', with: '1' } as const,
  { step: 'answered', with: '2' } as const,
  { step: 'answered', with: '7' } as const,
  { step: 'said', news: 1 } as const,
  { step: 'ended', outcome: 'busy', detail: '486' } as const,
  { step: 'ended', outcome: 'acknowledged', detail: 'key 1' } as const,
  { step: 'ended', outcome: 'unreachable', detail: 'no route' } as const,
)
const page: fc.Arbitrary<Move> = fc.tuple(fc.nat(4), progress).map(
  ([nth, step]) =>
    held =>
      held.page(nth, step),
)
const person: fc.Arbitrary<Move> = fc
  .tuple(fc.nat(3), fc.constantFrom('acknowledge' as const, 'attend' as const, 'resolve' as const))
  .map(([nth, kind]) => async held => {
    const all = held.incidents()
    const incident = all[nth % Math.max(1, all.length)]?.id
    if (incident === undefined) return
    if (kind === 'resolve') await held.submit({ kind, incident, by: 'Ann', outcome: 'test', reason: 'drawn' })
    else await held.submit({ kind, incident, by: 'Ann' })
  })
const away = fc.constantFrom(-HOUR_MS, -2.7 * YEAR_MS, -61_000, -900, 0, 0, 5_000, HOUR_MS, 2 * YEAR_MS)
const wait: fc.Arbitrary<Move> = fc
  .constantFrom(250, 1_000, 3_000, 11_000, 45_000)
  .map(ms => held => held.tick(ms))
const clock: fc.Arbitrary<Move> = away.map(ms => held => held.setClock(ms))
const disk: fc.Arbitrary<Move> = fc
  .constantFrom<(held: Held) => void>(
    held => held.journal.failWith(new Error('disk full')),
    held => held.journal.failWith(null),
    held => held.journal.hold(),
    held => held.journal.letGo(),
  )
  .map(does => async held => {
    does(held)
    await held.tick(250)
    await held.send()
  })
const restart: fc.Arbitrary<Move> = away.map(ms => held => held.restart(Math.round(ms)))

const moves = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: press },
    { weight: 1, arbitrary: raise },
    { weight: 2, arbitrary: frame },
    { weight: 4, arbitrary: page },
    { weight: 2, arbitrary: person },
    { weight: 3, arbitrary: wait },
    { weight: 1, arbitrary: clock },
    { weight: 2, arbitrary: disk },
    { weight: 1, arbitrary: restart },
  ),
  { maxLength: 16 },
)

it('nothing lost, nothing silent, nothing untrue', async () => {
  await fc.assert(
    fc.asyncProperty(moves, async sequence => {
      const held = await holdTogether()
      for (const move of sequence) {
        await move(held)
        await held.tick(250)
        held.checkNext()
      }
      await held.end()
    }),
    { numRuns: RUNS },
  )
})
