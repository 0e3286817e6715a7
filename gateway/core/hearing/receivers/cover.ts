// Which receivers are to hear an alarm in which room, and which of them hear the same rooms. In: the plan, and what a walk
// test taught. Made once for both, and read at each tick.
import { type Model, offsetIndex } from '../../locating/building/model.ts'
import { isEar } from '../../plan/foreign.ts'
import type { Plan } from '../../plan/plan.ts'

export type Cover = {
  /** By room, in the order of the plan: those that are to hear an alarm there. */
  readonly rooms: ReadonlyMap<string, readonly string[]>
  /** By receiver: those whose hearing says that this one should hear too. */
  readonly near: ReadonlyMap<string, readonly string[]>
}

/** A pendant under its wearer's body is this much fainter than in the walk test. */
const UNDER_A_BODY_DB = -12
/** An alarm is on the air 120 times in its first 12 s: of one packet in ten, a dozen are heard. */
const HEARD_MIN = 0.1

/**
 * A room that was walked is covered by the receivers that heard the walk there, by so much that they would hear a pendant
 * under a body too. One that was not is covered by the receivers in it and at its doors, since nobody knows what its walls
 * let through; where it has none, by those of the rooms next to it. ESPresense nodes hear no alarm, and relays none on the air.
 */
export function coverOf(plan: Plan, model: Model): Cover {
  const ids = [...plan.receivers.values()].filter(isEar).map(({ id }) => id)
  const walked = model.isCalibrated ? walkedCover(model) : new Map<string, string[]>()
  const nextTo = adjacency(plan)
  const own = (room: string): string[] => ids.filter(id => roomsOf(plan, id).includes(room))
  const rooms = [...plan.places.keys()].map((room): [string, string[]] => {
    const heard = (walked.get(room) ?? []).filter(id => ids.includes(id))
    if (heard.length > 0) return [room, heard]
    const inIt = own(room)
    return [room, inIt.length > 0 ? inIt : unique([...(nextTo.get(room) ?? [])].flatMap(own))]
  })
  return { rooms: new Map(rooms), near: new Map(ids.map(id => [id, nearTo(plan, id, ids, nextTo)])) }
}

/** Its own room, and the one beyond the door that it hangs in. */
const roomsOf = (plan: Plan, receiver: string): string[] => {
  const hung = plan.receivers.get(receiver)
  return hung === undefined ? [] : [hung.room, ...(hung.atDoorTo === undefined ? [] : [hung.atDoorTo])]
}

/** Those of the same rooms and of the rooms next to them; where there are none, all others of the site. */
function nearTo(
  plan: Plan,
  receiver: string,
  ids: readonly string[],
  nextTo: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const others = ids.filter(id => id !== receiver)
  const own = roomsOf(plan, receiver)
  const around = new Set([...own, ...own.flatMap(room => [...(nextTo.get(room) ?? [])])])
  const near = others.filter(id => roomsOf(plan, id).some(room => around.has(room)))
  return near.length > 0 ? near : others
}

/** Rooms next to each room, whichever of the two says so. */
function adjacency(plan: Plan): Map<string, Set<string>> {
  const nextTo = new Map([...plan.places.keys()].map(id => [id, new Set<string>()]))
  for (const { room } of plan.places.values()) {
    for (const other of room.adjacent) {
      nextTo.get(room.id)?.add(other)
      nextTo.get(other)?.add(room.id)
    }
  }
  return nextTo
}

/** By room: receivers that hear enough of it, over all its parts. */
function walkedCover({
  rooms,
  receivers,
  cellRoom,
  cellPrior,
  rowStart,
  rowCell,
  rowHeard,
}: Model): Map<string, string[]> {
  const covered = new Map<string, string[]>()
  const whole = new Float64Array(rooms.length + 1)
  for (const [cell, room] of cellRoom.entries())
    whole[room] = (whole[room] as number) + (cellPrior[cell] as number)
  const logs = rowHeard[offsetIndex(UNDER_A_BODY_DB)]
  for (const [r, receiver] of receivers.entries()) {
    const heard = new Float64Array(rooms.length + 1)
    for (let i = rowStart[r] as number; i < (rowStart[r + 1] as number); i++) {
      const cell = rowCell[i] as number
      const room = cellRoom[cell] as number
      heard[room] = (heard[room] as number) + (cellPrior[cell] as number) * Math.exp(logs?.[i] as number)
    }
    for (const [room, id] of rooms.entries()) {
      if ((heard[room] as number) < HEARD_MIN * (whole[room] as number)) continue
      covered.set(id, [...(covered.get(id) ?? []), receiver])
    }
  }
  return covered
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)]
