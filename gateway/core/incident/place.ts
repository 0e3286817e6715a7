// In: whereabouts and the plan. Out: which rooms people are sent to, and how these, their floors and notes are shown and spoken.
// Below SURE both rooms are named: whoever goes to the likelier one looks into the other on the way.
import type { Whereabouts } from '../../../schemas/api/desk.ts'
import type { PageSays } from '../plan/change.ts'
import { type Place, type Plan, placeOf } from '../plan/plan.ts'
import { spokenName, spokenNumber, spokenText } from './spoken.ts'

/** A part of a sentence as it is shown and as it is spoken. */
export type Part = { shown: string; spoken: string }
export const alike = (text: string): Part => ({ shown: text, spoken: text })

export const ROOM_UNKNOWN = alike('Room not known.')
export const OUTSIDE = alike('Outside the known rooms.')
/** Before the room that the wearer is signed in for, where nothing was heard that says where they are. */
export const BOOKED = alike('Room not known, but booked:')
/** Before the nearest room: whoever goes to look has to begin somewhere. */
export const NEAREST = alike('Outside the known rooms, nearest to')

/**
 * A room less sure than this is named with its runner-up. On the recorded flat a room that is named alone is then right in
 * 92 to 95 of 100 seconds; where two are named the first is right in 70 and one of them in 93 to 98 (locating/README).
 */
export const SURE = 0.8
/** So much of a note is spoken, some six seconds: the key is to be asked for soon. All of it stands on the card. */
export const NOTE_SPOKEN_MAX = 80

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

/** Whether people have to turn: to a room that was not named, or to the second of two that is sure by now. */
export function isElsewhere(before: Sent, { where, rooms }: Sent): boolean {
  if (where === 'unknown') return false
  if (where === 'booked') return before.where === 'unknown'
  if (where !== before.where && (where === 'outside' || before.where === 'outside')) return true
  const [first] = rooms
  if (first === undefined || first === before.rooms[0]) return false
  return rooms.length === 1 || !before.rooms.includes(first)
}

/** The place itself: building and room, or both rooms. */
export function placeParts(plan: Plan, { where, rooms }: Sent): Part[] {
  const [first, second] = placesIn(plan, rooms)
  if (first === undefined) return [where === 'outside' ? OUTSIDE : ROOM_UNKNOWN]
  const before = where === 'outside' ? [NEAREST] : where === 'booked' ? [BOOKED] : []
  if (second === undefined) return [...before, placePart(first)]
  return [...before, placePart(first, ','), secondPart(second, second.building !== first.building)]
}

/** What else whoever comes should know of the place: the floor, where there are several, and the rooms' notes. */
export function aboutParts(plan: Plan, { rooms }: Sent): Part[] {
  const places = placesIn(plan, rooms)
  const notes = places.flatMap(place => roomNoteParts(place, places.length > 1))
  const [first, second] = places.map(place => (isOnOneOfSeveral(place) ? place.floor : null))
  if (first === undefined || first === null) return notes
  const isOneFloor = second === undefined || second === null || second === first
  return [
    ...(isOneFloor ? [floorPart(first)] : [floorPart(first, ','), floorPart(second, '.', 'or ')]),
    ...notes,
  ]
}

/** A note cut at a word, as one part; its end is on the card. */
export function notePart(before: Part, note: string): Part {
  const text = note.replace(/\s+/g, ' ').trim()
  const cut = cutAtWord(text)
  const end = cut.length < text.length ? ' …' : /[.!?…]$/.test(cut) ? '' : '.'
  return {
    shown: `${before.shown} ${cut}${end}`,
    spoken: `${before.spoken} ${spokenText(cut).replace(/[.!?…]+$/, '')}.`,
  }
}

/** Every part that any place of this site can need. */
export function allPlaceParts(plan: Plan): Part[] {
  const places = [...plan.places.values()]
  const hasBuildings = plan.site.buildings.length > 1
  const floors = new Set(places.filter(isOnOneOfSeveral).map(place => place.floor))
  return [
    ROOM_UNKNOWN,
    OUTSIDE,
    NEAREST,
    BOOKED,
    ...places.map(place => placePart(place)),
    ...places.flatMap(place => [
      placePart(place, ','),
      secondPart(place, false),
      ...(hasBuildings ? [secondPart(place, true)] : []),
      ...roomNoteParts(place, false),
      ...roomNoteParts(place, true),
    ]),
    ...[...floors].flatMap(floor => [floorPart(floor), floorPart(floor, ','), floorPart(floor, '.', 'or ')]),
  ]
}

const placesIn = (plan: Plan, rooms: readonly string[]): Place[] =>
  rooms.flatMap(id => placeOf(plan, id) ?? [])

/** A stairwell is on several floors itself. */
const isOnOneOfSeveral = ({ room, floors }: Place): boolean => floors > 1 && room.alsoOn === undefined

const placePart = ({ building, room }: Place, end = '.'): Part => ({
  shown: `${building}, room ${room.number}${end}`,
  spoken: `${spokenName(building)}, room ${spokenNumber(room.number)}${end}`,
})

const secondPart = ({ building, room }: Place, isElsewhere: boolean): Part => ({
  shown: `or ${isElsewhere ? `${building}, ` : ''}room ${room.number}.`,
  spoken: `or ${isElsewhere ? `${spokenName(building)}, ` : ''}room ${spokenNumber(room.number)}.`,
})

const floorPart = (floor: string, end = '.', before = ''): Part => ({
  shown: `${before}${floor}${end}`,
  spoken: `${before}${spokenName(floor)}${end}`,
})

function roomNoteParts({ room }: Place, isOneOfTwo: boolean): Part[] {
  if (room.note === undefined || room.note.trim() === '') return []
  const before = isOneOfTwo
    ? { shown: `Room ${room.number}:`, spoken: `Room ${spokenNumber(room.number)}:` }
    : alike('Note:')
  return [notePart(before, room.note)]
}

function cutAtWord(text: string): string {
  if (text.length <= NOTE_SPOKEN_MAX) return text
  const end = text.lastIndexOf(' ', NOTE_SPOKEN_MAX)
  return text.slice(0, end > 0 ? end : NOTE_SPOKEN_MAX).replace(/[\s,;:–-]+$/, '')
}
