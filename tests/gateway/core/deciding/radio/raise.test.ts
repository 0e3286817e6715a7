// From a report to an incident: what raises one, what joins one, and what is refused.
import { describe, expect, it } from 'vitest'
import { KIND_BUTTON, KIND_CORD, KIND_DURESS } from '../../../../../schemas/frame.ts'
import { KEY, PLAIN_ADDRESS, plainFrame, sealedFrame } from '../../building.ts'
import { createBench } from '../../engine.ts'
import { spoken } from '../../spoken.ts'

const cord = (counter: number, alarmNumber = 1) => ({ counter, kind: KIND_CORD, alarmNumber })

describe('a pulled cord', () => {
  it('after a start by a clock that was wrong calls people, for nobody knows how long ago somebody had it', () => {
    const before = createBench()
    before.report(cord(10))
    before.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    before.nowMs += 1_000
    const bench = before.restart()
    // The clock had stopped with the power: the time service puts it ahead a moment after the start.
    bench.nowMs += 1_000
    bench.hear({ kind: 'clock', offsetMs: 3 * 3_600_000 })
    bench.nowMs += 1_000
    expect(bench.report(cord(20, 2)).pages).toHaveLength(1)
    expect(bench.incident()).toMatchObject({ state: 'raised', acknowledged: null })
    const right = before.restart()
    right.nowMs += 1_000
    expect(right.report(cord(20, 2)).pages).toEqual([])
  })

  it('raises an incident and pages 5150 in the same decision', () => {
    const bench = createBench()
    const { changes, pages, told } = bench.report(cord(10))
    expect(changes.map(change => change.is)).toEqual(['raised', 'told', 'page-due'])
    expect(pages).toMatchObject([{ target: '5150', page: 'i-0001-p1' }])
    expect(spoken(pages[0])).toEqual([
      'Personal alarm.',
      'Jane Smith.',
      'Northgate House, room 2 1 4,',
      'or room 1.',
      'Press 1 if you have it, 2 if you are on your way.',
    ])
    expect(told).toHaveLength(1)
    expect(bench.incident()).toMatchObject({
      state: 'raised',
      kind: 'cord',
      wearer: 'jane',
      isVerified: true,
    })
  })

  it('is one incident however many receivers hear it and however often it is repeated', () => {
    const bench = createBench()
    bench.report(cord(10))
    bench.report(cord(10), { receiver: 'r-hall', rssiDbm: -80 })
    bench.report(cord(11))
    bench.report(cord(11), { receiver: 'r-hall' })
    expect(bench.incidents()).toHaveLength(1)
    expect(bench.incident().presses).toBe(1)
  })

  it('pulled again while the incident is open is a new line in it and pages again at once', () => {
    const bench = createBench()
    bench.report(cord(10))
    bench.page('i-0001-p1', { step: 'sent' })
    bench.page('i-0001-p1', { step: 'ended', outcome: 'busy', detail: '486' })
    bench.nowMs += 500
    const { changes } = bench.report({ counter: 20, kind: KIND_BUTTON, alarmNumber: 2 })
    expect(changes.map(change => change.is)).toEqual(['pressed-again', 'told', 'page-due'])
    expect(bench.incident().presses).toBe(2)
  })

  it('under duress is told as that, also where the pendant gave both alarms one number', () => {
    const bench = createBench()
    bench.report(cord(10))
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    const duress = { counter: 20, kind: KIND_DURESS, alarmNumber: 1 }
    expect(bench.report(duress).changes.map(({ is }) => is)).toEqual(
      expect.arrayContaining(['pressed-again', 'worsened', 'page-due']),
    )
    expect(bench.incident()).toMatchObject({ kind: 'duress', state: 'raised', presses: 2 })
    for (const counter of [21, 22]) expect(bench.report({ ...duress, counter }).changes).toEqual([])
    expect(bench.report(cord(23)).changes).toEqual([])
    expect(bench.restart().incident()).toMatchObject({ kind: 'duress', presses: 2 })
  })

  it.each([['acknowledge'], ['attend']] as const)(
    'pulled anew half an hour after somebody said %s and left it so, calls people again',
    kind => {
      const bench = createBench()
      bench.report(cord(10))
      bench.hear({ kind, incident: 'i-0001', by: 'Ann' })
      bench.nowMs += 20 * 60_000
      expect(bench.report(cord(20, 2)).pages).toEqual([])
      expect(bench.incident()).toMatchObject({ presses: 2, acknowledged: { by: 'Ann' } })
      bench.nowMs += 11 * 60_000
      const { pages } = bench.report(cord(30, 3))
      expect(pages).toMatchObject([{ incident: 'i-0001' }])
      expect(bench.incident()).toMatchObject({ state: 'raised', presses: 3, acknowledged: null })
      // What goes on is the same pull.
      bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Bob' })
      bench.nowMs += 31 * 60_000
      bench.report(cord(40, 3))
      expect(bench.incident()).toMatchObject({ state: 'acknowledged', presses: 3 })
    },
  )

  it('that goes on after a person resolved it raises nothing more', () => {
    const bench = createBench()
    bench.report(cord(10))
    bench.hear({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'false-alarm', reason: 'slipped' })
    bench.report(cord(30))
    expect(bench.incidents()).toHaveLength(1)
    bench.report(cord(40, 2))
    expect(bench.incidents()).toHaveLength(2)
  })

  it('raises an incident though no receiver of the site knows its room', () => {
    const bench = createBench()
    const { pages } = bench.report(cord(10), { receiver: 'r-unknown' })
    expect(bench.incident().whereabouts.room).toBeNull()
    expect(spoken(pages[0])).toContain('Room not known.')
  })

  it('that one receiver heard while it was cut off is raised when it is back, though newer frames came meanwhile', () => {
    const bench = createBench()
    bench.report({ counter: 9 })
    bench.nowMs += 60_000
    bench.report({ counter: 40 })
    bench.nowMs += 60_000
    bench.report(cord(12), { ageMs: 90_000 })
    expect(bench.incident()).toMatchObject({ kind: 'cord' })
  })

  it('that MQTT delivers again after a restart is the same incident', () => {
    const bench = createBench()
    bench.report(cord(10))
    const after = bench.restart()
    after.report(cord(10), { wasRedelivered: true })
    after.report(cord(11))
    expect(after.incidents()).toHaveLength(1)
  })
})

