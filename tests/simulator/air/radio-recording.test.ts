// The simulated radio against the recorded flat: a robot is driven through the simulated rooms as through the real ones,
// and what the receivers heard must look alike: levels, spread, tails, loss, and how fast levels change.
// No body: the recording has none. The tag's output is not published, so levels are compared after one common offset.
import { describe, expect, test } from 'vitest'
import { fadeOf, hearPacket, meanLevel, type Place, quietOffice } from '../../../simulator/air/radio.ts'
import { createRandom } from '../../../simulator/air/random.ts'
import { northgatePlan } from '../../../simulator/building/plan.ts'
import { readSite } from '../../../simulator/gateway/site.ts'
import { RUNS, recordedWalk } from '../../data/recorded.ts'

/** Of the tag; the recorded interval is this one less what is lost. */
const PACKETS_PER_SECOND = 5
/** A mapping robot indoors. */
const METRES_PER_SECOND = 0.25
const SECONDS_A_ROOM = 240
const SEEDS = [1, 2, 3, 4]
/** Recorded: each receiver heard 0.63 of the packets, near or far, since it listened only part of the time. */
const ROBOT = { ...quietOffice, duty: 0.645, bodyDb: 0 }

/** Levels of one receiver during one stay, by packet; NaN where it heard nothing. */
type Series = { room: string; receiver: string; levels: number[] }

const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}
const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length
const deviation = (values: readonly number[]): number => {
  const middle = mean(values)
  return Math.sqrt(mean(values.map(each => (each - middle) ** 2)))
}

function recorded(): Series[] {
  const slotMs = 1_000 / PACKETS_PER_SECOND
  return RUNS.flatMap(run => {
    const { readings, receivers, stays } = recordedWalk(run)
    return stays.flatMap(({ room, fromMs, toMs }) =>
      receivers.map(receiver => {
        const levels = new Array<number>(Math.ceil((toMs - fromMs) / slotMs)).fill(Number.NaN)
        for (const [tMs, by, dbm] of readings)
          if (by === receiver && tMs >= fromMs && tMs < toMs)
            levels[Math.floor((tMs - fromMs) / slotMs)] = dbm
        return { room: room ?? '', receiver, levels }
      }),
    )
  })
}

const { receivers: ceiling } = await readSite('simulator/building/northgate.yaml')

function simulated(seed: number, settings = ROBOT): Series[] {
  const radio = { ...settings, seed }
  const random = createRandom(seed)
  return [...northgatePlan].flatMap(([room, rect]) => {
    const series = ceiling.map(({ id }) => ({ room, receiver: id, levels: [] as number[] }))
    let here = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
    let goal = here
    for (let packet = 0; packet < SECONDS_A_ROOM * PACKETS_PER_SECOND; packet++) {
      const step = METRES_PER_SECOND / PACKETS_PER_SECOND
      const metres = Math.hypot(goal.x - here.x, goal.y - here.y)
      if (metres < step) {
        // Not nearer to a wall than a robot gets.
        const within = (from: number, length: number): number => from + 0.4 + random() * (length - 0.8)
        goal = { x: within(rect.x, rect.width), y: within(rect.y, rect.height) }
      } else {
        here = {
          x: here.x + ((goal.x - here.x) * step) / metres,
          y: here.y + ((goal.y - here.y) * step) / metres,
        }
      }
      const tag: Place = { ...here, height: 1.3 }
      ceiling.forEach(({ at: [x, y, height] = [0, 0, 0] }, i) => {
        const anchor = { x, y, height }
        const level = meanLevel(radio, northgatePlan, tag, anchor, 0) + fadeOf(radio, tag, anchor, random)
        series[i]?.levels.push(hearPacket(radio, level, random) ?? Number.NaN)
      })
    }
    return series
  })
}

const heardIn = (all: readonly Series[]): number[][] => {
  const byPair = new Map<string, number[]>()
  for (const { room, receiver, levels } of all) {
    const key = `${room} ${receiver}`
    byPair.set(key, [...(byPair.get(key) ?? []), ...levels.filter(level => !Number.isNaN(level))])
  }
  return [...byPair].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, levels]) => levels)
}

