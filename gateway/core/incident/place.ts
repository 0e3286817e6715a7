// In: whereabouts and the plan. Out: which rooms people are sent to, and whether that is elsewhere than they were sent before.
// Below SURE both rooms are named: whoever goes to the likelier one looks into the other on the way.
import type { Whereabouts } from '../../../schemas/api/desk.ts'
import type { PageSays } from '../plan/change.ts'
import type { Plan } from '../plan/plan.ts'
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

/** Where people are sent, the likelier room first. A room that is gone from the site is not known. */
export function sentTo(plan: Plan, whereabouts: Whereabouts): Sent {
  const { room, runnerUp, isOutside, booked } = whereabouts
  const known = (id: string | null | undefined): string[] => {
    return id !== null && id !== undefined && plan.places.has(id) ? [id] : []
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
