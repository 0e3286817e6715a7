// In: whereabouts and the plan. Out: which rooms people are sent to, and whether that is elsewhere than they were sent before.
// Below SURE both rooms are named: whoever goes to the likelier one looks into the other on the way.
import type { Whereabouts } from '../../../schemas/api/desk.ts'
import type { PageSays } from '../plan/change.ts'
import type { MessageRoom } from '../plan/message.ts'
import { type Place, type Plan, placeOf } from '../plan/plan.ts'
import type { Incident } from './incident.ts'

/**
 * A room less sure than this is named with its runner-up. On the recorded flat a room that is named alone is then right in
 * 92 to 95 of 100 seconds; where two are named the first is right in 70 and one of them in 93 to 98 (locating/README).
 */
export const SURE = 0.8
/** Whether the room is too doubtful to be named alone. */
export const isRoomDoubtful = ({ room, confidence, runnerUp }: Whereabouts): boolean =>
  room !== null && runnerUp !== null && confidence < SURE

type Sent = Pick<PageSays, 'where' | 'rooms'>

/** A room as whoever goes there needs it: a stairwell is on several floors itself, and a blank note is none. */
export function roomOn({ room, building, floor, floors }: Place): MessageRoom {
  const { id, number, note } = room
  return {
    id,
    building,
    number,
    floor: floors > 1 && room.alsoOn === undefined ? floor : null,
    note: note === undefined || note.trim() === '' ? null : note,
  }
}

/** A room by its id, as it is on the plan, or as pages told it before it was taken out; undefined where nobody knows it. */
export function roomOf(
  plan: Plan,
  id: string,
  knownRooms: readonly MessageRoom[] = [],
): MessageRoom | undefined {
  const place = placeOf(plan, id)
  return place === undefined ? knownRooms.find(room => room.id === id) : roomOn(place)
}

/** Where people are sent, the likelier room first. One that nobody knows is not named. */
export function sentTo(
  plan: Plan,
  whereabouts: Whereabouts,
  knownRooms: readonly MessageRoom[] = [],
): Sent & { places: MessageRoom[] } {
  const sent = sentToIds(whereabouts, id => roomOf(plan, id, knownRooms) !== undefined)
  return { ...sent, places: sent.rooms.flatMap(id => roomOf(plan, id, knownRooms) ?? []) }
}

function sentToIds(whereabouts: Whereabouts, isKnown: (id: string) => boolean): Sent {
  const { room, runnerUp, isOutside, booked } = whereabouts
  const known = (id: string | null | undefined): string[] => {
    return id !== null && id !== undefined && isKnown(id) ? [id] : []
  }
  if (isOutside === true) return { where: 'outside', rooms: known(runnerUp) }
  const first = known(room)
  if (first.length > 0) {
    const second = isRoomDoubtful(whereabouts) ? known(runnerUp) : []
    return { where: 'heard', rooms: [...first, ...second] }
  }
  const rooms = room === null ? known(booked) : []
  return { where: rooms.length > 0 ? 'booked' : 'unknown', rooms }
}

/** Whether whoever took it has to turn by now. */
export const hasMoved = (
  plan: Plan,
  { takenAt, whereabouts }: Pick<Incident, 'takenAt' | 'whereabouts'>,
): boolean => takenAt !== null && isElsewhere(sentTo(plan, takenAt), sentTo(plan, whereabouts))

/** Whether people have to turn: to a room that was not named, or to the second of two that is sure by now. */
export function isElsewhere(before: Sent, { where, rooms }: Sent): boolean {
  if (where === 'unknown') return false
  if (where === 'booked') return before.where === 'unknown'
  if (where !== before.where && (where === 'outside' || before.where === 'outside')) return true
  const [first] = rooms
  if (first === undefined || first === before.rooms[0]) return false
  return rooms.length === 1 || !before.rooms.includes(first)
}
