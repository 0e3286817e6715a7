// A sealed alarm is called, whatever its counter: marked where it may not come from the pendant that it names. A recorded one
// is called once, and nothing that is played again silences the pendant.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KIND_ASSIST, KIND_CANCEL, KIND_CORD, KIND_DURESS } from '../../../../../schemas/frame.ts'
import { BUTTON_ADDRESS, buttonBench, sealedButton } from '../../buttons.ts'
import { type Bench, createBench } from '../../engine.ts'
import { spoken } from '../../spoken.ts'

const FAR = 2 ** 32 - 1
const MINUTE_MS = 60_000
const cord = (counter: number, alarmNumber = 1) => ({ counter, kind: KIND_CORD, alarmNumber })
const resolveAll = (bench: Bench) => {
  for (const { id, state } of bench.incidents())
    if (state !== 'resolved')
      bench.hear({ kind: 'resolve', incident: id, by: 'Ann', outcome: 'false-alarm', reason: 'nobody there' })
}
const acknowledge = (bench: Bench, incident: string) =>
  bench.hear({ kind: 'acknowledge', incident, by: 'Ann' })
/** Idle frames each two seconds. */
function idle(bench: Bench, from: number, count: number): void {
  for (let i = 0; i < count; i++) {
    bench.report({ counter: from + i })
    bench.nowMs += 2_000
  }
}
const SUSPECT = 'Suspect, check.'

describe('after one frame under the highest counter there is', () => {
  it.each([
    ['an idle one', { counter: FAR }],
    ['an alarm', cord(FAR, 9)],
  ])('(%s) the pendant is heard as before, and its alarm is called without suspicion', (_, forged) => {
    const bench = createBench()
    idle(bench, 100, 5)
    bench.report(forged)
    resolveAll(bench)
    bench.nowMs += MINUTE_MS
    expect(bench.report({ counter: 130 }).counted).toEqual([])
    const { pages } = bench.report(cord(131))
    expect(pages).toHaveLength(1)
    expect(spoken(pages[0])).not.toContain(SUSPECT)
    expect(bench.incidents().at(-1)).toMatchObject({ counter: 131, suspect: null })
  })

  it('that alarm itself is called, as suspect', () => {
    const bench = createBench()
    idle(bench, 100, 5)
    expect(spoken(bench.report(cord(FAR, 9)).pages[0])).toContain(SUSPECT)
    expect(bench.incident()).toMatchObject({ suspect: 'counter-jump' })
    expect(bench.incident().lines[0]?.text).toContain('Suspect, check')
    bench.report(cord(FAR, 9), { receiver: 'r-hall' })
    expect(bench.incident().presses).toBe(1)
  })

  it('that was the first ever heard, every alarm of the pendant is called, each once, as suspect', () => {
    const bench = createBench()
    bench.report({ counter: FAR })
    for (const alarmNumber of [1, 2, 3]) {
      bench.nowMs += MINUTE_MS
      expect(bench.report({ counter: 50 * alarmNumber }).counted).toEqual(['replayed'])
      expect(spoken(bench.report(cord(50 * alarmNumber + 1, alarmNumber)).pages[0])).toContain(SUSPECT)
      bench.report(cord(50 * alarmNumber + 2, alarmNumber), { receiver: 'r-hall' })
      resolveAll(bench)
      expect(bench.report(cord(50 * alarmNumber + 3, alarmNumber)).pages).toEqual([])
    }
    expect(bench.incidents().map(({ suspect, presses }) => [suspect, presses])).toEqual(
      Array(3).fill(['counter-behind', 1]),
    )
  })

  it('and a restart, an alarm under the old counters is called', () => {
    const before = createBench()
    before.report(cord(FAR, 9))
    resolveAll(before)
    const bench = before.restart()
    bench.nowMs += MINUTE_MS
    expect(bench.report(cord(40)).pages).toHaveLength(1)
  })
})

