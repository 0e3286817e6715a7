// What a pendant says besides an alarm: a cancel, a duress that looks like one, an assistance, an okay, a test.
import { describe, expect, it } from 'vitest'
import { readBeacon } from '../../../../../firmware/air/beacon.ts'
import { benchOf } from '../../../../../firmware/air/seal.ts'
import { incidentView, snapshotView } from '../../../../../gateway/core/view/desk-view.ts'
import { allPhrases } from '../../../../../gateway/pagers/sip/words/ahead.ts'
import { Kind } from '../../../../../schemas/api/desk.ts'
import {
  KIND_ASSIST,
  KIND_CANCEL,
  KIND_CORD,
  KIND_DURESS,
  KIND_IDLE,
  KIND_OKAY,
  KIND_TEST,
  TOLD_STORED,
  TOLD_TEST_PASSED,
} from '../../../../../schemas/frame.ts'
import { addressOf, aes, bytes } from '../../../../firmware/air/aes.ts'
import { ADDRESS, KEY, PLAIN_ADDRESS, plainFrame, plan } from '../../building.ts'
import { type Bench, createBench } from '../../engine.ts'
import { sentence, spoken } from '../../spoken.ts'

const raisedBench = (kind = KIND_CORD): Bench => {
  const bench = createBench()
  bench.report({ counter: 10, kind, alarmNumber: 1 })
  return bench
}
const kindsOf = (bench: Bench): string[] => bench.entries.map(({ change }) => change.is)
const lines = (bench: Bench): string[] => bench.incident().lines.map(({ text }) => text)
const acknowledge = (bench: Bench) => bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })

describe('a cancel', () => {
  it('is a line in the open incident, once; it stays open and paging goes on', () => {
    const bench = raisedBench()
    const { heard, changes } = bench.report({ counter: 11, kind: KIND_CANCEL, alarmNumber: 1, packetId: 9 })
    expect([heard, changes]).toEqual([
      ['cancel'],
      [{ is: 'wearer-cancelled', incident: 'i-0001', alarmNumber: 1 }],
    ])
    for (let counter = 12; counter < 20; counter++)
      for (const receiver of ['r-hall', 'r-interview'])
        expect(
          bench.report({ counter, kind: KIND_CANCEL, alarmNumber: 1, packetId: 9 }, { receiver }),
        ).toMatchObject({ heard: [] })
    expect(kindsOf(bench).filter(is => is === 'wearer-cancelled')).toHaveLength(1)
    expect(lines(bench).at(-1)).toBe(
      'The wearer cancelled it on the pendant: speak to them before you resolve it',
    )
    bench.page('i-0001-p1', { step: 'ended', outcome: 'busy', detail: '486' })
    bench.wait(3_000)
    expect(bench.incident().state).toBe('raised')
    expect(bench.incident().pages).toHaveLength(2)
  })

  it('of another alarm than the open one, or of none, is only counted', () => {
    const bench = raisedBench()
    expect(bench.report({ counter: 11, kind: KIND_CANCEL, alarmNumber: 7 })).toMatchObject({
      heard: ['cancel'],
      changes: [],
    })
    const idle = createBench()
    expect(idle.report({ counter: 11, kind: KIND_CANCEL, alarmNumber: 1 })).toMatchObject({
      heard: ['cancel'],
      changes: [],
    })
    expect(idle.incidents()).toEqual([])
  })

  it('is remembered over a restart', () => {
    const bench = raisedBench()
    bench.report({ counter: 11, kind: KIND_CANCEL, alarmNumber: 1, packetId: 9 })
    const after = bench.restart()
    expect(after.report({ counter: 12, kind: KIND_CANCEL, alarmNumber: 1, packetId: 9 }).changes).toEqual([])
  })
})

