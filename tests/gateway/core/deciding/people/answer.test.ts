// A key is decided in one place, and the call says what was decided: thanks only with an acknowledgement, what grew worse
// before anybody can have it, and that somebody else has it. What the wearer is told follows.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../../../gateway/core/deciding/decision/decision.ts'
import { allPhrases } from '../../../../../gateway/pagers/sip/words/ahead.ts'
import {
  KIND_ASSIST,
  KIND_CORD,
  KIND_DURESS,
  TOLD_ACKNOWLEDGED,
  TOLD_COMING,
  TOLD_RESOLVED,
  TOLD_STORED,
} from '../../../../../schemas/frame.ts'
import { openBeacon } from '../../beacons.ts'
import { plan } from '../../building.ts'
import { type Bench, createBench } from '../../engine.ts'
import { heard, spoken } from '../../spoken.ts'

const FIRST = 'i-0001-p1'
const SENTENCE = ['Personal alarm.', 'Jane Smith.', 'Northgate House, room 2 1 4,', 'or room 1.']
const CLOSING = 'Press 1 if you have it, 2 if you are on your way.'

function inACall(kind = KIND_CORD): Bench {
  const bench = createBench()
  bench.report({ counter: 10, kind, alarmNumber: 1 })
  answer(bench, FIRST)
  return bench
}
function answer(bench: Bench, page: string): void {
  for (const step of ['sent', 'accepted', 'reached'] as const) bench.page(page, { step })
}
const press = (bench: Bench, page: string, key: string): Decision =>
  bench.page(page, { step: 'answered', with: key })
const duress = (bench: Bench, alarmNumber = 2): Decision =>
  bench.report({ counter: 20 + alarmNumber, kind: KIND_DURESS, alarmNumber })
const toldBy = ({ told }: Decision): number[] => told.map(({ data }) => openBeacon(data).told)
const rowsOf = ({ changes }: Decision): string[] => changes.map(change => change.is)
const replyOf = ({ replies }: Decision) => {
  const [only, ...others] = replies
  if (only === undefined || others.length > 0) throw new Error(`expected one reply, came ${replies.length}`)
  return heard(only)
}

describe('a key in a call', () => {
  it('1 has it: the page ends as acknowledged in the same decision, the call is thanked, the wearer told that somebody has it', () => {
    const bench = inACall()
    const decision = press(bench, FIRST, '1')
    expect(rowsOf(decision)).toEqual(['page-key', 'acknowledged', 'page-ended', 'told'])
    expect(replyOf(decision)).toEqual({
      page: FIRST,
      is: 'thank',
      words: ['Acknowledged. Thank you.'],
      phrases: [],
      isLast: true,
      news: null,
    })
    expect(toldBy(decision)).toEqual([TOLD_ACKNOWLEDGED])
    expect(bench.incident().pages[0]).toMatchObject({ outcome: 'acknowledged', key: '1' })
    const late = bench.page(FIRST, { step: 'ended', outcome: 'hung-up', detail: 'BYE' })
    expect(rowsOf(late), 'that the call is over is no news').toEqual([])
  })

  it('2 has it and is coming: the wearer is told so, and never before', () => {
    const bench = inACall()
    const decision = press(bench, FIRST, '2')
    expect(rowsOf(decision)).toEqual(['page-key', 'acknowledged', 'attended', 'page-ended', 'told'])
    expect(replyOf(decision)).toMatchObject({ is: 'coming', isLast: true })
    expect(toldBy(decision)).toEqual([TOLD_COMING])
    expect(bench.incident()).toMatchObject({
      state: 'attended',
      attended: { by: '5150 Security desk (key 2)' },
    })
  })

  it('1 and then 2 in the same call is acknowledged, then attended', () => {
    const bench = inACall()
    expect(toldBy(press(bench, FIRST, '1'))).toEqual([TOLD_ACKNOWLEDGED])
    const decision = press(bench, FIRST, '2')
    expect(toldBy(decision)).toEqual([TOLD_COMING])
    expect(replyOf(decision).is).toBe('coming')
    expect(press(bench, FIRST, '9').replies, 'it is over').toEqual([])
  })

  it('1 once more by whoever has it changes nothing and starts no thanks again', () => {
    const bench = inACall()
    press(bench, FIRST, '1')
    const decision = press(bench, FIRST, '1')
    expect([rowsOf(decision), decision.replies, decision.told]).toEqual([['page-key'], [], []])
  })

  it('any other key says which keys there are, and goes on', () => {
    const bench = inACall()
    const decision = press(bench, FIRST, '7')
    expect(replyOf(decision)).toMatchObject({
      is: 'again',
      words: [CLOSING],
      phrases: [...SENTENCE, CLOSING],
      isLast: false,
    })
    expect(bench.incident().state).toBe('raised')
  })
})

