// The rooms of a site as the file has them, and which of them a receiver is near. Pure.
import type { Building, Room, Site } from '../../schemas/site.ts'

export type RoomAt = { room: Room; building: Building; path: readonly (string | number)[] }

/** Every room, with its building and where it stands in the file. */
export const roomsOf = (site: Pick<Site, 'buildings'>): RoomAt[] =>
  site.buildings.flatMap((building, b) =>
    building.floors.flatMap((floor, f) =>
      floor.rooms.map((room, r) => ({ room, building, path: ['buildings', b, 'floors', f, 'rooms', r] })),
    ),
  )

/**
 * Whether a receiver that hears alarms hangs in this room, at its door, or in a room next to it: within one wall. An
 * ESPresense node hears none.
 */
export function isNearReceiver(site: Pick<Site, 'buildings' | 'receivers'>, room: string): boolean {
  const near = new Set([room])
  for (const { room: each } of roomsOf(site)) {
    if (each.id === room) for (const other of each.adjacent) near.add(other)
    else if (each.adjacent.includes(room)) near.add(each.id)
  }
  return site.receivers.some(
    ({ room: own, atDoorTo, espresense }) =>
      espresense === undefined && (near.has(own) || (atDoorTo !== undefined && near.has(atDoorTo))),
  )
}