/** Covariance, in dB², of levels that far apart within a stay, about the stay's own mean. */
function covariance(all: readonly Series[], lagSeconds: number): number {
  const lag = Math.round(lagSeconds * PACKETS_PER_SECOND)
  let [sum, count] = [0, 0]
  for (const { levels } of all) {
    const heard = levels.filter(level => !Number.isNaN(level))
    if (heard.length < 30) continue
    const middle = mean(heard)
    for (let i = lag; i < levels.length; i++) {
      const product = ((levels[i] as number) - middle) * ((levels[i - lag] as number) - middle)
      if (Number.isNaN(product)) continue
      sum += product
      count += 1
    }
  }
  return sum / count
}

describe('the simulated radio of the recorded flat', () => {
  const real = recorded()
  const runs = SEEDS.map(seed => simulated(seed))
  const pairs = heardIn(real)
  const over = (of: (levels: readonly number[]) => number) => ({
    real: pairs.map(of),
    made: runs.map(run => heardIn(run).map(of)),
  })

  test('has the recorded levels: room by room and receiver by receiver no further off than shadowing makes them', () => {
    const { real: levels } = over(list => quantile(list, 0.5))
    // Without shadowing what is left is what no wall and no distance explains: the recording's own shadowing.
    const bare = heardIn(simulated(1, { ...ROBOT, shadowDb: 0 })).map(list => quantile(list, 0.5))
    const unexplained = deviation(levels.map((level, i) => level - (bare[i] as number)))
    const ours = runs.map(run =>
      deviation(heardIn(run).map((list, i) => quantile(list, 0.5) - (bare[i] as number))),
    )
    expect(unexplained).toBeLessThan(5.5)
    // A room's median averages over the room, so less than all of the shadowing shows in it.
    expect(mean(ours) / unexplained).toBeGreaterThan(0.6)
    expect(mean(ours) / unexplained).toBeLessThan(1.25)
    expect(deviation(bare) / deviation(levels)).toBeGreaterThan(0.6)
    expect(deviation(bare) / deviation(levels)).toBeLessThan(1.2)
  })

  test.each([
    ['the middle half', 0.25, 0.75, 0.7],
    ['nine tenths', 0.05, 0.95, 1.5],
    ['all but one in fifty', 0.01, 0.99, 2.5],
  ])('spreads within a room as recorded: %s', (_what, low, high, withinDb) => {
    const { real: widths, made } = over(list => quantile(list, high) - quantile(list, low))
    expect(Math.abs(mean(made.map(mean)) - mean(widths))).toBeLessThan(withinDb)
    // And not alike everywhere: some pairs of room and receiver vary twice as much as others, in both.
    expect(Math.abs(mean(made.map(deviation)) - deviation(widths))).toBeLessThan(withinDb)
  })

  test('has the longer tail below, as fading does', () => {
    const { real: skews, made } = over(
      list => (quantile(list, 0.5) - quantile(list, 0.05)) / (quantile(list, 0.95) - quantile(list, 0.5)),
    )
    expect(mean(skews)).toBeGreaterThan(1)
    expect(Math.abs(mean(made.map(mean)) - mean(skews))).toBeLessThan(0.35)
  })

  test.each([
    [0, 4],
    [0.4, 3],
    [1, 3],
    [2, 3],
    [3, 3],
    [5, 3],
    [10, 3],
  ])('changes with time as recorded: levels %s s apart', (seconds, within) => {
    const made = mean(runs.map(run => covariance(run, seconds)))
    expect(Math.abs(made - covariance(real, seconds))).toBeLessThan(within)
  })

  test('loses as many packets, near and far alike', () => {
    const share = (all: readonly Series[], receiver: string): number => {
      const levels = all.filter(each => each.receiver === receiver).flatMap(each => each.levels)
      return levels.filter(level => !Number.isNaN(level)).length / levels.length
    }
    for (const { id } of ceiling) {
      for (const run of runs) expect(share(run, id)).toBeCloseTo(0.63, 1)
      // Two packets in one slot of the recording count once, which costs it a little.
      expect(share(real, id)).toBeGreaterThan(0.52)
      expect(share(real, id)).toBeLessThan(0.66)
    }
  })
})