describe('given back by whoever had it', () => {
  it('has people called again from the first step, and the wearer told no more than is so, over a restart too', () => {
    const bench = inACall()
    press(bench, FIRST, '2')
    bench.page(FIRST, { step: 'ended', outcome: 'acknowledged', detail: 'key 2' })
    const decision = bench.hear({ kind: 'release', incident: 'i-0001', by: 'Ann' })
    expect(rowsOf(decision)).toEqual(['released', 'told', 'page-due'])
    expect([toldBy(decision), decision.pages.map(({ target }) => target)]).toEqual([[TOLD_STORED], ['5150']])
    expect(bench.incident()).toMatchObject({ state: 'raised', acknowledged: null, attended: null })
    const after = bench.restart()
    expect(after.hear({ kind: 'start' }).pages).toHaveLength(1)
    const taken = after.page('i-0001-p2', { step: 'answered', with: '1' })
    expect(rowsOf(taken)).toContain('acknowledged')
  })

  it('in a call that is still up says so, and its key 1 has it only once that was heard', () => {
    const bench = inACall()
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    const decision = bench.hear({ kind: 'release', incident: 'i-0001', by: 'Ann' })
    expect(replyOf(decision).words).toEqual(['Nobody has it any more.'])
    expect(rowsOf(press(bench, FIRST, '1'))).toEqual(['page-key'])
    bench.page(FIRST, { step: 'said', news: 1 })
    expect(rowsOf(press(bench, FIRST, '1'))).toContain('acknowledged')
  })

  it('is not possible where nobody has it, or all is over', () => {
    const bench = inACall()
    const released = () => bench.hear({ kind: 'release', incident: 'i-0001', by: 'Ann' }).answer.refused
    expect(released()?.came).toBe('i-0001, which is raised')
    bench.hear({ kind: 'resolve', incident: 'i-0001', by: 'Ann', outcome: 'test', reason: 'tried' })
    expect(released()?.came).toBe('i-0001, which is resolved')
  })
})

describe('when somebody else has it', () => {
  it.each([
    ['acknowledge', 'Somebody else has it already.', TOLD_ACKNOWLEDGED],
    ['attend', 'Somebody is on the way already.', TOLD_COMING],
  ] as const)(
    '%s at the desk: who is in the call is told so, and the call ends with it',
    (kind, words, told) => {
      const bench = inACall()
      const decision = bench.hear({ kind, incident: 'i-0001', by: 'Ann' })
      expect(replyOf(decision)).toMatchObject({ page: FIRST, is: 'taken', words: [words], isLast: true })
      expect(decision.withdrawn).toEqual([])
      expect(toldBy(decision)).toEqual([told])
      const key = press(bench, FIRST, '1')
      expect(replyOf(key), 'and a key that comes too late is not thanked').toMatchObject({
        is: 'taken',
        words: [words],
      })
      expect(bench.incident().lines.at(-1)?.text).toBe(
        '5150 Security desk pressed 1, when somebody had it already',
      )
    },
  )

  it('resolved: the call says so, and no key is thanked any more', () => {
    const bench = inACall()
    const decision = bench.hear({
      kind: 'resolve',
      incident: 'i-0001',
      by: 'Ann',
      outcome: 'false-alarm',
      reason: 'asked',
    })
    expect(replyOf(decision)).toMatchObject({ is: 'taken', words: ['It is resolved already.'] })
    expect(toldBy(decision)).toEqual([TOLD_RESOLVED])
    for (const key of ['1', '2']) expect(replyOf(press(bench, FIRST, key)).is).toBe('taken')
    expect(bench.incident().state).toBe('resolved')
  })

  it('acknowledged at the desk, key 2 in the call still says that somebody comes', () => {
    const bench = inACall()
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    const decision = press(bench, FIRST, '2')
    expect([replyOf(decision).is, toldBy(decision)]).toEqual(['coming', [TOLD_COMING]])
  })

  it('a call that only rings is withdrawn without a word, and one answered in that moment too', () => {
    const bench = createBench()
    bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    const decision = bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    expect([decision.withdrawn, decision.replies]).toEqual([[FIRST], []])
    expect(bench.page(FIRST, { step: 'reached' }).withdrawn).toEqual([FIRST])
  })
})

