// How often a receiver hears a room tells it from another as well as how strongly does: in a weak place only the loudest
// packets come through, and their levels are all alike.
import { describe, expect, it } from 'vitest'
import type { Layout } from '../../../../../gateway/core/locating/building/layout.ts'
import { evaluate } from '../../../../../gateway/core/locating/evaluating/evaluate.ts'
import { replay } from '../../../../../gateway/core/locating/evaluating/replay.ts'
import { score } from '../../../../../gateway/core/locating/evaluating/score.ts'
import { calibrate } from '../../../../../gateway/core/locating/learning/calibrate.ts'
import type { Walk } from '../../../../../schemas/walk.ts'
import { random } from '../synthetic.ts'

const LAYOUT: Layout = {
  rooms: ['office', 'store', 'cellar'],
  doors: [
    ['office', 'store'],
    ['office', 'cellar'],
  ],
  receivers: [
    { id: 'near', room: 'office', at: null },
    { id: 'far', room: 'office', at: null },
  ],
  storeys: new Map(),
  buildings: new Map(),
  boxes: new Map(),
}
/** Both rooms are heard as strongly; what differs is which share of the packets the far receiver hears. */
const HEARS = { store: { near: 1, far: 0.7 }, cellar: { near: 1, far: 0.1 } }

/** Five packets a second, half a minute in each room in turn, everything about -93 dBm. */
function walkOf(seed: number, receivers = ['near', 'far']): Walk {
  const next = random(seed)
  const stays = Array.from({ length: 8 }, (_, i) => ({
    room: i % 2 === 0 ? ('store' as const) : ('cellar' as const),
    fromMs: 30_000 * i,
    toMs: 30_000 * (i + 1),
  }))
  const readings = stays.flatMap(({ room, fromMs, toMs }) =>
    Array.from({ length: (toMs - fromMs) / 200 }, (_, i) => fromMs + 200 * i).flatMap(tMs =>
      receivers.flatMap((id): Walk['readings'] =>
        next() < HEARS[room][id as 'near' | 'far'] ? [[tMs, id, -95 + 4 * next()]] : [],
      ),
    ),
  )
  return { pendant: 'p', receivers, readings, stays }
}

const accuracyOf = (train: Walk, test: Walk): number => score(evaluate(LAYOUT, [train], [test])).accuracy

describe('rooms of the same level', () => {
  it('are told apart by how many packets are heard', () => {
    expect(accuracyOf(walkOf(1), walkOf(2))).toBeGreaterThan(0.8)
  })

  it('and by nothing where the receiver that differs was down, which nobody is blamed for', () => {
    const without = walkOf(2, ['near'])
    const [stays, decided] = [without.stays, replay(calibrate(LAYOUT, [walkOf(1)]), without)]
    const { calibration } = score([{ name: '', decided, stays }])
    expect(calibration.sureSeconds).toBe(0)
  })
})

it('a receiver that worked in none of the walks says neither yes nor no', () => {
  const walks = [1, 2].map(seed => walkOf(seed, ['near']))
  const whole = calibrate(LAYOUT, walks)
  const known = replay(whole, walkOf(3, ['near']))
  const layout = { ...LAYOUT, receivers: LAYOUT.receivers.filter(({ id }) => id === 'near') }
  expect(known.map(({ room }) => room)).toEqual(
    replay(calibrate(layout, walks), walkOf(3, ['near'])).map(({ room }) => room),
  )
})
