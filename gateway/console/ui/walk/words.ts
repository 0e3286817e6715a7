// Words and sums of the walk page. Pure; no browser is needed.
import type { WalkRoom } from '../../../../schemas/api/walk.ts'

/** A room is walked enough from here on, and more than this tells little more. */
export const SECONDS_AIM = 30
export const SECONDS_PLENTY = 60

export type FloorOf = { building: string; floor: string; rooms: WalkRoom[] }

/** Rooms by floor, in the order of the site file. */
export function floorsOf(rooms: readonly WalkRoom[]): FloorOf[] {
  const floors: FloorOf[] = []
  for (const room of rooms) {
    const known = floors.find(({ building, floor }) => building === room.building && floor === room.floor)
    if (known === undefined) floors.push({ building: room.building, floor: room.floor, rooms: [room] })
    else known.rooms.push(room)
  }
  return floors
}

/** "214" of "214 Interview room": what is read at arm's length. */
export const numberOn = (door: string): string => door.split(' ')[0] ?? door
export const nameOn = (door: string): string => door.split(' ').slice(1).join(' ')

/** How far to go in this room. */
export function aimWords(seconds: number): string {
  if (seconds < SECONDS_AIM) return `${Math.ceil(SECONDS_AIM - seconds)} s more: walk about in it`
  return seconds < SECONDS_PLENTY
    ? 'Enough. A little longer tells a little more'
    : 'Plenty: on to the next room'
}

/** "1:05 h", "12 min", "40 s". */
export function lengthWords(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')} h`
}

/** The share of a bar that a level fills: nothing at −100 dBm, all of it at −40. */
export const barOf = (rssiDbm: number): number => Math.min(1, Math.max(0, (rssiDbm + 100) / 60))