describe('cord, answered, then duress', () => {
  it('the call says that it grew worse; key 1 before it did has nothing, and after it did has it', () => {
    const bench = inACall()
    const worse = duress(bench)
    expect(replyOf(worse)).toEqual({
      page: FIRST,
      is: 'worse',
      words: ['It has grown worse: duress.'],
      phrases: ['Personal alarm, duress.', ...SENTENCE.slice(1), CLOSING],
      isLast: false,
      news: 1,
    })
    const early = press(bench, FIRST, '1')
    expect([rowsOf(early), early.replies], 'it is saying so').toEqual([['page-key'], []])
    expect(bench.incident()).toMatchObject({ state: 'raised', acknowledged: null })
    expect(bench.incident().lines.at(-1)?.text).toContain('not having heard yet that it grew worse')
    bench.page(FIRST, { step: 'said', news: 1 })
    const decision = press(bench, FIRST, '1')
    expect(replyOf(decision).is).toBe('thank')
    expect(bench.incident()).toMatchObject({
      state: 'acknowledged',
      acknowledged: { by: '5150 Security desk (key 1)' },
    })
    expect(decision.withdrawn, 'the call that was placed for it').toEqual(['i-0001-p2'])
  })

  it('what was acknowledged before is nobody’s again, and the wearer is told no more than is so, under the new number', () => {
    const bench = inACall()
    press(bench, FIRST, '1')
    const worse = duress(bench)
    expect(bench.incident().state).toBe('raised')
    expect(worse.told.map(({ data }) => openBeacon(data))).toMatchObject([
      { told: TOLD_STORED, alarmNumber: 2 },
    ])
    expect(toldBy(press(bench, 'i-0001-p2', '2'))).toEqual([TOLD_COMING])
  })

  it('a second duress before the first was heard is owed anew: having heard the first is not enough', () => {
    const bench = inACall()
    duress(bench)
    duress(bench, 3)
    bench.page(FIRST, { step: 'said', news: 1 })
    press(bench, FIRST, '1')
    expect(bench.incident().state).toBe('raised')
    bench.page(FIRST, { step: 'said', news: 2 })
    press(bench, FIRST, '1')
    expect(bench.incident().state).toBe('acknowledged')
  })

  it('a room that changes meanwhile does not push the worse news out', () => {
    const bench = inACall()
    duress(bench)
    const moved = moveTo(bench, 'r-hall')
    const reply = moved.flatMap(({ replies }) => replies.map(heard)).find(({ page }) => page === FIRST)
    expect(reply).toMatchObject({
      is: 'worse',
      words: ['It has grown worse: duress.', 'Now:', 'Northgate House, room 1.'],
    })
  })

  it('a call answered as it was being withdrawn is told all the same before its key counts', () => {
    const bench = createBench()
    bench.report({ counter: 10, kind: KIND_ASSIST, alarmNumber: 1 })
    expect(duress(bench).withdrawn).toEqual([FIRST])
    const reply = replyOf(bench.page(FIRST, { step: 'reached' }))
    expect(reply).toMatchObject({ is: 'worse', words: ['It has grown worse: duress.'], news: 1 })
    press(bench, FIRST, '1')
    expect(bench.incident().state).toBe('raised')
  })

  it('and the journal alone says the same after a restart', () => {
    const bench = inACall()
    duress(bench)
    bench.page(FIRST, { step: 'said', news: 1 })
    expect(bench.restart().incidents()).toEqual(bench.incidents())
  })
})