describe('an idle frame', () => {
  it('changes nothing that reaches the disk', () => {
    const bench = createBench({ counters: new Map([['p-07', 5]]) })
    for (let counter = 6; counter < 500; counter++) {
      const { changes, counters } = bench.report({ counter })
      expect([changes, counters]).toEqual([[], []])
    }
  })

  it('moves the kept counter once in a block', () => {
    const bench = createBench({ counters: new Map([['p-07', 5]]) })
    expect(bench.report({ counter: 5 + 512 }).counters).toEqual([['p-07', 517]])
  })
})

describe('refused, counted and never an incident:', () => {
  it('a frame played again', () => {
    const bench = createBench()
    bench.report({ counter: 10 })
    bench.report({ counter: 20 })
    bench.nowMs += 5_000
    const { counted, changes } = bench.report({ counter: 11 })
    expect(counted).toEqual(['replayed'])
    expect(changes).toMatchObject([{ is: 'security', reason: 'replayed', pendant: 'p-07' }])
    expect(bench.incidents()).toHaveLength(0)
  })

  it('a frame played again after a restart', () => {
    const bench = createBench()
    bench.report(cord(10))
    bench.hear({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'test', reason: 'a test' })
    const after = bench.restart()
    expect(after.report({ counter: 9 }).counted).toEqual(['replayed'])
  })

  it('a frame sealed with another key', () => {
    const bench = createBench()
    const decision = bench.report({ ...cord(10), key: KEY.replace('2', '3') })
    expect(decision.counted).toEqual(['wrong-key'])
    expect(decision.changes).toMatchObject([{ is: 'security', reason: 'wrong-key' }])
    expect(bench.incidents()).toHaveLength(0)
  })

  it('plaintext from a pendant that has a key', () => {
    const bench = createBench()
    const decision = bench.data(plainFrame(cord(10)))
    expect(decision.counted).toEqual(['downgrade'])
    expect(decision.changes).toMatchObject([{ is: 'security', reason: 'downgrade' }])
    expect(bench.incidents()).toHaveLength(0)
  })

  it('a pendant that nobody enrolled', () => {
    const bench = createBench()
    const decision = bench.report({ ...cord(10), address: 'c7:00:00:00:00:01' })
    expect(decision).toMatchObject({ counted: ['unknown-pendant'], changes: [] })
  })

  it('a frame cut short', () => {
    const bench = createBench()
    expect(bench.data(sealedFrame(cord(10)).slice(0, -4)).counted).toEqual(['malformed'])
    expect(bench.data('020106061 6d2fc45'.replace(' ', '')).counted).toEqual(['malformed'])
  })

  it('a kind of alarm that this version does not know, loudly', () => {
    const bench = createBench()
    const decision = bench.report({ counter: 10, kind: 14, alarmNumber: 1 })
    expect(decision.counted).toEqual(['unknown-kind'])
    expect(decision.changes).toMatchObject([{ is: 'technical-raised', key: 'frame:p-07' }])
  })

  it('each security matter is written down once a minute, and counted every time', () => {
    const bench = createBench()
    const rows = () => bench.entries.filter(entry => entry.change.is === 'security').length
    for (let i = 0; i < 50; i++) expect(bench.data(plainFrame(cord(10 + i))).counted).toEqual(['downgrade'])
    expect(rows()).toBe(1)
    bench.nowMs += 60_001
    bench.data(plainFrame(cord(99)))
    expect(rows()).toBe(2)
  })
})

it('somebody else’s telephone is no news at all', () => {
  const decision = createBench().data(
    '1aff4c000215e5ca1adef007ba110000000000000000006400 07c5'.replace(' ', ''),
  )
  expect(decision).toMatchObject({ counted: [], changes: [], observations: [] })
})

it('a pendant without a key raises an incident that says it is unverified', () => {
  const bench = createBench()
  const { pages } = bench.data(plainFrame(cord(10)), { address: PLAIN_ADDRESS })
  expect(bench.incident()).toMatchObject({ isVerified: false, wearer: 'omar' })
  expect(spoken(pages[0])[1]).toBe('Unverified.')
})
