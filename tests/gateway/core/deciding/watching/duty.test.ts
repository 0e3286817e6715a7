// Pendants on duty: whoever is signed in relies on theirs. Late at 60 s, at fault at 100 s (EN 50131-5-3, grade 3), and told
// at signing in. Of pendants that nobody is signed in with nothing is said or written.
import { describe, expect, it } from 'vitest'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { technicalView } from '../../../../../gateway/core/view/health-view.ts'
import { sessionsView } from '../../../../../gateway/core/view/session-view.ts'
import { Site } from '../../../../../schemas/site.ts'
import { ADDRESS, KEY, PLAIN_ADDRESS, plainFrame, sealedFrame, site } from '../../building.ts'
import { type Bench, createBench, heardByAll } from '../../engine.ts'

const MINUTE = 60_000
const STEP_MS = 5_000

const signIn = (bench: Bench, pendant = 'p-07') =>
  bench.hear({ kind: 'sign-in', by: 'Sam', pendant, room: 'interview', forMs: 60 * MINUTE, note: null })
/** All is well but for pendants, and so much time goes by. */
function goOn(bench: Bench, ms: number, each: () => void = () => undefined): void {
  for (let left = ms; left > 0; left -= STEP_MS) {
    heardByAll(bench)
    bench.hear({ kind: 'desk', desk: 'a', by: null, isAudible: true })
    bench.hear({ kind: 'target', channel: 'sip', target: '5150', fault: null })
    each()
    bench.wait(Math.min(STEP_MS, left))
  }
}
const started = (plan = planOf(site())): Bench => {
  const bench = createBench({ plan })
  goOn(bench, STEP_MS)
  return bench
}
const stateOf = (bench: Bench) => sessionsView(bench.state, bench.nowMs)[0]?.pendantState
const said = ({ state }: Bench) => technicalView(state).filter(({ key }) => key.startsWith('pendant'))
const over = ({ state }: Bench) =>
  state.mended.filter(({ key }) => key.startsWith('pendant')).map(({ text }) => text)
const silence = (bench: Bench) => said(bench).filter(({ key }) => key !== 'pendant:p-07')

describe('a pendant that somebody is signed in with', () => {
  it('is late at 60 s of silence and at fault at 100 s, by name and booked room, until it is heard', () => {
    const bench = started()
    bench.report({ counter: 1 })
    signIn(bench)
    expect(stateOf(bench)).toBe('heard')
    goOn(bench, 59_000)
    expect(stateOf(bench)).toBe('heard')
    goOn(bench, 1_000)
    expect([stateOf(bench), silence(bench)]).toEqual(['late', []])
    goOn(bench, 39_000)
    expect([stateOf(bench), silence(bench)]).toEqual(['late', []])
    goOn(bench, 1_000)
    expect(stateOf(bench)).toBe('silent')
    expect(said(bench).map(({ key, text }) => [key, text])).toEqual([
      [
        'pendant-silent:p-07',
        'Pendant p-07 (Jane Smith), signed in for 214 Interview room, has not been heard for 100 s: ask Jane Smith',
      ],
    ])
    bench.report({ counter: 2 })
    bench.wait(250)
    expect([stateOf(bench), silence(bench)]).toEqual(['heard', []])
    expect(over(bench)).toEqual(['Pendant p-07 (Jane Smith) is heard again'])
  })

  it('writes no room down: who is where stands in the session’s own row alone', () => {
    const bench = started()
    signIn(bench)
    goOn(bench, 200_000)
    const rows = bench.entries.filter(({ change }) => change.is === 'technical-raised')
    expect(rows.map(({ change }) => change)).toEqual([
      {
        is: 'technical-raised',
        key: 'pendant-silent:p-07',
        text: 'Pendant p-07 (Jane Smith) has not been heard since the gateway started: ask Jane Smith',
        facts: expect.objectContaining({ of: 'pendant-silent', pendant: 'p-07', isEver: false }),
      },
    ])
    expect(JSON.stringify(rows)).not.toMatch(/214|interview/i)
  })

  it('is over with the session, and another’s silence is said of nobody', () => {
    const bench = started()
    bench.report({ counter: 1 })
    goOn(bench, 10 * MINUTE)
    expect(bench.entries).toEqual([])
    signIn(bench)
    goOn(bench, 100_000)
    expect(silence(bench)).toHaveLength(1)
    bench.hear({ kind: 'sign-out', session: 's-0001', by: 'Sam' })
    bench.wait(250)
    expect(silence(bench)).toEqual([])
    expect(over(bench), 'nobody has heard it again').toEqual([])
  })

  it('is told at once where it was not heard lately, or not at all', () => {
    const bench = started()
    bench.report({ counter: 1 })
    goOn(bench, 70_000)
    signIn(bench)
    expect(stateOf(bench)).toBe('late')
    bench.hear({ kind: 'sign-out', session: 's-0001', by: 'Sam' })
    goOn(bench, 40_000)
    signIn(bench)
    expect(sessionsView(bench.state, bench.nowMs)[0]).toMatchObject({
      pendantState: 'silent',
      pendantWarning: 'This pendant has not been heard for 100 s or longer: do not rely on it before it is',
    })
    bench.wait(250)
    expect(silence(bench), 'and the desk, at once').toHaveLength(1)
    const never = started()
    signIn(never)
    expect(stateOf(never)).toBe('never-heard')
  })

  it('is told at once where its battery is low or it is at fault', () => {
    const bench = started()
    bench.report({ counter: 1, flags: 0x06 })
    signIn(bench)
    expect(sessionsView(bench.state, bench.nowMs)[0]).toMatchObject({
      pendantState: 'heard',
      pendantWarning: expect.stringMatching(/reports a fault.*its battery is low/),
    })
  })
})

