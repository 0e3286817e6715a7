// In: a message as facts, and a form: how names, numbers and notes are put. Out: its parts in the order in which people need
// them. "Personal alarm. <name>. <building>, room <n>." — name, building and room are in the first sentence there is. What is
// no attack ("Assistance needed."), a fall ("Personal alarm, man down.") and what is worse ("Personal alarm, duress.") is said
// before anything else, but for a room that has changed ("Now: …"): whoever is on the way has to turn.
import { KINDS } from '../../../schemas/kinds.ts'
import type { Message, MessageRoom, Tells } from '../plan/message.ts'

/** How one channel puts what people named and wrote. */
export type Form = {
  /** A person, a building or a floor. */
  name(name: string): string
  /** A room's number as on its door. */
  number(number: string): string
  /** A note with its end; `isCut` where it was longer. */
  text(note: string, isCut: boolean): string
}

/** As it is written. */
export const WRITTEN: Form = {
  name: name => name,
  number: number => number,
  text: (note, isCut) => `${note}${isCut ? ' …' : /[.!?…]$/.test(note) ? '' : '.'}`,
}

const GIVEN_BACK = 'Nobody has it any more.'
const PRESSED_AGAIN = 'The alarm was raised again.'
const UNVERIFIED = 'Unverified.'
const SUSPECT = 'Suspect, check.'
const NOW = 'Now:'
const SESSION_NOTE = 'The wearer’s note:'
const SOURCE_NOTE = 'Note with the alarm:'
const ROOM_UNKNOWN = 'Room not known.'
const OUTSIDE = 'Outside the known rooms.'
/** Before the room that the wearer is signed in for, where nothing was heard that says where they are. */
const BOOKED = 'Room not known, but booked:'
/** Before the nearest room: whoever goes to look has to begin somewhere. */
const NEAREST = 'Outside the known rooms, nearest to'
/** The end of what is said in a call, where keys are pressed. */
export const CLOSING = 'Press 1 if you have it, 2 if you are on your way.'

/** So much of a note is told, some six seconds when it is spoken: the answer is to be asked for soon. All of it stands on the card. */
export const NOTE_TOLD_MAX = 80

/** What is told of an incident. A call goes on with what it asks for: `closing`. */
export function sentenceParts(message: Message, form: Form, closing?: string): string[] {
  const { kind, isVerified, isSuspect, wearer, isMoved } = message
  const place = placeParts(message, form)
  const opening = [
    KINDS[kind].opening,
    ...(isVerified ? [] : [UNVERIFIED]),
    ...(isSuspect ? [SUSPECT] : []),
    namePart(wearer, form),
  ]
  const first = isMoved ? [NOW, ...place, ...opening] : [...opening, ...place]
  const end = closing === undefined ? [] : [closing]
  return [...first, ...aboutParts(message, form), ...sessionNoteParts(message, form), ...end]
}

/** What is new, before a message that is told once more. */
export function newsParts(
  { worse, isGivenBack, isPressedAgain, isElsewhere, isNoteNew }: Tells,
  message: Message,
  form: Form,
): string[] {
  return [
    ...(worse === null ? [] : [KINDS[worse].worse]),
    ...(isGivenBack ? [GIVEN_BACK] : []),
    ...(isPressedAgain ? [PRESSED_AGAIN] : []),
    ...(isElsewhere ? [NOW, ...placeParts(message, form), ...aboutParts(message, form)] : []),
    ...(isNoteNew ? sessionNoteParts(message, form) : []),
  ]
}

/** The note alone: of the session, or of what raised the alarm. */
export const sessionNoteParts = (
  { note, isNoteOfSource }: Pick<Message, 'note' | 'isNoteOfSource'>,
  form: Form,
): string[] =>
  note === null ? [] : [notePart(isNoteOfSource === true ? SOURCE_NOTE : SESSION_NOTE, note, form)]

