// Receivers that are down or were moved: known to locating as soon as the desk knows it, and after a restart.
import { expect, it } from 'vitest'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { parseSite, SiteRefused } from '../../../../../gateway/site/read.ts'
import { site } from '../../building.ts'
import { createBench } from '../../engine.ts'

const OFFLINE = { v: 1, status: 'offline' } as const
const ONLINE = { status: 'online' } as const

it('a receiver that says it goes is left out at once, and counts again when it is back', () => {
  const bench = createBench()
  bench.hear({ kind: 'receiver-status', receiver: 'r-hall', status: OFFLINE })
  expect([...bench.state.deafness.toFrames.ids]).toEqual(['r-hall'])
  expect([...bench.state.deafness.toFrames.places]).toEqual([bench.state.model.receiverIndex.get('r-hall')])
  bench.hear({ kind: 'receiver-status', receiver: 'r-hall', status: ONLINE })
  expect(bench.state.deafness.toFrames.ids.size).toBe(0)
})

it('a receiver that is silent for half a minute is left out, and still after a restart', () => {
  const bench = createBench()
  bench.hear({ kind: 'receiver-status', receiver: 'r-hall', status: ONLINE })
  bench.nowMs += 25_000
  bench.hear({ kind: 'receiver-status', receiver: 'r-interview', status: ONLINE })
  bench.wait(10_000)
  expect([...bench.state.deafness.toFrames.ids]).toEqual(['r-hall'])
  expect([...bench.restart().state.deafness.toFrames.ids]).toEqual(['r-hall'])
})

it('a receiver that was moved is believed no more, until a walk test knows it anew', () => {
  const bench = createBench()
  const row = (
    seq: number,
    change: { is: 'technical-raised'; text: string } | { is: 'technical-mended' },
  ) => ({
    seq,
    atMs: bench.nowMs,
    actor: 'tocsin',
    change: { ...change, key: 'receiver-moved:r-hall' },
  })
  const entries = [row(1, { is: 'technical-raised', text: 'moved' })]
  expect([...createBench({ entries }).state.deafness.moved]).toEqual(['r-hall'])
  const mended = createBench({ entries: [...entries, row(2, { is: 'technical-mended' })] })
  expect(mended.state.deafness.moved.size).toBe(0)
})

it('an ESPresense node hears no frames, and our receivers no hints', () => {
  const plain = site()
  const [hall, interview] = plain.receivers
  if (hall === undefined || interview === undefined) throw new Error('expected two receivers')
  const node = { ...interview, espresense: { rssiAt1m: -59, absorption: 2.7 } }
  const { deafness } = createBench({ plan: planOf({ ...plain, receivers: [hall, node] }) }).state
  expect([[...deafness.toFrames.ids], [...deafness.toHints.ids]]).toEqual([['r-interview'], ['r-hall']])
})

it.each<[string, (of: ReturnType<typeof site>) => object, string]>([
  [
    'nodes alone, which hear no alarm',
    of => ({ receivers: of.receivers.map(each => ({ ...each, espresense: {} })) }),
    'at least one receiver that hears alarms, which is not of ESPresense',
  ],
  [
    'two nodes of one name',
    of => ({
      receivers: [
        ...of.receivers,
        ...['a', 'b'].map(id => ({
          id,
          room: 'hall',
          password: `password-${id}`,
          espresense: { node: 'x' },
        })),
      ],
    }),
    'ESPresense node used once',
  ],
  [
    'two pendants of one ESPresense id',
    of => ({ pendants: of.pendants.map(each => ({ ...each, espresense: 'iBeacon:same' })) }),
    'ESPresense id used once',
  ],
  [
    'an id that would be two levels of a topic',
    of => ({ pendants: of.pendants.slice(0, 1).map(each => ({ ...each, espresense: 'a/b' })) }),
    'an id as it stands in a topic: iBeacon:<uuid>-<major>-<minor>',
  ],
  [
    'a doorway to nowhere',
    of => ({ receivers: of.receivers.map(each => ({ ...each, atDoorTo: 'attic' })) }),
    'a room of this site,a room of this site',
  ],
  [
    'a doorway to its own room',
    of => ({ receivers: of.receivers.map(each => ({ ...each, atDoorTo: each.room })) }),
    'another room,another room',
  ],
])('a site file with %s is refused', (_name, wrong, expected) => {
  const of = site()
  const text = JSON.stringify({ ...of, ...wrong(of) })
  try {
    parseSite(text, 'site.yaml')
    throw new Error('expected the site to be refused')
  } catch (error) {
    if (!(error instanceof SiteRefused)) throw error
    expect(error.problems.map(each => each.expected).join()).toBe(expected)
  }
})