describe('no sign of life is', () => {
  it.each<[string, (bench: Bench) => void]>([
    ['one old frame that a radio repeats', bench => bench.report({ counter: 9 })],
    ['a frame of before, played again', bench => bench.report({ counter: 3 })],
    ['a frame under another key', bench => bench.report({ counter: 1_000, key: '0'.repeat(32) })],
    ['plaintext in its name', bench => bench.data(plainFrame({ counter: 77 }))],
    [
      'a new frame that a receiver kept back for minutes',
      bench => bench.report({ counter: 10 }, { ageMs: 200_000 + bench.nowMs - bench.state.startedAtMs }),
    ],
  ])('%s', (_name, again) => {
    const bench = started()
    goOn(bench, 20_000)
    for (const counter of [3, 9]) bench.report({ counter })
    signIn(bench)
    goOn(bench, 95_000, () => again(bench))
    expect(silence(bench)).toEqual([])
    goOn(bench, 10_000, () => again(bench))
    expect([stateOf(bench), silence(bench).length]).toEqual(['silent', 1])
  })

  it('is late at 60 s where it has sent new ones sooner, though an old one is heard again and again', () => {
    const bench = started()
    for (const counter of [1, 2, 3]) {
      bench.report({ counter })
      goOn(bench, 2_000)
    }
    signIn(bench)
    goOn(bench, 56_000, () => bench.report({ counter: 3 }))
    expect(stateOf(bench)).toBe('heard')
    goOn(bench, 4_000, () => bench.report({ counter: 3 }))
    expect(stateOf(bench)).toBe('late')
  })

  it('but a frame that is renewed each minute is, heard each 2 s in between', () => {
    const bench = started()
    signIn(bench)
    const seen = new Set<string | undefined>()
    let second = 0
    bench.report({ counter: 1 })
    goOn(bench, 10 * MINUTE, () => {
      second += STEP_MS / 1000
      // On the air and at the gateway a little later than each minute.
      bench.report({ counter: 1 + Math.floor(second / 65) })
      seen.add(stateOf(bench))
    })
    expect([...seen]).toEqual(['heard'])
    expect(silence(bench)).toEqual([])
  })

  it('a plain one is heard by what changes in its frames', () => {
    const bench = started()
    const at = { address: PLAIN_ADDRESS }
    bench.data(plainFrame({ counter: 1 }), at)
    signIn(bench, 'p-08')
    goOn(bench, 90_000, () => bench.data(plainFrame({ counter: 1 }), at))
    expect(stateOf(bench)).toBe('late')
    bench.data(plainFrame({ counter: 2 }), at)
    expect(stateOf(bench)).toBe('heard')
  })
})

