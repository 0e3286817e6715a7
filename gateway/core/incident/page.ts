// In: an incident and the plan. Out: the sentence of a page, as it is shown and as it is spoken; and what is new since one.
// "Personal alarm. <name>. <building>, room <n>." — name, building and room are in the first sentence there is. What is
// no attack ("Assistance needed."), a fall ("Personal alarm, man down.") and what is worse ("Personal alarm, duress.") is
// said before anything else, but for a room that has changed ("Now: …"): whoever is on the way has to turn.
import type { Kind } from '../../../schemas/api/desk.ts'
import type { PageSays } from '../plan/change.ts'
import { type Plan, wearerName } from '../plan/plan.ts'
import type { DuePage } from './escalation.ts'
import { type Incident, type IncidentChange, isGraver, pageNumber } from './incident.ts'
import {
  aboutParts,
  alike,
  allPlaceParts,
  isElsewhere,
  notePart,
  type Part,
  placeParts,
  sentTo,
} from './place.ts'
import { REPLY_PHRASES } from './reply.ts'
import { spokenName } from './spoken.ts'

export type Sentence = { said: string; phrases: string[] }
/** What of an incident a page speaks of. */
export type Subject = Pick<Incident, 'kind' | 'wearer' | 'whereabouts' | 'isVerified'> & {
  sessionNote?: string | null
  suspect?: Incident['suspect']
}

const ALARM = alike('Personal alarm.')
const OPENINGS: Readonly<Record<Kind, Part>> = {
  cord: ALARM,
  button: ALARM,
  // Who is found on the floor may need more than company: whoever comes brings what that takes.
  'man-down': alike('Personal alarm, man down.'),
  test: ALARM,
  assist: alike('Assistance needed.'),
  duress: alike('Personal alarm, duress.'),
}
const UNVERIFIED = alike('Unverified.')
/** It may be an old alarm played again, or of a copy of the pendant. */
const SUSPECT = alike('Suspect, check.')
const NOW = alike('Now:')
const SESSION_NOTE = alike('The wearer’s note:')
export const CLOSING = alike('Press 1 if you have it, 2 if you are on your way.')

/**
 * What a page about this incident says now. Unknown room never delays it: it is said to be unknown. `before` is what the
 * last page to the same telephone said (`Page.says`): a room that is another by now comes first.
 */
export function sentence(plan: Plan, incident: Subject, before?: PageSays): Sentence {
  const says = saysOf(plan, incident)
  const place = placeParts(plan, says)
  const opening = [
    OPENINGS[incident.kind],
    ...(incident.isVerified ? [] : [UNVERIFIED]),
    ...(incident.suspect ? [SUSPECT] : []),
    namePart(plan, incident.wearer),
  ]
  const hasMoved = before !== undefined && isElsewhere(before, says) && !isGraver(says.kind, before.kind)
  const first = hasMoved ? [NOW, ...place, ...opening] : [...opening, ...place]
  return joined([...first, ...aboutParts(plan, says), ...sessionNoteParts(incident), CLOSING])
}

/**
 * What is new of an incident for whoever is listening to a page that said `before` (`Page.says`, or `saysOf` the incident
 * as it was); null where nothing is that a responder acts on: a confidence, a runner-up, the same room said again.
 */
export function newsSentence(plan: Plan, before: PageSays | undefined, incident: Subject): Sentence | null {
  if (before === undefined) return null
  const says = saysOf(plan, incident)
  const worse = isGraver(says.kind, before.kind) ? [OPENINGS[says.kind], namePart(plan, incident.wearer)] : []
  const moved = isElsewhere(before, says) ? [NOW, ...placeParts(plan, says), ...aboutParts(plan, says)] : []
  const note = says.hasNote === true && before.hasNote !== true ? sessionNoteParts(incident) : []
  const news = [...worse, ...moved, ...note]
  return news.length === 0 ? null : joined([...news, CLOSING])
}

/** What a page about this incident says now, as values that are compared and kept with the page. */
export function saysOf(
  plan: Plan,
  { kind, whereabouts, sessionNote }: Omit<Subject, 'wearer' | 'isVerified'>,
): PageSays {
  const hasNote = sessionNote !== null && sessionNote !== undefined
  return { kind, ...sentTo(plan, whereabouts), ...(hasNote ? { hasNote } : {}) }
}

/** Every phrase that any page of this site can need but sessions' notes, to be rendered before it is needed. */
export function allPhrases(plan: Plan): string[] {
  const names = plan.site.pendants.map(pendant => namePart(plan, pendant.wearer))
  const parts = [
    ...Object.values(OPENINGS),
    UNVERIFIED,
    SUSPECT,
    NOW,
    CLOSING,
    ...names,
    ...allPlaceParts(plan),
  ]
  return [...new Set([...parts.map(({ spoken }) => spoken), ...REPLY_PHRASES])]
}

/** What a page says of a session's note: rendered when the session begins. */
export const sessionNotePhrases = (note: string | null): string[] =>
  sessionNoteParts({ sessionNote: note }).map(({ spoken }) => spoken)

/** The row that a due page becomes before it is a call. */
export function pageDue(
  plan: Plan,
  incident: Incident,
  due: DuePage,
): Extract<IncidentChange, { is: 'page-due' }> {
  const number = pageNumber(incident.pages.at(-1)) + 1
  const { target, ...rest } = due
  const last = incident.pages.findLast(page => page.channel === target.channel && page.target === target.to)
  return {
    is: 'page-due',
    incident: incident.id,
    page: `${incident.id}-p${number}`,
    channel: target.channel,
    target: target.to,
    ...sentence(plan, incident, last?.began ?? last?.says),
    says: saysOf(plan, incident),
    ...rest,
  }
}

const joined = (parts: readonly Part[]): Sentence => ({
  said: parts.map(({ shown }) => shown).join(' '),
  phrases: parts.map(({ spoken }) => spoken),
})

function namePart(plan: Plan, wearer: string): Part {
  const name = wearerName(plan, wearer)
  return { shown: `${name}.`, spoken: `${spokenName(name)}.` }
}

const sessionNoteParts = ({ sessionNote }: Pick<Subject, 'sessionNote'>): Part[] =>
  sessionNote === null || sessionNote === undefined ? [] : [notePart(SESSION_NOTE, sessionNote)]