describe('on the desk', () => {
  const view = (bench: Bench) => incidentView(plan(), bench.incident(), bench.nowMs)

  it('a cancel stands with its instant, over a restart too, until the wearer begins another alarm', () => {
    const bench = raisedBench()
    expect(view(bench).wearerCancelledAtMs).toBeUndefined()
    bench.report({ counter: 11, kind: KIND_CANCEL, alarmNumber: 1, packetId: 9 })
    const atMs = bench.incident().lines.at(-1)?.atMs
    expect(view(bench).wearerCancelledAtMs).toBe(atMs)
    expect(view(bench.restart()).wearerCancelledAtMs).toBe(atMs)
    bench.report({ counter: 20, kind: KIND_DURESS, alarmNumber: 2 })
    expect(view(bench)).toMatchObject({ kind: 'duress' })
    expect(view(bench).wearerCancelledAtMs).toBeUndefined()
  })

  it('an alarm that its pendant gave up is not told any more, over a restart too, until the wearer begins another', () => {
    const bench = raisedBench()
    for (const receiver of ['r-hall', 'r-interview'])
      bench.report({ counter: 5_000, kind: KIND_IDLE, alarmNumber: 1 }, { receiver })
    expect(kindsOf(bench).filter(is => is === 'pendant-idle')).toHaveLength(1)
    expect(view(bench).wearerTold).toBe('ended')
    expect(view(bench.restart()).wearerTold).toBe('ended')
    bench.report({ counter: 5_001, kind: KIND_CORD, alarmNumber: 2 })
    expect(view(bench).wearerTold).toBe('stored')
  })

  it.each([
    ['an idle frame from before the alarm, heard late', { counter: 9, kind: KIND_IDLE, alarmNumber: 0 }],
    ['another beside it', { counter: 5_000, kind: KIND_IDLE, alarmNumber: 7 }],
  ])('%s does not say that it was given up', (_, frame) => {
    const bench = raisedBench()
    bench.report(frame, { ageMs: 1000 })
    expect(view(bench).wearerTold).toBe('stored')
  })

  it('an alarm that the wearer cancelled is not said to be given up', () => {
    const bench = raisedBench()
    bench.report({ counter: 11, kind: KIND_CANCEL, alarmNumber: 1, packetId: 9 })
    bench.report({ counter: 90, kind: KIND_IDLE, alarmNumber: 1 })
    expect(kindsOf(bench)).not.toContain('pendant-idle')
  })

  it('it stands what the wearer is being told', () => {
    const bench = raisedBench()
    expect(view(bench).wearerTold).toBe('stored')
    acknowledge(bench)
    bench.hear({ kind: 'attend', incident: 'i-0001', by: 'Ann' })
    expect(view(bench).wearerTold).toBe('coming')
  })
})

describe('a duress', () => {
  const duress = { counter: 20, kind: KIND_DURESS, alarmNumber: 2 }

  it('with nothing open raises an incident that says so on the desk and on the telephone', () => {
    const bench = createBench()
    const { pages } = bench.report(duress)
    expect(bench.incident()).toMatchObject({ kind: 'duress', state: 'raised' })
    expect(spoken(pages[0])[0]).toBe('Personal alarm, duress.')
    expect(lines(bench)[0]).toBe(
      'Jane Smith: duress, Northgate House, room 214. DURESS: the wearer’s company believes it is cancelled',
    )
  })

  it('in an incident that somebody has pages again at once, from the first step, and nobody has it any more', () => {
    const bench = raisedBench()
    bench.page('i-0001-p1', { step: 'sent' })
    bench.page('i-0001-p1', { step: 'answered', with: '1' })
    bench.page('i-0001-p1', { step: 'ended', outcome: 'acknowledged', detail: 'BYE' })
    const { changes, pages, told } = bench.report(duress)
    expect(changes.map(({ is }) => is)).toEqual(['pressed-again', 'worsened', 'told', 'page-due'])
    expect(pages).toMatchObject([{ page: 'i-0001-p2', target: '5150' }])
    expect(spoken(pages[0])[0]).toBe('Personal alarm, duress.')
    expect(told).toHaveLength(1)
    expect(bench.incident()).toMatchObject({ state: 'raised', kind: 'duress', acknowledged: null })
    expect(bench.incident().told).toMatchObject({ told: TOLD_STORED })
    expect(bench.incident().pages.at(-1)).toMatchObject({ step: 0, round: 1, attempt: 1 })
    expect(lines(bench)).toContain(
      'DURESS: the wearer’s company believes it is cancelled. People are called again',
    )
  })

  it('in an incident that nobody had takes it from nobody', () => {
    const bench = raisedBench()
    bench.report(duress)
    expect(lines(bench)).toContain('DURESS: the wearer’s company believes it is cancelled')
    const asked = raisedBench(KIND_ASSIST)
    asked.report({ counter: 20, kind: KIND_CORD, alarmNumber: 2 })
    expect(lines(asked)).toContain('Now cord pulled')
  })

  it('takes back a call that is ringing, not one that is answered; whose key does not count as having heard it', () => {
    const ringing = raisedBench()
    ringing.page('i-0001-p1', { step: 'accepted' })
    expect(ringing.report(duress).withdrawn).toEqual(['i-0001-p1'])
    const answered = raisedBench()
    answered.page('i-0001-p1', { step: 'reached' })
    const { withdrawn, pages } = answered.report(duress)
    expect([withdrawn, pages.map(({ page }) => page)]).toEqual([[], ['i-0001-p2']])
    answered.page('i-0001-p1', { step: 'answered', with: '1' })
    expect(answered.incident().state).toBe('raised')
    answered.page('i-0001-p2', { step: 'answered', with: '1' })
    expect(answered.incident().state).toBe('acknowledged')
  })

  it('once more, of a new number, is a new fact again; the same number is not', () => {
    const bench = createBench()
    bench.report(duress)
    acknowledge(bench)
    expect(bench.report({ ...duress, counter: 21 }).changes).toEqual([])
    bench.report({ ...duress, counter: 22, alarmNumber: 3 })
    expect(bench.incident()).toMatchObject({ state: 'raised', presses: 2 })
  })

  it('and an ordinary pull after it leaves it a duress that somebody has', () => {
    const bench = createBench()
    bench.report(duress)
    acknowledge(bench)
    bench.report({ counter: 30, kind: KIND_CORD, alarmNumber: 3 })
    expect(bench.incident()).toMatchObject({ state: 'acknowledged', kind: 'duress', presses: 2 })
  })
})

