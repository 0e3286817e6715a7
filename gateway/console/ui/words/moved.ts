// In: an incident, and the same as it was when somebody at this desk last saw that its room changed. Out: that it is another room
// than whoever took it knows of, or null. Pure.
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { roomsWords } from './words.ts'

export type Moved = { now: string; before: string }

export function movedWords(incident: IncidentView, seen: IncidentView | null): Moved | null {
  if (incident.state !== 'acknowledged' && incident.state !== 'attended') return null
  const isNews = seen === null ? incident.movedFrom !== undefined : placeIn(seen) !== placeIn(incident)
  if (!isNews) return null
  const before = seen === null ? incident.movedFrom : roomsWords(seen)
  const who = incident.state === 'attended' ? 'whoever is on the way' : 'whoever has it'
  const was = before === null || before === undefined ? 'The room was not known' : `It was ${before}`
  return { now: `Now ${roomsWords(incident)}.`, before: `${was} when this was last said: tell ${who}.` }
}

const placeIn = ({ whereabouts: { room, isOutside } }: IncidentView): string =>
  `${room} ${isOutside === true}`
