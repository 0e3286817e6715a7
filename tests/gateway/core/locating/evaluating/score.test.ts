// The figures of an evaluation against tables worked out by hand.
import { describe, expect, it } from 'vitest'
import {
  type Decided,
  entryTimes,
  percentile,
  type Run,
  score,
} from '../../../../../gateway/core/locating/evaluating/score.ts'

/** A run decided from second 0 on: one letter a second for the room, '.' for none. */
function run(
  rooms: string,
  stays: [string | null, number, number][],
  confidence = 1,
  runnerUp: string | null = null,
): Run {
  const decided = [...rooms].map(
    (room, atS): Decided => ({ atS, room: room === '.' ? null : room, confidence, runnerUp }),
  )
  return {
    name: 'run',
    decided,
    stays: stays.map(([room, from, to]) => ({ room, fromMs: from * 1000, toMs: to * 1000 })),
  }
}

describe('by the second', () => {
  //             0123456789
  const ten = run('aaabbbbaab', [
    ['a', 0, 5],
    ['b', 5, 10],
  ])
  it('counts the seconds that are right', () => {
    // truth aaaaabbbbb: right at 0,1,2, 5,6, 9
    expect(score([ten])).toMatchObject({ seconds: 10, accuracy: 0.6 })
  })

  it('takes F1 by room and their plain mean', () => {
    // a: 3 hits, 5 true, 5 said: 6/10. b: 3 hits, 5 true, 5 said: 6/10
    const { macroF1, rooms } = score([ten])
    expect(macroF1).toBeCloseTo(0.6)
    expect(rooms[0]).toEqual({ room: 'a', seconds: 5, precision: 0.6, recall: 0.6, f1: 0.6 })
  })

  it('keeps the confusion matrix, with a column for no room at all and one for rooms nobody was in', () => {
    const { confusion } = score([run('aa.c', [['a', 0, 4]])])
    expect(confusion).toEqual({ rooms: ['a'], decided: ['a', '', 'c'], seconds: [[2, 1, 1]] })
  })

  it('counts the runner-up as one of the two named', () => {
    expect(score([run('bbbb', [['a', 0, 4]], 0.5, 'a')]).withinTwo).toBe(1)
    expect(score([run('bbbb', [['a', 0, 4]], 0.5, 'c')]).withinTwo).toBe(0)
  })

  it('leaves out seconds in no stay, and those outside the plan', () => {
    const scored = score([
      run('aaaaaaaaaa', [
        ['a', 0, 2],
        [null, 4, 6],
        ['a', 8, 10],
      ]),
    ])
    expect(scored).toMatchObject({ seconds: 4, accuracy: 1 })
  })

  it('takes a stay as closed at its beginning and open at its end, to the millisecond', () => {
    const scored = score([
      run('aabb', [
        ['a', 0, 1.5],
        ['b', 1.5, 3],
      ]),
    ])
    // seconds 0, 1 are a's, 2 is b's, 3 is nobody's
    expect(scored).toMatchObject({ seconds: 3, accuracy: 1 })
  })

  it('counts from ten seconds after the entry', () => {
    // stay a 0..14: seconds 10..13 count; right at 10, 11, 13
    expect(score([run('bbbbbbbbbbaaba', [['a', 0, 14]])]).settledAccuracy).toBe(0.75)
    expect(score([run('bb', [['a', 0, 2]])]).settledAccuracy).toBeNull()
  })
})

describe('from entering to five right decisions in a row', () => {
  it('is the time to the first of the five', () => {
    //                 0123456789012345
    const one = run('aaaabbabbbbbbbbb', [
      ['a', 0, 4.5],
      ['b', 4.5, 16],
    ])
    // b entered at 4.5; right at 5, wrong at 6, then five in a row from 7
    expect(entryTimes(one)).toEqual([{ run: 'run', room: 'b', fromS: 4.5, seconds: 11, rightAfterS: 2.5 }])
  })

  it('is never where there are no five within the stay, and says nothing of stays too short for five', () => {
    const { entries } = score([
      run('aaaaabbbbaaabbb', [
        ['a', 0, 5],
        ['b', 5, 9],
        ['a', 9, 15],
      ]),
    ])
    expect(entries).toEqual({ count: 1, p50S: null, p90S: null, never: 1, tooShort: 1 })
  })

  it('takes percentiles by nearest rank', () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    expect([percentile(ten, 0.5), percentile(ten, 0.9), percentile([], 0.5)]).toEqual([5, 9, null])
  })
})

describe('honesty', () => {
  it('is the seconds-weighted distance between what was said and what was so, in ten bins', () => {
    // 0.95 said for 4 s, right in 3; 0.55 said for 6 s, right in 3: 0.4*|0.95-0.75| + 0.6*|0.55-0.5| = 0.11
    const sure = run('aaab', [['a', 0, 4]], 0.95)
    const unsure = run('aaabbb', [['a', 0, 6]], 0.55)
    const { calibration } = score([sure, unsure])
    expect(calibration.error).toBeCloseTo(0.11)
    expect(calibration).toMatchObject({ sureSeconds: 4, sureRight: 0.75 })
    expect(calibration.bins[5]).toMatchObject({ from: 0.5, to: 0.6, seconds: 6, shareRight: 0.5 })
    expect(calibration.bins.reduce((sum, bin) => sum + bin.seconds, 0)).toBe(10)
  })

  it('puts 0.9 into the last bin and 1 too', () => {
    const bins = score([run('a', [['a', 0, 1]], 0.9), run('a', [['a', 0, 1]], 1)]).calibration.bins
    expect(bins[9]?.seconds).toBe(2)
  })
})
