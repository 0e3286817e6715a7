// What zod can't see in a site: names that lead nowhere, things that are there twice, alarms that would reach nobody.
// A parsed Site in, every contradiction out.
import { CHANNELS, listedIn } from '../../schemas/site/paging.ts'
import type { Site } from '../../schemas/site.ts'
import { deviceOf, targetKey } from '../core/plan/plan.ts'
import { roomsOf } from '../core/plan/rooms.ts'
import { type Mismatch, pathText, shown } from './expected.ts'
import { foreignAmiss } from './foreign.ts'
import { receiversAmiss } from './receivers.ts'

type Path = readonly (string | number)[]
type Named = { path: Path; name: string }

/** All contradictions of a site, each at the path of the value to mend. Names only, never a key or a password. */
export function contradictions(site: Site): Mismatch[] {
  return [
    ...doubles(site),
    ...strays(site),
    ...policiesReachingNobody(site),
    ...exchangeAmiss(site),
    ...buttonsAmiss(site),
    ...nodesAmiss(site),
    ...foreignAmiss(site),
    ...receiversAmiss(site),
    ...floorsAmiss(site),
  ]
}

/** The same site with adjacency both ways: a door that leads out leads in. */
export function withBothWays(site: Site): Site {
  const both = new Map<string, Set<string>>()
  const neighbours = (room: string) => both.get(room) ?? both.set(room, new Set()).get(room) ?? new Set()
  for (const { room } of roomsOf(site)) {
    for (const other of room.adjacent) {
      neighbours(room.id).add(other)
      neighbours(other).add(room.id)
    }
  }
  const buildings = site.buildings.map(building => ({
    ...building,
    floors: building.floors.map(floor => ({
      ...floor,
      rooms: floor.rooms.map(room => ({ ...room, adjacent: [...(both.get(room.id) ?? [])].sort() })),
    })),
  }))
  return { ...site, buildings }
}

// ---- there twice -----------------------------------------------------------------------------------------------

function doubles(site: Site): Mismatch[] {
  const rooms = roomsOf(site)
  const pendants = site.pendants.map((pendant, i) => ({ pendant, path: ['pendants', i] }))
  return [
    ...twice('id', idsOf('buildings', site.buildings)),
    ...site.buildings.flatMap((building, b) =>
      twice('id', idsOf('floors', building.floors, ['buildings', b])),
    ),
    ...twice(
      'id',
      rooms.map(({ room, path }) => ({ path: [...path, 'id'], name: room.id })),
    ),
    ...site.buildings.flatMap(building => twice('room number in this building', numbersOf(building, rooms))),
    ...twice('id', idsOf('receivers', site.receivers)),
    ...twice('id', idsOf('people', site.people)),
    ...twice('id', idsOf('pendants', site.pendants)),
    ...twice('id', idsOf('policies', site.policies)),
    ...channels.flatMap(([channel, { address }]) => twice(address, listedBy(site, channel))),
    ...twice(
      'address',
      pendants.map(({ pendant, path }) => ({ path: [...path, 'address'], name: pendant.address })),
    ),
    ...twice(
      'ESPresense id',
      pendants.flatMap(({ pendant, path }) =>
        pendant.espresense === undefined && pendant.iBeacon === undefined
          ? []
          : [{ path: [...path, 'espresense'], name: deviceOf(pendant) ?? '' }],
      ),
    ),
    ...twice(
      'ESPresense node',
      site.receivers.flatMap(({ id, espresense }, i) =>
        espresense ? [{ path: ['receivers', i, 'espresense'], name: espresense.node ?? id }] : [],
      ),
    ),
    ...twice(
      'key',
      pendants.flatMap(({ pendant, path }) =>
        pendant.key ? [{ path: [...path, 'key'], name: pendant.key }] : [],
      ),
    ),
    ...twice(
      'password',
      site.receivers.flatMap(({ password }, i) =>
        password === undefined ? [] : [{ path: ['receivers', i, 'password'], name: password }],
      ),
    ),
    ...twice(
      'radio',
      site.receivers.flatMap(({ radio }, i) =>
        radio === undefined ? [] : [{ path: ['receivers', i, 'radio'], name: radio }],
      ),
    ),
    ...twice(
      'iBeacon identity',
      pendants.flatMap(({ pendant, path }) =>
        pendant.iBeacon ? [{ path: [...path, 'iBeacon'], name: pendant.iBeacon }] : [],
      ),
    ),
  ]
}

