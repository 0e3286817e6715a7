// Buildings that nobody tuned anything to: the rooms are found better than by the strongest receiver or by naive Bayes,
// also with fewer receivers than rooms, and by another walker than the one who made the walk test.
import { describe, expect, it } from 'vitest'
import { modelOf } from '../../../../gateway/core/locating/building/uncalibrated.ts'
import { replay } from '../../../../gateway/core/locating/evaluating/replay.ts'
import { type Decided, score } from '../../../../gateway/core/locating/evaluating/score.ts'
import { calibrate } from '../../../../gateway/core/locating/learning/calibrate.ts'
import { naiveBayes, strongest } from './baselines.ts'
import { building, walk } from './synthetic.ts'

const SHAPES = [
  [3, 3],
  [6, 6],
  [8, 5],
  [10, 4],
  [12, 10],
] as const

/** Each shape three times, each building walked three times: fewer say nothing of a point or two. */
const all = [...SHAPES, ...SHAPES, ...SHAPES].map(([rooms, receivers], i) => {
  const of = building(i + 1, rooms, receivers)
  const train = walk(of, { offsetDb: 0, bodyDb: 6, packetsPerS: 4, seconds: rooms * 45, seed: 7 + i })
  const tests = [1007, 2007, 3007].map(seed =>
    walk(of, { offsetDb: -4, bodyDb: 9, packetsPerS: 4, seconds: 240, seed: seed + i }),
  )
  const { layout } = of
  const [calibrated, uncalibrated] = [calibrate(layout, [train]), modelOf(layout)]
  return {
    layout,
    train,
    runs: tests.map(test => ({
      test,
      calibrated: replay(calibrated, test),
      uncalibrated: replay(uncalibrated, test),
      strongest: strongest(layout, test),
      bayes: naiveBayes(layout, train, test),
    })),
  }
})

type How = 'calibrated' | 'uncalibrated' | 'strongest' | 'bayes'
const scoredOf = (how: How, runs: (typeof all)[number]['runs']) =>
  score(runs.map(run => ({ name: how, decided: run[how] as Decided[], stays: run.test.stays })))
const scored = (how: How) =>
  scoredOf(
    how,
    all.flatMap(({ runs }) => runs),
  )

describe('made-up buildings', () => {
  it('a walk test beats naive Bayes and the strongest receiver by ten points', () => {
    const { accuracy } = scored('calibrated')
    expect(accuracy).toBeGreaterThan(scored('bayes').accuracy + 0.1)
    expect(accuracy).toBeGreaterThan(scored('strongest').accuracy + 0.1)
  })

  it('each building gains by a walk test, those with fewer receivers than rooms too', () => {
    for (const { runs } of all) {
      expect(scoredOf('calibrated', runs).accuracy).toBeGreaterThan(scoredOf('strongest', runs).accuracy)
    }
  })

  it('the layout alone is no worse than the strongest receiver, and far more often names the room among two', () => {
    const { accuracy, withinTwo } = scored('uncalibrated')
    expect(accuracy).toBeGreaterThan(scored('strongest').accuracy - 0.03)
    expect(withinTwo).toBeGreaterThan(0.7)
  })

  it('a confidence of nine in ten is meant', () => {
    expect(scored('calibrated').calibration.sureRight ?? 0).toBeGreaterThan(0.85)
    expect(scored('uncalibrated').calibration.sureRight ?? 1).toBeGreaterThan(0.8)
  })

  it('the same walk makes the same model: nothing in it is by chance', () => {
    const [first] = all
    const run = first?.runs[0]
    if (first === undefined || run === undefined) throw new Error('expected a building')
    expect(replay(calibrate(first.layout, [first.train]), run.test)).toEqual(run.calibrated)
  })
})