describe('an assistance', () => {
  it('is no attack, and says so', () => {
    const bench = raisedBench(KIND_ASSIST)
    expect(bench.incident()).toMatchObject({ kind: 'assist' })
    expect(bench.incident().pages[0]?.said).toMatch(/^Assistance needed\. Jane Smith\./)
  })

  it('that becomes an attack is told anew to whoever had it', () => {
    const bench = raisedBench(KIND_ASSIST)
    acknowledge(bench)
    const { pages } = bench.report({ counter: 20, kind: KIND_CORD, alarmNumber: 2 })
    expect(spoken(pages[0])[0]).toBe('Personal alarm.')
    expect(bench.incident()).toMatchObject({ state: 'raised', kind: 'cord' })
    expect(incidentView(plan(), bench.incident(), bench.nowMs)).toMatchObject({
      kind: 'cord',
      acknowledged: null,
    })
  })
})

it('an okay is counted once, and is no incident and no row', () => {
  const bench = createBench({ counters: new Map([['p-07', 5]]) })
  const heard = [10, 11, 12, 13].map(
    counter => bench.report({ counter, kind: KIND_OKAY, packetId: 77 }).heard,
  )
  expect(heard).toEqual([['okay'], [], [], []])
  expect(bench.report({ counter: 14, kind: KIND_OKAY, packetId: 90 }).heard).toEqual(['okay'])
  expect(bench.entries).toEqual([])
})

describe('a test', () => {
  const test = (counter: number) => ({ counter, kind: KIND_TEST, packetId: 40, alarmNumber: 4, flags: 0x40 })

  it('is a row that nothing changes any more, whoever hears it afterwards', () => {
    const bench = createBench()
    bench.report(test(10))
    const [row] = bench.wait(3_500).changes
    bench.report(test(11), { receiver: 'r-hall' })
    expect(row).toMatchObject({ is: 'tested', receivers: ['r-interview'] })
  })

  it('is a row with who heard it, a live line, and a beacon that says it passed; no incident and no page', () => {
    const bench = createBench()
    bench.report(test(10))
    bench.report(test(10), { receiver: 'r-hall' })
    bench.nowMs += 1_000
    bench.report(test(11), { receiver: 'r-hall' })
    expect(bench.wait(1_000).changes).toEqual([])
    const { changes, told, pages } = bench.wait(1_500)
    expect(changes).toEqual([
      {
        is: 'tested',
        pendant: 'p-07',
        wearer: 'jane',
        packetId: 40,
        alarmNumber: 4,
        counter: 11,
        batteryPercent: 97,
        flags: 0x40,
        receivers: ['r-interview', 'r-hall'],
        beaconCounter: 1,
      },
    ])
    expect([pages, bench.incidents()]).toEqual([[], []])
    expect(told).toMatchObject([{ pendant: 'p-07', forMs: 60_000 }])
    // The pendant's own code reads it.
    const beacon = readBeacon(
      benchOf(aes, bytes(KEY), addressOf(ADDRESS)),
      -1,
      bytes(told[0]?.data.slice(14) ?? ''),
    )
    expect(beacon).toEqual({ counter: 1, told: TOLD_TEST_PASSED, number: 4, frameCounter: 11 })
    expect(snapshotView(bench.state, bench.nowMs).tests).toMatchObject([
      { pendant: 'p-07', wearer: 'Jane Smith', receivers: 2, batteryPercent: 97, isFaulty: false },
    ])
  })

  it('is written down once, also over a restart, and its beacon counter is never used again', () => {
    const bench = createBench()
    bench.report(test(10))
    bench.wait(3_000)
    const after = bench.restart()
    after.report(test(12))
    after.wait(5_000)
    expect(kindsOf(after)).toEqual(['tested'])
    after.report({ ...test(20), packetId: 60 })
    after.wait(3_000)
    const again = after.entries.at(-1)?.change
    expect(again).toMatchObject({ is: 'tested' })
    expect(again?.is === 'tested' && again.beaconCounter).toBeGreaterThan(1)
  })

  it('of a pendant without a key is written down too, and nothing can be told', () => {
    const bench = createBench()
    bench.data(plainFrame({ counter: 1, kind: KIND_TEST }), { address: PLAIN_ADDRESS })
    expect(bench.wait(3_000)).toMatchObject({
      changes: [{ is: 'tested', wearer: 'omar', beaconCounter: null }],
      told: [],
    })
  })
})

