// What a site file may say and hardly means: doors that are written on one side, rooms where no alarm may be heard, pendants
// that anybody can imitate. A sound Site in, each oddity at the path of the value to look at; none of them stops a gateway.
import type { Site } from '../../schemas/site.ts'
import { roomsNearReceivers, roomsOf } from '../core/plan/rooms.ts'
import type { Mismatch } from './expected.ts'
import { foreignAdvice } from './foreign.ts'
import { outAdvice } from './out.ts'

/** All that deserves a second look in a site as it is written (adjacency not yet both ways). */
export const advice = (site: Site): Mismatch[] => [
  ...oneSided(site),
  ...farFromReceivers(site),
  ...onOtherDoors(site),
  ...withoutKeys(site),
  ...wearingTwo(site),
  ...longOnward(site),
  ...nobody(site),
  ...foreignAdvice(site),
  ...outAdvice(site),
]

function oneSided(site: Site): Mismatch[] {
  const rooms = roomsOf(site)
  const byId = new Map(rooms.map(each => [each.room.id, each.room]))
  return rooms.flatMap(({ room, path }) =>
    room.adjacent.flatMap((other, i): Mismatch[] => {
      const isBoth = byId.get(other)?.adjacent.includes(room.id) !== false
      const expected = `${other} to have ${room.id} under adjacent too`
      const came = 'a door that is written on one side; it is taken both ways'
      return isBoth ? [] : [{ path: [...path, 'adjacent', i], expected, came }]
    }),
  )
}

function farFromReceivers(site: Site): Mismatch[] {
  const near = roomsNearReceivers(site)
  return roomsOf(site)
    .filter(({ room }) => !near.has(room.id))
    .map(({ room, path }) => ({
      path: [...path, 'id'],
      expected: 'a receiver in this room, at its door or in a room next to it',
      came: `none: an alarm in ${room.number} may not be heard, and not be placed`,
    }))
}

/** After rooms were renumbered, say. Whoever says a number may mean the door. */
function onOtherDoors(site: Site): Mismatch[] {
  const rooms = roomsOf(site)
  return rooms.flatMap(({ room: { id, number }, path }): Mismatch[] => {
    const other = rooms.find(({ room }) => room.id !== id && room.number.toLowerCase() === id)
    if (other === undefined || number.toLowerCase() === id) return []
    const came = `the number on the door of ${other.room.id}, while this one has ${number}: an alarm that names ${id} may be in either`
    return [{ path: [...path, 'id'], expected: 'an id that stands on no other door', came }]
  })
}

/** Anybody can send what a pendant without a key sends. A button that is not ours says so by `allowPlain`. */
function withoutKeys({ pendants }: Site): Mismatch[] {
  return pendants.flatMap(({ id, key, bthome }, i): Mismatch[] => {
    if (key !== undefined || bthome !== undefined) return []
    const came = `none: anybody can send the alarm of ${id}, and the wearer can be told nothing`
    return [{ path: ['pendants', i], expected: 'a key', came }]
  })
}

function wearingTwo({ pendants }: Site): Mismatch[] {
  const firsts = new Map<string, string>()
  return pendants.flatMap(({ wearer, id }, i): Mismatch[] => {
    const first = firsts.get(wearer)
    if (first === undefined) {
      firsts.set(wearer, id)
      return []
    }
    const came = `${wearer}, who wears ${first} already: both name the same person`
    return [{ path: ['pendants', i, 'wearer'], expected: `somebody who wears only ${id}`, came }]
  })
}

/** Once the whole ladder is through, nobody is called for so long. */
const ONWARD_S_MAX = 120

const longOnward = ({ policies }: Site): Mismatch[] =>
  policies.flatMap(({ onwardSeconds }, i): Mismatch[] => {
    const came = `${onwardSeconds}: an alarm that nobody has answered is not called about for so long`
    const path = ['policies', i, 'onwardSeconds']
    return onwardSeconds <= ONWARD_S_MAX ? [] : [{ path, expected: `at most ${ONWARD_S_MAX}`, came }]
  })

const nobody = ({ pendants, buttons }: Site): Mismatch[] =>
  pendants.length + buttons.length > 0
    ? []
    : [{ path: ['pendants'], expected: 'a pendant', came: 'none: nobody can raise an alarm with one' }]
