// Who makes room for whom among live streams.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Client,
  createPlaces,
  type Places,
  STREAMS_A_CLIENT_MAX,
  STREAMS_A_DESK_MAX,
  STREAMS_MAX,
} from '../../../../gateway/console/routes/places.ts'

const desk = (id: string): Client => ({ desk: id, from: '127.0.0.1 browser' })
const program = (name: string): Client => ({ desk: null, from: `127.0.0.1 ${name}` })
const filled = (): Places<string> => {
  const places = createPlaces<string>()
  places.seeDesk('d-1', false, 0)
  places.take(desk('d-1'), 'desk', 0)
  for (let i = 1; i < STREAMS_MAX; i++) places.take(program(String(i)), `s-${i}`, 0)
  return places
}

test('a client’s oldest stream makes room for its newest', () => {
  const places = createPlaces<string>()
  for (let i = 0; i < STREAMS_A_CLIENT_MAX; i++) {
    expect(places.take(program('curl'), `s-${i}`, 0)).toEqual([])
  }
  expect(places.take(program('curl'), 'newest', 0)).toEqual(['s-0'])
})

test('a desk begins its stream anew without waiting for the old one to end', () => {
  const places = createPlaces<string>()
  const ends = [0, 1, 2].flatMap(i => places.take(desk('d-1'), `s-${i}`, 0))
  expect([ends, places.size()]).toEqual([['s-0'], STREAMS_A_DESK_MAX])
})

test('when all places are taken the oldest that is no desk’s makes room', () => {
  expect(filled().take(desk('d-2'), 'another', 1_000)).toEqual(['s-1'])
})

test.each([
  ['has gone', (places: Places<string>) => places.seeDesk('d-1', true, 1_000), 1_000],
  ['has said nothing for long', () => {}, 60_000],
])('a desk that %s is a client like any other', (_what, happens, nowMs) => {
  const places = filled()
  happens(places)
  expect(places.take(program('new'), 'new', nowMs)).toEqual(['desk'])
})

test('whoever comes is let in, within bounds, and no desk that is here goes before all others have gone', () => {
  const comer = fc.record({ id: fc.integer({ min: 0, max: 90 }), isDesk: fc.boolean(), isHere: fc.boolean() })
  fc.assert(
    fc.property(fc.array(comer, { maxLength: 300 }), comers => {
      const places = createPlaces<number>()
      const here = new Set<number>()
      const open = new Map<number, { isHere: boolean; key: string }>()
      comers.forEach(({ id, isDesk, isHere }, stream) => {
        if (isDesk && isHere) {
          places.seeDesk(String(id), false, 0)
          here.add(id)
        }
        const client = isDesk ? desk(String(id)) : program(String(id))
        const key = `${isDesk} ${id}`
        for (const end of places.take(client, stream, 0)) {
          const ended = open.get(end)
          open.delete(end)
          const othersThan = [...open.values()].filter(each => !each.isHere)
          if (ended?.key !== key && ended?.isHere === true && here.size <= STREAMS_MAX)
            expect(othersThan).toEqual([])
        }
        open.set(stream, { isHere: isDesk && here.has(id), key })
        expect([...places.streams()]).toContain(stream)
        expect(places.size()).toBeLessThanOrEqual(STREAMS_MAX)
      })
    }),
    { numRuns: 200 },
  )
})