describe('a pendant that complains', () => {
  const LOW = 0x02
  const FAULT = 0x04
  const SHORT = 0x10
  const heard = (bench: Bench, counter: number, flags: number) => bench.report({ counter, flags }).changes

  it.each([
    { flags: LOW, text: 'Pendant p-07 (Jane Smith): its battery is low: change it' },
    { flags: SHORT, text: 'Pendant p-07 (Jane Smith): its battery has fewer than 7 days left: change it' },
    {
      flags: FAULT,
      text: 'Pendant p-07 (Jane Smith): it reports a fault (red and blue light): do not rely on it',
    },
  ])('with flags $flags is a technical alarm, raised once', ({ flags, text }) => {
    const bench = createBench()
    expect(heard(bench, 10, flags)).toMatchObject([{ is: 'technical-raised', key: 'pendant:p-07', text }])
    expect(heard(bench, 11, flags)).toEqual([])
  })

  it('about its battery is mended after 25 minutes without complaint, and a wavering one is not told again', () => {
    const bench = createBench()
    heard(bench, 10, LOW)
    for (let counter = 11; counter < 100; counter++) {
      bench.nowMs += 600_000
      expect(heard(bench, counter, counter % 2 === 0 ? LOW : 0x20)).toEqual([])
    }
    // The last of those was well already.
    bench.nowMs += 24 * 60_000
    expect(heard(bench, 100, 0x70)).toEqual([])
    bench.nowMs += 60_000
    expect(heard(bench, 101, 0x70)).toEqual([{ is: 'technical-mended', key: 'pendant:p-07' }])
  })

  it('of a fault is mended after a minute, and a second complaint is said as well', () => {
    const bench = createBench()
    heard(bench, 10, FAULT)
    expect(heard(bench, 11, FAULT | LOW)).toMatchObject([{ is: 'technical-raised', key: 'pendant:p-07' }])
    const other = createBench()
    heard(other, 10, FAULT)
    heard(other, 11, 0)
    other.nowMs += 60_000
    expect(heard(other, 12, 0)).toMatchObject([{ is: 'technical-mended' }])
  })

  it('of a cord that is out is said only where no alarm is on, and mended as soon as it is back', () => {
    const OUT = 0x01
    const bench = createBench()
    bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1, flags: OUT })
    expect(bench.state.technical.has('pendant:p-07')).toBe(false)
    bench.hear({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'test', reason: 'tried' })
    const text =
      'Pendant p-07 (Jane Smith): its cord is out, and no alarm is on: put it back, or it cannot be pulled'
    expect(heard(bench, 11, OUT)).toMatchObject([{ is: 'technical-raised', key: 'pendant:p-07', text }])
    expect(heard(bench, 12, OUT)).toEqual([])
    expect(heard(bench, 13, 0)).toEqual([{ is: 'technical-mended', key: 'pendant:p-07' }])
  })

  it('stands over a restart of the gateway', () => {
    const bench = createBench()
    heard(bench, 10, FAULT)
    const after = bench.restart()
    after.hear({ kind: 'start' })
    expect(after.state.technical.has('pendant:p-07')).toBe(true)
  })
})

it('every phrase of every kind of page is rendered ahead', () => {
  const known = new Set(allPhrases(plan()))
  for (const kind of Kind.options)
    for (const isVerified of [true, false])
      for (const [room, runnerUp, isOutside] of [
        [null, null, false],
        [null, null, true],
        [null, 'hall', true],
        ['hall', null, false],
        ['interview', 'hall', false],
      ] as const) {
        const whereabouts = { room, confidence: 1, runnerUp, isOutside, heardAtMs: null, because: [] }
        for (const phrase of sentence(plan(), { kind, isVerified, wearer: 'jane', whereabouts }).phrases)
          expect(known).toContain(phrase)
      }
})

it('from outside the known rooms the nearest one is named, for whoever goes to look', () => {
  const said = (runnerUp: string | null): string => {
    const whereabouts = { room: null, confidence: 0.9, runnerUp, isOutside: true, heardAtMs: 0, because: [] }
    return sentence(plan(), { kind: 'cord', isVerified: true, wearer: 'jane', whereabouts }).said
  }
  expect(said('interview')).toContain('Outside the known rooms, nearest to Northgate House, room 214.')
  expect(said(null)).toContain('Outside the known rooms. ')
})