describe('after a start, and where nobody hears', () => {
  const people = Array.from({ length: 40 }, (_, i) => ({
    id: `p-${i + 10}`,
    address: `c7:f9:36:dd:b1:${String(i + 10)}`,
    key: KEY,
    wearer: i % 2 === 0 ? 'jane' : 'omar',
  }))
  const many = () => planOf(Site.parse({ ...site(), pendants: people }))
  const heard = (bench: Bench, counter: number) => {
    for (const { address } of people) bench.report({ counter, address })
  }
  const allSignedIn = (): Bench => {
    const bench = started(many())
    heard(bench, 1)
    for (const { id } of people) signIn(bench, id)
    return bench
  }

  it('a restart raises nothing for 100 s, and nothing at all where they are heard by then', () => {
    const bench = allSignedIn()
    const after = bench.restart()
    after.hear({ kind: 'start' })
    goOn(after, 60_000)
    heard(after, 2)
    goOn(after, 60_000)
    expect(said(after)).toEqual([])
  })

  it('one alarm says it of all: forty go silent together', () => {
    const bench = allSignedIn()
    goOn(bench, 110_000)
    expect(said(bench).map(({ key }) => key)).toEqual(['pendants-silent'])
    expect(said(bench)[0]?.text).toMatch(/^40 pendants of people who are signed in have not been heard/)
    heard(bench, 3)
    bench.wait(250)
    expect(said(bench)).toEqual([])
  })

  it('one alarm says it of all: every receiver is gone, and none for a while after they are back', () => {
    const bench = allSignedIn()
    for (const receiver of ['r-hall', 'r-interview'])
      bench.hear({ kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } })
    for (let second = 0; second < 105; second += 5) bench.wait(5_000)
    expect(said(bench).map(({ key }) => key)).toEqual(['pendants-silent'])
    expect(said(bench)[0]?.text).toMatch(/^No receiver hears: nobody who is signed in could call for help/)
    goOn(bench, STEP_MS)
    bench.wait(250)
    expect(said(bench)).toEqual([])
    heard(bench, 4)
    goOn(bench, 60_000)
    expect(said(bench)).toEqual([])
  })
})

describe('a button that is not ours', () => {
  it('cannot be supervised, which is said at signing in and never as silence', () => {
    const button = { id: 'b-01', address: ADDRESS, key: KEY, wearer: 'jane', bthome: {} }
    const bench = started(planOf(Site.parse({ ...site(), pendants: [button] })))
    signIn(bench, 'b-01')
    goOn(bench, 200_000)
    expect(sessionsView(bench.state, bench.nowMs)[0]).toMatchObject({
      pendantState: 'unsupervised',
      pendantWarning: 'This pendant cannot be supervised, for it sends nothing until it is pressed: test it',
    })
    expect(said(bench)).toEqual([])
  })
})

describe('rows of old, which say it in words alone', () => {
  const row = (text: string) => [
    {
      seq: 1,
      atMs: 1_790_000_000_000,
      actor: 'tocsin',
      change: { is: 'technical-raised' as const, key: 'pendant:p-07', text },
    },
  ]

  it('stand in their own words, are said anew at the next complaint, and mended after the longer time', () => {
    const old = 'Pendant p-07 (Jane Smith): its battery is low: change it'
    const bench = createBench({ entries: row(old) })
    bench.hear({ kind: 'start' })
    expect(technicalView(bench.state)).toMatchObject([{ key: 'pendant:p-07', text: old }])
    bench.data(sealedFrame({ counter: 10 }))
    bench.nowMs += 24 * MINUTE
    bench.data(sealedFrame({ counter: 11 }))
    expect(bench.state.technical.has('pendant:p-07')).toBe(true)
    expect(bench.data(sealedFrame({ counter: 12, flags: 0x02 })).changes).toMatchObject([
      { is: 'technical-raised', facts: { of: 'pendant-complains', complaints: ['battery-low'] } },
    ])
  })

  it('are believed whatever they say: state is not read off words', () => {
    const bench = createBench({ entries: row('Batterie schwach') })
    expect(bench.data(sealedFrame({ counter: 10, flags: 0x02 })).changes).toHaveLength(1)
    expect(bench.data(sealedFrame({ counter: 11, flags: 0x02 })).changes).toEqual([])
  })
})
