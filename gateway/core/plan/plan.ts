// In: the checked site file. Out: the same facts by the key they are asked for, made once and never changed.
import type { Button } from '../../../schemas/site/foreign.ts'
import { CHANNELS, type Listed, listedIn, type Policy } from '../../../schemas/site/paging.ts'
import type { Pendant, Person, Receiver, Room, Site } from '../../../schemas/site.ts'

/** `floors`: how many the building has. */
export type Place = { room: Room; floor: string; building: string; floors: number }

export type Plan = {
  site: Site
  pendants: ReadonlyMap<string, Pendant>
  pendantByAddress: ReadonlyMap<string, Pendant>
  /** By the id that ESPresense nodes know it by. */
  pendantByDevice: ReadonlyMap<string, Pendant>
  /** What other systems call by a name (`nameKey`), whichever of the two it is. */
  named: ReadonlyMap<string, { pendant: Pendant } | { button: Button }>
  people: ReadonlyMap<string, Person>
  places: ReadonlyMap<string, Place>
  receivers: ReadonlyMap<string, Receiver>
  /** The ways to reach people. `isCall`: it rings, somebody answers it and presses a key. */
  channels: ReadonlyMap<string, { isCall: boolean }>
  /** Whom a policy may page, by channel and address (`targetKey`). */
  targets: ReadonlyMap<string, Listed>
  policies: ReadonlyMap<string, Policy>
  /** People and rooms that a changed site file no longer has and an open incident or a session still names. */
  gone: Named
}

export type Named = { people: ReadonlyMap<string, Person>; places: ReadonlyMap<string, Place> }

/** Indexes a site. The site must have passed gateway/site's cross-checks. */
export function planOf(site: Site): Plan {
  const by = <T>(list: readonly T[], key: (each: T) => string): Map<string, T> =>
    new Map(list.map(each => [key(each), each]))
  return {
    site,
    pendants: by(site.pendants, pendant => pendant.id),
    pendantByAddress: by(site.pendants, pendant => pendant.address),
    pendantByDevice: new Map(
      site.pendants.flatMap(pendant => {
        const device = deviceOf(pendant)
        return device === null ? [] : [[device, pendant] as const]
      }),
    ),
    named: namedIn(site),
    people: by(site.people, person => person.id),
    places: by(placesOf(site), place => place.room.id),
    receivers: by(site.receivers, receiver => receiver.id),
    channels: new Map(Object.entries(CHANNELS)),
    targets: by(
      listedIn(site).map(({ path: _, ...listed }) => listed),
      ({ channel, address }) => targetKey(channel, address),
    ),
    policies: by(site.policies, policy => policy.id),
    gone: { people: new Map(), places: new Map() },
  }
}

/** What a receiver of another system calls something. */
export const nameKey = (receiver: string, name: string): string => `${receiver} ${name}`

function namedIn({ pendants, buttons }: Site): Plan['named'] {
  const named = new Map<string, { pendant: Pendant } | { button: Button }>()
  for (const pendant of pendants)
    for (const { receiver, as } of pendant.knownTo ?? []) named.set(nameKey(receiver, as), { pendant })
  for (const button of buttons)
    for (const { receiver, as } of button.knownTo) named.set(nameKey(receiver, as), { button })
  return named
}

/** As whom ESPresense nodes hear a pendant: as the site says, else by the iBeacon identity it airs; null for neither. */
export const deviceOf = ({ espresense, iBeacon }: Pendant): string | null =>
  espresense ?? (iBeacon === undefined ? null : `iBeacon:${iBeacon}`)

export const targetKey = (channel: string, address: string): string => `${channel} ${address}`

/** Who is reached there; undefined where the target is gone from the file. */
export const listedAt = ({ targets }: Plan, channel: string, address: string): Listed | undefined =>
  targets.get(targetKey(channel, address))

/** Whether somebody listens there and presses keys. */
export const isCall = ({ channels }: Plan, channel: string): boolean => channels.get(channel)?.isCall ?? false

/** The wearer's name as it is shown and spoken; the id where the person is gone from the file. */
export const wearerName = ({ people, gone }: Plan, wearer: string): string =>
  (people.get(wearer) ?? gone.people.get(wearer))?.name ?? wearer

/** A room with where it is; undefined where it is gone from the file. */
export const placeOf = ({ places, gone }: Plan, room: string): Place | undefined =>
  places.get(room) ?? gone.places.get(room)

/** What a room is called beside its number; null where its name is only the number again: "Room 215". */
export const nameBeside = ({ number, name }: Place['room']): string | null =>
  name === undefined || isNumberAgain(number, name) ? null : name

const isNumberAgain = (number: string, name: string): boolean =>
  name.toLowerCase().replace(/^room\s+/, '') === number.toLowerCase()

/** A room as on its door: "215 Group room". Null for none; the id where the room is gone from the site. */
export function doorWords(plan: Plan, id: string | null): string | null {
  const room = id === null ? undefined : placeOf(plan, id)?.room
  if (room === undefined) return id
  const name = nameBeside(room)
  return name === null ? (room.name ?? room.number) : `${room.number} ${name}`
}

export type Hearing = { id: string; address: string; key: string }

/** The pendant, if it can be told anything: it has a key, and is one of ours. */
export function hearing(plan: Plan, id: string): Hearing | null {
  const pendant = plan.pendants.get(id)
  if (pendant?.key === undefined || pendant.bthome !== undefined) return null
  return { id, address: pendant.address, key: pendant.key }
}

function placesOf(site: Site): Place[] {
  return site.buildings.flatMap(building =>
    building.floors.flatMap(floor =>
      floor.rooms.map(room => ({
        room,
        floor: floor.name,
        building: building.name,
        floors: building.floors.length,
      })),
    ),
  )
}
