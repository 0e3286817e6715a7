// Where words stand on the plan so that nothing that is drawn covers them: rooms and receivers in metres come in, places
// for their labels go out. Pure. Pendants count where they rest, in the middle of each room: labels do not jump about.
import type { Point, ReceiverView, Rect, RoomView } from '../building.ts'
import { middleOf } from './layout.ts'

/** How large things are drawn, in metres: half a pendant, half a receiver, and letters. */
export const PENDANT_M = 0.3
export const RECEIVER_M = 0.16
export const NUMBER_M = 0.34
export const NAME_M = 0.23
export const ID_M = 0.22
/** Below a pendant stand its lights. */
const LIGHTS_M = 0.2
/** A letter's width over its size: wider than fonts draw on average, so that a box is never too small. */
const WIDE = 0.62
const BOLD = 0.7
const PAD_M = 0.13
const GAP_M = 0.04

/** Words in the box that they take up; they begin at its left edge, or end at its right. */
export type Line = { text: string; box: Rect; anchor: 'start' | 'end' }
export type RoomLabel = { number: Line; name: Line }

type Drawn = { room: RoomView; rect: Rect }

/** A room's number and name in the corner that is freest, the upper left one first; a name that is too long is cut. */
export function roomLabels(rooms: readonly Drawn[], receivers: readonly ReceiverView[]): RoomLabel[] {
  const marks = receivers.map(({ at }) => markOf(at))
  return rooms.map(({ room, rect }) =>
    freest(corners(room, rect), ({ number, name }) => [number.box, name.box], [...marks, restOf(rect)], rect),
  )
}

/** A receiver's name beside its mark: inside its room where there is place, and off whatever else stands there. */
export function receiverLabels(rooms: readonly Drawn[], receivers: readonly ReceiverView[]): Rect[] {
  const words = roomLabels(rooms, receivers).flatMap(({ number, name }) => [number.box, name.box])
  const marks = receivers.map(({ at }) => markOf(at))
  const resting = rooms.map(({ rect }) => restOf(rect))
  return receivers.map(({ id, room, at }) => {
    const inside = rooms.find(drawn => drawn.room.id === room)?.rect
    const places = besideMark(at, id.length * ID_M * WIDE)
    return freest(places, box => [box], [...marks, ...words, ...resting], inside)
  })
}

/** The first of the places whose boxes lie least on `marks` and outside of `inside`. There must be one. */
export function freest<Place>(
  places: readonly Place[],
  boxesOf: (place: Place) => readonly Rect[],
  marks: readonly Rect[],
  inside: Rect | undefined,
): Place {
  const cost = (place: Place): number =>
    boxesOf(place).reduce((sum, box) => {
      const covered = marks.reduce((area, mark) => area + overlap(box, mark), 0)
      return sum + covered + (inside === undefined ? 0 : box.width * box.height - overlap(box, inside))
    }, 0)
  // A hair's breadth is no reason to move.
  return places.reduce((best, place) => (cost(place) < cost(best) - 1e-6 ? place : best))
}

/** The area that two boxes share. */
export function overlap(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return Math.max(0, width) * Math.max(0, height)
}

/** What a receiver's triangle takes up. */
export function markOf({ x, y }: Point): Rect {
  return { x: x - RECEIVER_M, y: y - RECEIVER_M, width: 2 * RECEIVER_M, height: 2 * RECEIVER_M }
}

/** What a pendant takes up that rests in the middle of a room. */
export function restOf(rect: Rect): Rect {
  const { x, y } = middleOf(rect)
  return { x: x - PENDANT_M, y: y - PENDANT_M, width: 2 * PENDANT_M, height: 2 * PENDANT_M + LIGHTS_M }
}

function besideMark({ x, y }: Point, width: number): Rect[] {
  const size = { width, height: ID_M }
  const away = RECEIVER_M + GAP_M
  return [
    { x: x - width / 2, y: y + away, ...size },
    { x: x + away, y: y - ID_M / 2, ...size },
    { x: x - away - width, y: y - ID_M / 2, ...size },
    { x: x - width / 2, y: y - away - ID_M, ...size },
  ]
}

function corners(room: RoomView, rect: Rect): RoomLabel[] {
  const name = cut(room.name, (rect.width - 2 * PAD_M) / (NAME_M * WIDE))
  const [left, right] = [rect.x + PAD_M, rect.x + rect.width - PAD_M]
  const [top, bottom] = [rect.y + PAD_M / 2, rect.y + rect.height - PAD_M - NUMBER_M - NAME_M]
  const line = (text: string, width: number, height: number, y: number, anchor: Line['anchor']): Line => ({
    text,
    box: { x: anchor === 'start' ? left : right - width, y, width, height },
    anchor,
  })
  const at = (y: number, anchor: Line['anchor']): RoomLabel => ({
    number: line(room.number, room.number.length * NUMBER_M * BOLD, NUMBER_M, y, anchor),
    name: line(name, name.length * NAME_M * WIDE, NAME_M, y + NUMBER_M + GAP_M, anchor),
  })
  return [at(top, 'start'), at(bottom, 'start'), at(top, 'end'), at(bottom, 'end')]
}

function cut(text: string, lettersMax: number): string {
  if (text.length <= lettersMax) return text
  return `${text.slice(0, Math.max(1, Math.floor(lettersMax) - 1)).trimEnd()}…`
}