const idsOf = (list: string, things: readonly { id: string }[], under: Path = []): Named[] =>
  things.map((thing, i) => ({ path: [...under, list, i, 'id'], name: thing.id }))

/** Spoken on the telephone as "building, room n": two doors with one number would send people to the wrong one. */
const numbersOf = (building: Site['buildings'][number], rooms: ReturnType<typeof roomsOf>): Named[] =>
  rooms
    .filter(each => each.building === building)
    .map(({ room, path }) => ({ path: [...path, 'number'], name: room.number }))

function twice(what: string, all: Named[]): Mismatch[] {
  const first = new Map<string, Path>()
  const found: Mismatch[] = []
  for (const { path, name } of all) {
    const before = first.get(name)
    if (before) found.push({ path, expected: `${what} used once`, came: `the same as ${pathText(before)}` })
    else first.set(name, path)
  }
  return found
}

// ---- leading nowhere -------------------------------------------------------------------------------------------

function strays(site: Site): Mismatch[] {
  const rooms = roomsOf(site)
  const roomIds = new Set(rooms.map(({ room }) => room.id))
  const neighbours = rooms.flatMap(({ room, path }) =>
    room.adjacent.map((name, i) => ({ path: [...path, 'adjacent', i], name, of: room.id })),
  )
  const at = (list: string, field: string, names: string[]): Named[] =>
    names.map((name, i) => ({ path: [list, i, field], name }))
  return [
    ...unknown('a room of this site', roomIds, neighbours),
    ...neighbours
      .filter(({ name, of }) => name === of)
      .map(({ path, name }) => ({ path, expected: 'another room', came: `${shown(name)}, the room itself` })),
    ...unknown(
      'a room of this site',
      roomIds,
      at(
        'receivers',
        'room',
        site.receivers.map(({ room }) => room),
      ),
    ),
    ...unknown('a room of this site', roomIds, doorways(site)),
    ...doorways(site)
      .filter(({ name, room }) => name === room)
      .map(({ path, name }) => ({ path, expected: 'another room', came: `${shown(name)}, its own room` })),
    ...unknown(
      'an id under people',
      idSet(site.people),
      at(
        'pendants',
        'wearer',
        site.pendants.map(({ wearer }) => wearer),
      ),
    ),
    ...unknown('an id under policies', idSet(site.policies), [{ path: ['policy'], name: site.policy }]),
    ...channels.flatMap(([channel, { list }]) =>
      unknown(
        list,
        new Set(listedBy(site, channel).map(({ name }) => name)),
        targetsOf(site).filter(target => target.channel === channel),
      ),
    ),
  ]
}

const doorways = (site: Site): (Named & { room: string })[] =>
  site.receivers.flatMap(({ room, atDoorTo }, i) =>
    atDoorTo === undefined ? [] : [{ path: ['receivers', i, 'atDoorTo'], name: atDoorTo, room }],
  )

const idSet = (things: readonly { id: string }[]): Set<string> => new Set(things.map(({ id }) => id))

const channels = Object.entries(CHANNELS)

/** The addresses that the site lists for a channel. */
const listedBy = (site: Site, channel: string): Named[] =>
  listedIn(site).flatMap(listed =>
    listed.channel === channel ? [{ path: listed.path, name: listed.address }] : [],
  )