/** Every part that any sentence or news about these people and rooms can need, but sessions' notes. */
export function everyPart(wearers: readonly string[], rooms: readonly MessageRoom[], form: Form): string[] {
  const hasBuildings = new Set(rooms.map(({ building }) => building)).size > 1
  const floors = new Set(rooms.flatMap(({ floor }) => floor ?? []))
  const parts = [
    ...Object.values(KINDS).map(({ opening }) => opening),
    ...[UNVERIFIED, SUSPECT, NOW],
    ...wearers.map(wearer => namePart(wearer, form)),
    ...[ROOM_UNKNOWN, OUTSIDE, NEAREST, BOOKED],
    ...rooms.map(room => roomPart(room, form)),
    ...rooms.flatMap(room => [
      roomPart(room, form, ','),
      secondPart(room, false, form),
      ...(hasBuildings ? [secondPart(room, true, form)] : []),
      ...roomNoteParts(room, false, form),
      ...roomNoteParts(room, true, form),
    ]),
    ...[...floors].flatMap(floor => [
      floorPart(floor, form),
      floorPart(floor, form, ','),
      floorPart(floor, form, '.', 'or '),
    ]),
    ...[GIVEN_BACK, PRESSED_AGAIN, ...Object.values(KINDS).map(({ worse }) => worse)],
  ]
  return [...new Set(parts)]
}

const namePart = (wearer: string, form: Form): string => `${form.name(wearer)}.`

/** The place itself: building and room, or both rooms. */
function placeParts({ where, rooms }: Message, form: Form): string[] {
  const [first, second] = rooms
  if (first === undefined) return [where === 'outside' ? OUTSIDE : ROOM_UNKNOWN]
  const before = where === 'outside' ? [NEAREST] : where === 'booked' ? [BOOKED] : []
  if (second === undefined) return [...before, roomPart(first, form)]
  return [...before, roomPart(first, form, ','), secondPart(second, second.building !== first.building, form)]
}

/** What else whoever comes should know of the place: the floor, where there are several, and the rooms' notes. */
function aboutParts({ rooms }: Message, form: Form): string[] {
  const notes = rooms.flatMap(room => roomNoteParts(room, rooms.length > 1, form))
  const [first, second] = rooms.map(({ floor }) => floor)
  if (first === undefined || first === null) return notes
  const isOneFloor = second === undefined || second === null || second === first
  return [
    ...(isOneFloor
      ? [floorPart(first, form)]
      : [floorPart(first, form, ','), floorPart(second, form, '.', 'or ')]),
    ...notes,
  ]
}

const roomPart = ({ building, number }: MessageRoom, form: Form, end = '.'): string =>
  `${form.name(building)}, room ${form.number(number)}${end}`

const secondPart = ({ building, number }: MessageRoom, isElsewhere: boolean, form: Form): string =>
  `or ${isElsewhere ? `${form.name(building)}, ` : ''}room ${form.number(number)}.`

const floorPart = (floor: string, form: Form, end = '.', before = ''): string =>
  `${before}${form.name(floor)}${end}`

function roomNoteParts({ number, note }: MessageRoom, isOneOfTwo: boolean, form: Form): string[] {
  if (note === null) return []
  return [notePart(isOneOfTwo ? `Room ${form.number(number)}:` : 'Note:', note, form)]
}

/** A note cut at a word, as one part; its end is on the card. */
function notePart(before: string, note: string, form: Form): string {
  const text = note.replace(/\s+/g, ' ').trim()
  const cut = cutAtWord(text)
  return `${before} ${form.text(cut, cut.length < text.length)}`
}

function cutAtWord(text: string): string {
  if (text.length <= NOTE_TOLD_MAX) return text
  const end = text.lastIndexOf(' ', NOTE_TOLD_MAX)
  return text.slice(0, end > 0 ? end : NOTE_TOLD_MAX).replace(/[\s,;:–-]+$/, '')
}
