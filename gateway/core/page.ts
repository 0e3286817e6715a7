// In: an incident and the plan. Out: the sentence of a page, as it is shown and as it is spoken.
// "Personal alarm. <name>. <building>, room <n>." — name, building and room are in the first sentence there is. What is
// no attack ("Assistance needed."), a fall ("Personal alarm, man down.") and what is worse ("Personal alarm, duress.") is
// said before anything else.

import type { Kind, Whereabouts } from '../../schemas/api.ts'
import type { DuePage } from './escalation.ts'
import { type Incident, type IncidentChange, pageNumber } from './incident.ts'
import { type Place, type Plan, wearerName } from './plan.ts'

export type Sentence = { said: string; phrases: string[] }

const ALARM = 'Personal alarm.'
const OPENINGS: Readonly<Record<Kind, string>> = {
  cord: ALARM,
  button: ALARM,
  // Who is found on the floor may need more than company: whoever comes brings what that takes.
  'man-down': 'Personal alarm, man down.',
  test: ALARM,
  assist: 'Assistance needed.',
  duress: 'Personal alarm, duress.',
}
const UNVERIFIED = 'Unverified.'
const ROOM_UNKNOWN = 'Room not known.'
const OUTSIDE = 'Outside the known rooms.'
/** Before the room that the wearer is signed in for, where nothing was heard that says where they are. */
const BOOKED = 'Room not known, but booked:'
/** Before the nearest room: whoever goes to look has to begin somewhere. */
const NEAREST = 'Outside the known rooms, nearest to'
const CLOSING = 'Press 1 to acknowledge.'

/** What a page about this incident says now. Unknown room never delays it: it is said to be unknown. */
export function sentence(
  plan: Plan,
  incident: Pick<Incident, 'kind' | 'wearer' | 'whereabouts' | 'isVerified'>,
): Sentence {
  const name = `${wearerName(plan, incident.wearer)}.`
  const first = OPENINGS[incident.kind]
  const opening = incident.isVerified ? [first] : [first, UNVERIFIED]
  const [shown, spoken] = whereSaid(plan, incident.whereabouts)
  return {
    said: [...opening, name, ...shown, CLOSING].join(' '),
    phrases: [...opening, name, ...spoken, CLOSING],
  }
}

/** The place as it is shown and as it is spoken. */
function whereSaid(plan: Plan, { room, runnerUp, isOutside, booked }: Whereabouts): [string[], string[]] {
  const nearest = isOutside === true ? runnerUp : null
  const isUnknown = room === null && isOutside !== true
  const place = plan.places.get(room ?? nearest ?? (isUnknown ? booked : undefined) ?? '')
  if (place === undefined) {
    const unknown = [isOutside === true ? OUTSIDE : ROOM_UNKNOWN]
    return [unknown, unknown]
  }
  const before = isOutside === true ? [NEAREST] : isUnknown ? [BOOKED] : []
  const { number } = place.room
  return [
    [...before, placeSaid(place, number)],
    [...before, placeSaid(place, digitByDigit(number))],
  ]
}

/** Every phrase that any page of this site can need, to be rendered before it is needed. */
export function allPhrases(plan: Plan): string[] {
  const names = plan.site.pendants.map(pendant => `${wearerName(plan, pendant.wearer)}.`)
  const places = [...plan.places.values()].map(place => placeSaid(place, digitByDigit(place.room.number)))
  return [
    ...new Set([
      ...Object.values(OPENINGS),
      UNVERIFIED,
      ROOM_UNKNOWN,
      OUTSIDE,
      NEAREST,
      BOOKED,
      CLOSING,
      ...names,
      ...places,
    ]),
  ]
}

/** The row that a due page becomes before it is a call. */
export function pageDue(
  plan: Plan,
  incident: Incident,
  due: DuePage,
): Extract<IncidentChange, { is: 'page-due' }> {
  const number = pageNumber(incident.pages.at(-1)) + 1
  const { target, ...rest } = due
  return {
    is: 'page-due',
    incident: incident.id,
    page: `${incident.id}-p${number}`,
    channel: target.channel,
    target: target.to,
    ...sentence(plan, incident),
    ...rest,
  }
}

/** A speech engine reads 214 as "two hundred and fourteen"; a room is looked for as "two one four". */
export const digitByDigit = (number: string): string => number.replace(/\d(?=\d)/g, '$& ')

const placeSaid = (place: Place, number: string): string => `${place.building}, room ${number}.`