const targetsOf = (site: Site): (Named & { channel: string })[] =>
  site.policies.flatMap((policy, p) =>
    policy.steps.flatMap((step, s) =>
      step.targets.map(({ channel, to }, t) => ({
        path: ['policies', p, 'steps', s, 'targets', t, 'to'],
        name: to,
        channel,
      })),
    ),
  )

const unknown = (what: string, names: ReadonlySet<string>, all: Named[]): Mismatch[] =>
  all
    .filter(({ name }) => !names.has(name))
    .map(({ path, name }) => ({ path, expected: what, came: shown(name) }))

// ---- reaching nobody -------------------------------------------------------------------------------------------

/** Reception has a queue: a policy that calls nobody else may leave the wearer waiting in it. */
function policiesReachingNobody(site: Site): Mismatch[] {
  const receptions = listedIn(site).filter(({ role }) => role === 'reception')
  const queues = new Set(receptions.map(({ channel, address }) => targetKey(channel, address)))
  return site.policies.flatMap((policy, p) => {
    const isReached = policy.steps.some(step =>
      step.targets.some(({ channel, to }) => !queues.has(targetKey(channel, to))),
    )
    const expected = 'at least one target that is not a reception number'
    return isReached ? [] : [{ path: ['policies', p, 'steps'], expected, came: 'reception only' }]
  })
}

/** Over UDP a lost packet is a lost page, until there are the timers that send it again (RFC 3261, 17.1). */
function exchangeAmiss({ sip }: Site): Mismatch[] {
  if (sip.transport !== 'udp') return []
  return [
    { path: ['sip', 'transport'], expected: 'tcp or tls', came: 'udp: a lost packet would be a lost page' },
  ]
}

// ---- buttons that are not ours ---------------------------------------------------------------------------------

const PRESSES = ['press', 'double', 'triple', 'long', 'hold'] as const

/** A button that is believed unsealed is a choice to be written down, and one that never calls anybody is no pendant. */
function buttonsAmiss(site: Site): Mismatch[] {
  return site.pendants.flatMap(({ bthome, key, iBeacon }, i): Mismatch[] => {
    if (bthome === undefined) return []
    const path = ['pendants', i, 'bthome']
    const found: Mismatch[] = []
    if (iBeacon !== undefined)
      found.push({
        path: ['pendants', i, 'iBeacon'],
        expected: 'none for a button that is not ours',
        came: shown(iBeacon),
      })
    if (key === undefined && !bthome.allowPlain)
      found.push({ path, expected: 'a key, or allowPlain: true', came: 'neither' })
    if (key !== undefined && bthome.allowPlain)
      found.push({ path: [...path, 'allowPlain'], expected: 'false for a pendant with a key', came: 'true' })
    if (!PRESSES.some(press => bthome[press] === 'button' || bthome[press] === 'assist'))
      found.push({ path, expected: 'a press that is button or assist', came: 'none that calls anybody' })
    return found
  })
}

// ---- ESPresense nodes, and rooms on several floors ----------------------------------------------------------------

/** Nodes tell where somebody is and never that they need help: without another receiver nobody's alarm is heard. */
function nodesAmiss({ receivers }: Site): Mismatch[] {
  if (receivers.some(({ espresense }) => espresense === undefined)) return []
  const expected = 'at least one receiver that hears alarms, which is not of ESPresense'
  return [{ path: ['receivers'], expected, came: 'ESPresense nodes only' }]
}

function floorsAmiss(site: Site): Mismatch[] {
  return site.buildings.flatMap((building, b) =>
    building.floors.flatMap((floor, f) =>
      floor.rooms.flatMap((room, r) =>
        (room.alsoOn ?? []).flatMap((name, i): Mismatch[] => {
          const path = ['buildings', b, 'floors', f, 'rooms', r, 'alsoOn', i]
          const isOther = name !== floor.id && building.floors.some(({ id }) => id === name)
          return isOther ? [] : [{ path, expected: 'another floor of this building', came: shown(name) }]
        }),
      ),
    ),
  )
}