describe('something new in a call', () => {
  it('pressed again is said before the sentence', () => {
    const bench = inACall()
    const again = bench.report({ counter: 20, kind: KIND_CORD, alarmNumber: 2 })
    expect(replyOf(again)).toMatchObject({ is: 'news', words: ['The alarm was raised again.'], news: 1 })
    expect(
      replyOf(press(bench, FIRST, '1')),
      'and does not stand between a key and its thanks',
    ).toMatchObject({
      is: 'thank',
    })
  })

  it('a room that changes is said at once; key 1 before that has it, and its thanks go with the room', () => {
    const bench = inACall()
    const replies = moveTo(bench, 'r-hall').flatMap(decision => decision.replies.map(heard))
    expect(replies[0]).toMatchObject({
      page: FIRST,
      is: 'news',
      words: ['Now:', 'Northgate House, room 1.'],
      phrases: ['Personal alarm.', 'Jane Smith.', 'Northgate House, room 1.', CLOSING],
    })
    expect(replyOf(press(bench, FIRST, '1')).words).toEqual([
      'Acknowledged. Thank you.',
      'Personal alarm.',
      'Jane Smith.',
      'Northgate House, room 1.',
    ])
  })

  it('a call that only rings begins with it, and after a restart too', () => {
    const bench = createBench()
    bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    const replies = moveTo(bench, 'r-hall').flatMap(decision => decision.replies.map(heard))
    expect(replies.at(-1)).toMatchObject({ page: FIRST, is: 'news', words: [], isLast: false })
    expect(bench.incident().pages[0]?.said).toContain('room 1.')
    const twin = bench.restart()
    answer(twin, FIRST)
    expect(replyOf(press(twin, FIRST, '1')).words, 'heard already').toEqual(['Acknowledged. Thank you.'])
    const after = bench.restart()
    const { pages } = after.hear({ kind: 'start' })
    expect(spoken(pages[0])).toContain('Northgate House, room 1.')
  })

  it('every word of a call is rendered ahead', () => {
    const bench = inACall()
    const decisions = [duress(bench), ...moveTo(bench, 'r-hall'), press(bench, FIRST, '7')]
    bench.page(FIRST, { step: 'said', news: 9 })
    decisions.push(press(bench, FIRST, '1'), press(bench, FIRST, '2'), press(bench, 'i-0001-p2', '1'))
    const known = allPhrases(plan())
    for (const { words, phrases } of decisions.flatMap(({ replies }) => replies.map(heard)))
      expect(known).toEqual(expect.arrayContaining([...words, ...phrases]))
  })
})

type Move = (bench: Bench) => Decision
const pageOf = fc.integer({ min: 1, max: 4 }).map(number => `i-0001-p${number}`)
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.tuple(pageOf, fc.constantFrom('1', '2', '5')).map(
    ([page, key]): Move =>
      bench =>
        press(bench, page, key),
  ),
  fc.tuple(pageOf, fc.constantFrom('sent', 'reached')).map(
    ([page, step]): Move =>
      bench =>
        bench.page(page, { step: step as 'reached' }),
  ),
  fc.tuple(pageOf, fc.integer({ min: 1, max: 4 })).map(
    ([page, news]): Move =>
      bench =>
        bench.page(page, { step: 'said', news }),
  ),
  fc
    .tuple(
      fc.integer({ min: 20, max: 60 }),
      fc.constantFrom(KIND_CORD, KIND_DURESS),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(
      ([counter, kind, alarmNumber]): Move =>
        bench =>
          bench.report({ counter, kind, alarmNumber }),
    ),
  fc.constantFrom('acknowledge', 'attend').map(
    (kind): Move =>
      bench =>
        bench.hear({ kind: kind as 'attend', incident: 'i-0001', by: 'Ann' }),
  ),
  fc.integer({ min: 1, max: 40_000 }).map(
    (ms): Move =>
      bench =>
        bench.wait(ms),
  ),
)

it('whatever happens: no thanks without an acknowledgement in the same decision, no coming before somebody attends', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), moves => {
      const bench = inACall()
      for (const next of moves) {
        const decision = next(bench)
        const rows = rowsOf(decision)
        for (const { is } of decision.replies) {
          if (is === 'thank') expect(rows).toContain('acknowledged')
          if (is === 'coming') expect(rows).toContain('attended')
        }
        const { state } = bench.incident()
        for (const told of toldBy(decision)) {
          if (told === TOLD_ACKNOWLEDGED) expect(state).toBe('acknowledged')
          if (told === TOLD_COMING) expect(state).toBe('attended')
        }
      }
      expect([...bench.restart().state.incidents]).toEqual([...bench.state.incidents])
    }),
    { numRuns: 500 },
  )
})

/** Carried there: heard loud by this receiver and no longer by the other, until the desk has the new room. */
function moveTo(bench: Bench, receiver: string): Decision[] {
  const decisions: Decision[] = []
  const before = bench.incident().whereabouts.room
  for (let i = 0; i < 120 && bench.incident().whereabouts.room === before; i += 1) {
    bench.nowMs += 1_000
    const { alarmNumber } = bench.incident()
    decisions.push(
      bench.report({ counter: 100 + i, kind: KIND_CORD, alarmNumber }, { receiver, rssiDbm: -40 }),
    )
  }
  expect(bench.incident().whereabouts.room).not.toBe(before)
  return decisions
}
