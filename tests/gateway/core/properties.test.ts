// Whatever happens in whatever order: a raised incident is never lost, and the state is nothing but its journal.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CoreEvent } from '../../../gateway/core/deciding/decision/decision.ts'
import {
  KIND_ASSIST,
  KIND_BUTTON,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_IDLE,
  KIND_TEST,
} from '../../../schemas/frame.ts'
import { ADDRESS, sealedFrame } from './building.ts'
import { type Bench, createBench } from './engine.ts'

type Move = (bench: Bench) => void

const receivers = fc.constantFrom('r-hall', 'r-interview', 'r-gone')
const rssi = fc.integer({ min: -100, max: -30 })

const report: fc.Arbitrary<Move> = fc
  .tuple(
    fc.integer({ min: 1, max: 200 }),
    fc.constantFrom(KIND_IDLE, KIND_CORD, KIND_BUTTON, KIND_ASSIST, KIND_DURESS, KIND_CANCEL, KIND_TEST),
    fc.integer({ min: 0, max: 5 }),
    receivers,
    rssi,
  )
  .map(([counter, kind, alarmNumber, receiver, rssiDbm]) => bench => {
    bench.report({ counter, kind, alarmNumber }, { receiver, rssiDbm })
  })
const pages = fc
  .integer({ min: 1, max: 3 })
  .chain(incident => fc.integer({ min: 1, max: 6 }).map(page => `i-000${incident}-p${page}`))
const steps = fc.constantFrom<Extract<CoreEvent, { kind: 'page' }>['progress']>(
  { step: 'sent' },
  { step: 'accepted' },
  { step: 'reached' },
  { step: 'answered', with: '1' },
  { step: 'answered', with: '7' },
  { step: 'ended', outcome: 'busy', detail: '486' },
  { step: 'ended', outcome: 'unreachable', detail: 'no route' },
)
const page: fc.Arbitrary<Move> = fc.tuple(pages, steps).map(
  ([id, step]) =>
    bench =>
      void bench.page(id, step),
)
const wait: fc.Arbitrary<Move> = fc.integer({ min: 1, max: 40_000 }).map(ms => bench => void bench.wait(ms))
const person: fc.Arbitrary<Move> = fc
  .tuple(fc.constantFrom('i-0001', 'i-0002'), fc.constantFrom('acknowledge', 'attend'))
  .map(
    ([incident, kind]) =>
      bench =>
        void bench.hear({ kind, incident, by: 'Ann' } as CoreEvent),
  )
const moves = fc.array(fc.oneof({ weight: 3, arbitrary: report }, page, wait, person), { maxLength: 60 })

it('no sequence of events loses a raised incident, and every unacknowledged one has a live or a coming page', () => {
  fc.assert(
    fc.property(moves, sequence => {
      const bench = createBench()
      const seen = new Set<string>()
      for (const move of sequence) {
        move(bench)
        for (const incident of bench.incidents()) seen.add(incident.id)
        for (const id of seen) expect(bench.state.incidents.has(id)).toBe(true)
      }
      bench.wait(0)
      for (const incident of bench.incidents()) {
        if (incident.state !== 'raised') continue
        const isPaged = incident.pages.some(each => each.endedAtMs === undefined)
        if (!isPaged) bench.wait(60_000)
        const after = bench.state.incidents.get(incident.id)
        expect(after?.pages.some(each => each.endedAtMs === undefined)).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

it('the state rebuilt from the journal is the state', () => {
  fc.assert(
    fc.property(moves, sequence => {
      const bench = createBench()
      for (const move of sequence) move(bench)
      const after = bench.restart()
      expect([...after.state.incidents]).toEqual([...bench.state.incidents])
      expect([...after.state.technical]).toEqual([...bench.state.technical])
      expect(after.state.security).toEqual(bench.state.security)
      expect(after.state.tests).toEqual(bench.state.tests)
    }),
    // Its counterexample of old: a test that is written down, and one more receiver that hears it.
    { numRuns: 400 },
  )
})

it('a restart at any moment never pages about what a human has, and always about what nobody has', () => {
  fc.assert(
    fc.property(moves, sequence => {
      const bench = createBench()
      for (const move of sequence) move(bench)
      const after = bench.restart()
      after.hear({ kind: 'start' })
      after.wait(60_000)
      for (const incident of after.incidents()) {
        const isPaged = incident.pages.some(each => each.endedAtMs === undefined)
        expect(isPaged).toBe(incident.state === 'raised')
      }
    }),
    { numRuns: 200 },
  )
})

it('joining reports does not depend on their order or on how often they come', () => {
  const frames = [10, 11, 12].map(counter => ({ counter, kind: KIND_CORD, alarmNumber: 1 }))
  const heard = fc.array(fc.tuple(fc.constantFrom(...frames), receivers), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(heard, reports => {
      const bench = createBench()
      for (const [frame, receiver] of reports) bench.report(frame, { receiver })
      expect(bench.incidents()).toHaveLength(1)
      expect(bench.incident().presses).toBe(1)
      expect(bench.state.security).toEqual([])
    }),
  )
})

it('no bytes in an advertisement make the decision throw', () => {
  const whole = sealedFrame({ counter: 7, kind: KIND_CORD, alarmNumber: 1 })
  // The flags before it are not sealed, and say nothing.
  const SEALED_AT = 7
  const mangled = fc
    .tuple(
      fc.integer({ min: SEALED_AT, max: whole.length / 2 - 1 }),
      fc.integer({ min: 0, max: 255 }),
      fc.nat(whole.length / 2),
    )
    .map(([at, byte, cut]) => {
      const bytes = Buffer.from(whole, 'hex')
      bytes[at] = byte
      return bytes.subarray(0, cut).toString('hex')
    })
  const random = fc
    .uint8Array({ maxLength: 60 })
    .map(bytes => `0201061116d2fc${Buffer.from(bytes).toString('hex')}`)
  fc.assert(
    fc.property(fc.oneof(mangled, random), data => {
      const bench = createBench()
      bench.data(data, { address: ADDRESS })
      if (data !== whole) expect(bench.incidents()).toHaveLength(0)
    }),
    { numRuns: 2_000 },
  )
})
