// The rooms of a site as the file has them, which of them a receiver is near, and which of them somebody means. Pure.
import type { Building, Room, Site } from '../../../schemas/site.ts'
import { isEar } from './foreign.ts'

export type RoomAt = { room: Room; building: Building; path: readonly (string | number)[] }

/** Every room, with its building and where it stands in the file. */
export const roomsOf = (site: Pick<Site, 'buildings'>): RoomAt[] =>
  site.buildings.flatMap((building, b) =>
    building.floors.flatMap((floor, f) =>
      floor.rooms.map((room, r) => ({ room, building, path: ['buildings', b, 'floors', f, 'rooms', r] })),
    ),
  )

/**
 * The rooms, by id, with a receiver that hears alarms on the air in them, at their door, or in a room next to them: within one
 * wall. An ESPresense node hears none, and neither does a gateway of another system that passes on no frames.
 */
export function roomsNearReceivers(site: Pick<Site, 'buildings' | 'receivers'>): ReadonlySet<string> {
  const own = new Set(
    site.receivers.flatMap(receiver => {
      const { room, atDoorTo } = receiver
      return isEar(receiver) ? [room, ...(atDoorTo === undefined ? [] : [atDoorTo])] : []
    }),
  )
  const near = new Set(own)
  for (const { room } of roomsOf(site)) {
    if (own.has(room.id)) for (const other of room.adjacent) near.add(other)
    else if (room.adjacent.some(other => own.has(other))) near.add(room.id)
  }
  return near
}

/** The rooms that somebody may mean, by id: the one of that id, else those with that number on the door, or `building/number`. */
export function roomsMeant(site: Pick<Site, 'buildings'>, said: string): string[] {
  return roomsOf(site).some(({ room }) => room.id === said) ? [said] : roomsByDoor(site, said)
}

/** The same where a wrong door costs more than a question: an id that stands on another door, and not on its own, may be either. */
export function roomsThatMayBeMeant(site: Pick<Site, 'buildings'>, said: string): string[] {
  const byDoor = roomsByDoor(site, said)
  const meant = roomsMeant(site, said)
  return meant.some(id => byDoor.includes(id)) ? meant : [...meant, ...byDoor]
}

function roomsByDoor(site: Pick<Site, 'buildings'>, said: string): string[] {
  const isSaid = (words: string): boolean => words.toLowerCase() === said.trim().toLowerCase()
  return roomsOf(site)
    .filter(
      ({ room: { number }, building: { id, name } }) =>
        isSaid(number) || isSaid(`${id}/${number}`) || isSaid(`${name}/${number}`),
    )
    .map(({ room }) => room.id)
}