it('a pendant that was away for months is believed where it goes on from there, and is not named a copy', () => {
  const bench = createBench()
  idle(bench, 100, 5)
  bench.nowMs += 200 * 24 * 60 * MINUTE_MS
  idle(bench, 9_000_000, 8)
  expect(bench.state.tracks.get('p-07')?.counter).toBe(9_000_007)
  expect(spoken(bench.report(cord(9_000_009)).pages[0])).not.toContain(SUSPECT)
  expect([...bench.state.technical.keys()]).toEqual([])
})

describe('a recorded alarm that nobody heard then', () => {
  const recorded = [11, 12, 13].map(counter => cord(counter, 3))
  const withRecording = () => {
    const bench = createBench()
    idle(bench, 500, 5)
    bench.nowMs += MINUTE_MS
    return bench
  }

  it('is called once, however often and in whatever order it is played, across restarts too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, 2, 'wait', 'resolve', 'restart'), { maxLength: 40 }),
        moves => {
          let bench = withRecording()
          let pages = 0
          for (const move of [0, ...moves]) {
            if (move === 'wait') bench.nowMs += 10 * MINUTE_MS
            else if (move === 'resolve') resolveAll(bench)
            else if (move === 'restart') bench = bench.restart()
            else pages += bench.report(recorded[move as number] ?? cord(11, 3)).pages.length
          }
          expect(bench.incidents()).toHaveLength(1)
          expect(bench.incident()).toMatchObject({ presses: 1, suspect: 'counter-behind' })
          expect(pages).toBe(1)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('hides no alarm of the pendant: that is called anew, though somebody has the other', () => {
    const bench = withRecording()
    bench.report(recorded[0] ?? cord(11))
    acknowledge(bench, 'i-0001')
    expect(bench.incident().state).toBe('acknowledged')
    bench.nowMs += MINUTE_MS
    const { pages } = bench.report(cord(600, 4))
    expect(pages).toHaveLength(1)
    expect(spoken(pages[0])).not.toContain(SUSPECT)
    expect(bench.incident()).toMatchObject({ state: 'raised', suspect: null, presses: 2 })
    for (let i = 0; i < 20; i++) {
      bench.nowMs += 1_000
      bench.report(recorded[i % 3] ?? cord(11))
      bench.report(cord(601 + i, 4))
    }
    expect(bench.incident().presses).toBe(2)
  })

  it('played into an open alarm neither takes its wearer’s beacon nor is more than one line', () => {
    const bench = withRecording()
    bench.report(cord(600, 4))
    acknowledge(bench, 'i-0001')
    bench.nowMs += MINUTE_MS
    bench.report(recorded[0] ?? cord(11))
    expect(bench.incident()).toMatchObject({ alarmNumber: 4, counter: 600, presses: 2, suspect: null })
    for (let i = 0; i < 20; i++) {
      bench.nowMs += 1_000
      bench.report(cord(601 + i, 4))
      bench.report(recorded[i % 3] ?? cord(11))
    }
    expect(bench.incident()).toMatchObject({ alarmNumber: 4, presses: 2 })
  })
})

it('an alarm that was called already is refused when it is played again, and nothing but an alarm is believed behind', () => {
  const bench = createBench()
  bench.report(cord(100))
  resolveAll(bench)
  idle(bench, 200, 3)
  bench.nowMs += MINUTE_MS
  for (const frame of [
    cord(100),
    cord(101),
    { counter: 90 },
    { counter: 90, kind: KIND_CANCEL, alarmNumber: 1 },
  ])
    expect(bench.report(frame).counted).toEqual(['replayed'])
  expect(bench.incidents()).toHaveLength(1)
})

it('a graver alarm under a strange counter makes the open one worse', () => {
  const bench = createBench()
  bench.report({ counter: 1_000 })
  bench.nowMs += MINUTE_MS
  bench.report({ counter: 10, kind: KIND_ASSIST, alarmNumber: 1 })
  acknowledge(bench, 'i-0001')
  bench.report({ counter: 20, kind: KIND_DURESS, alarmNumber: 2 })
  expect(bench.incident()).toMatchObject({ kind: 'duress', state: 'raised' })
})

describe('a copy beside the pendant', () => {
  const both = (ours: number, theirs: number) => {
    const bench = createBench()
    idle(bench, ours, 3)
    for (let i = 0; i < 6; i++) {
      bench.nowMs += 1_000
      bench.report({ counter: theirs + i })
      bench.nowMs += 1_000
      bench.report({ counter: ours + 10 + i })
    }
    return bench
  }

  it.each([
    ['far ahead', 100, FAR - 100],
    ['ahead', 100, 50_000],
    ['behind', 50_000, 100],
  ])('%s of it is named at the desk, once, with what to do', (_, ours, theirs) => {
    const bench = both(ours, theirs)
    const text = bench.state.technical.get('clone:p-07')?.text
    expect(text).toContain('Two senders use the identity of pendant p-07 (Jane Smith)')
    expect(bench.state.security.filter(({ reason }) => reason === 'two-senders')).toHaveLength(1)
    for (const counter of [ours + 30, theirs + 30]) {
      expect(spoken(bench.report(cord(counter, counter % 200)).pages[0])).toContain(SUSPECT)
      resolveAll(bench)
    }
  })

  it('is no longer told of an hour after it was heard last, and is after a restart', () => {
    const bench = both(100, 50_000)
    const after = bench.restart()
    after.hear({ kind: 'start' })
    expect(after.state.technical.has('clone:p-07')).toBe(true)
    after.wait(61 * MINUTE_MS)
    expect(after.state.technical.has('clone:p-07')).toBe(false)
  })

  it('is not taken for one: a receiver that was cut off, one whose ages are wrong, an alarm played again', () => {
    const bench = createBench()
    for (let i = 0; i < 60; i++) {
      bench.nowMs += 2_000
      bench.report({ counter: 100 + i })
      if (i > 10) bench.report({ counter: 90 + i }, { receiver: 'r-hall', ageMs: i % 2 === 0 ? 20_000 : 0 })
      if (i % 20 === 0) bench.report(cord(50, 1))
    }
    expect(bench.state.technical.has('clone:p-07')).toBe(false)
  })
})

describe('two that share a key and number their alarms alike', () => {
  const inTurn = (theirs: number, ours: number, between: number) => {
    const bench = createBench()
    idle(bench, Math.min(ours, 880), 5)
    bench.report(cord(theirs))
    resolveAll(bench)
    idle(bench, ours, between)
    return bench
  }

  it.each([
    ['behind the other', 1_000, 901, 30],
    ['behind the other, and among its counters at last', 1_000, 901, 120],
    ['ahead of the other', 600, 901, 30],
    ['far behind the other', FAR - 10, 901, 30],
  ])('are both called: the pendant %s, with one number and one packet id', (_, theirs, ours, between) => {
    for (const isRestarted of [false, true]) {
      const before = inTurn(theirs, ours, isRestarted ? 3 : between)
      const bench = isRestarted ? before.restart() : before
      if (isRestarted) idle(bench, ours + 3, between - 3)
      expect(bench.report(cord(ours + between)).pages).toHaveLength(1)
      bench.report(cord(ours + between + 1), { receiver: 'r-hall' })
      expect(bench.incidents()).toHaveLength(2)
      expect(bench.incidents().at(-1)).toMatchObject({ state: 'raised', presses: 1 })
    }
  })

  it('and what was recorded of them, from before the alarm, in it and after it, raises nothing when it is played', () => {
    const bench = createBench()
    idle(bench, 500, 5)
    for (let i = 0; i < 10; i++) bench.report(cord(600 + i))
    resolveAll(bench)
    idle(bench, 700, 5)
    bench.nowMs += MINUTE_MS
    for (const frame of [
      { counter: 480 },
      { counter: 501 },
      cord(600),
      cord(605),
      cord(611),
      { counter: 650 },
      cord(609),
      { counter: 702 },
      cord(602),
    ])
      expect(bench.report(frame).pages).toEqual([])
    expect(bench.incidents()).toHaveLength(1)
  })
})

it('a button of others whose counter began anew is heard, once for each press, as suspect', () => {
  const bench = buttonBench()
  const press = (counter: number, packetId: number) =>
    bench.data(sealedButton(counter, { packetId }), { address: BUTTON_ADDRESS })
  press(700, 3)
  resolveAll(bench)
  bench.nowMs += MINUTE_MS
  expect(spoken(press(1, 4).pages[0])).toContain(SUSPECT)
  resolveAll(bench)
  bench.nowMs += MINUTE_MS
  expect(press(1, 4).counted).toEqual(['replayed'])
  expect(press(700, 3).pages).toEqual([])
})

describe('an alarm that only a receiver heard that was cut off', () => {
  it('is told to be late from 15 s on: whoever reads it counts from when it was told', () => {
    const heard = (ageMs: number) => {
      const bench = createBench()
      bench.report(cord(10, 1), { ageMs })
      return bench.incident().lines[0]?.text
    }
    expect(heard(14_000)).not.toContain('Heard')
    expect(heard(27_000)).toContain('. Heard 27 s ago, told only now')
  })

  it.each([
    ['before the pendant’s next frame', [] as number[]],
    ['after it', [700, 701]],
  ])('is called when it comes after a restart of the gateway, %s, and is told to be late', (_, since) => {
    const before = createBench({ counters: new Map([['p-07', 612]]) })
    before.report({ counter: 613 })
    before.nowMs += 10 * MINUTE_MS
    const bench = before.restart()
    bench.nowMs += MINUTE_MS
    for (const counter of since) bench.report({ counter })
    const { pages } = bench.report(cord(590, 2), { ageMs: 70 * MINUTE_MS })
    expect(pages).toHaveLength(1)
    expect(bench.incident().suspect).toBeNull()
    expect(bench.incident().lines[0]?.text).toContain('Heard 70 min ago')
    bench.report(cord(591, 2), { ageMs: 70 * MINUTE_MS, receiver: 'r-hall' })
    expect(bench.incident().presses).toBe(1)
  })

  it('is called where the receiver does not say when it heard it, and where MQTT delivers it again', () => {
    for (const by of [{ ageMs: null }, { wasRedelivered: true }]) {
      const bench = createBench()
      bench.report({ counter: 900 })
      bench.nowMs += MINUTE_MS
      expect(bench.report(cord(300), by).pages).toHaveLength(1)
      expect(bench.report(cord(301), by).pages).toEqual([])
    }
  })

  it('is called though a later alarm of the pendant was called and resolved meanwhile', () => {
    const bench = createBench()
    bench.report({ counter: 100, alarmNumber: 1 })
    bench.nowMs += 30 * MINUTE_MS
    bench.report(cord(300, 3))
    resolveAll(bench)
    bench.nowMs += MINUTE_MS
    expect(bench.report(cord(200, 2), { ageMs: 20 * MINUTE_MS }).pages).toHaveLength(1)
    resolveAll(bench)
    for (const late of [cord(201, 2), cord(301, 3)])
      expect(bench.report(late, { ageMs: 20 * MINUTE_MS }).pages).toEqual([])
  })

  it('counts with no level: the alarm is called and the room is not known', () => {
    const bench = createBench()
    expect(bench.report(cord(10), { rssiDbm: null }).pages).toHaveLength(1)
    expect(bench.incident().whereabouts).toMatchObject({ room: null, because: [] })
    bench.nowMs += 1_000
    bench.report(cord(11), { receiver: 'r-hall' })
    expect(bench.incident().whereabouts.room).toBe('hall')
  })
})
