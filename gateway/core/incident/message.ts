// In: an incident and the plan. Out: what a page about it tells, as facts (plan/message.ts), and what of that is new.
import type { PageSays } from '../plan/change.ts'
import type { Message, MessageRoom, Tells } from '../plan/message.ts'
import type { Plan } from '../plan/plan.ts'
import { type Incident, isGraver, nameIn, type Page } from './incident.ts'
import { isElsewhere, sentTo } from './place.ts'

/** What of an incident a page tells of. */
export type Subject = Pick<Incident, 'kind' | 'wearer' | 'whereabouts' | 'isVerified'> & {
  knownAs?: string | null
  knownRooms?: readonly MessageRoom[]
  sessionNote?: string | null
  source?: Incident['source']
  suspect?: Incident['suspect']
}

/**
 * What a page about this incident tells now. An unknown room never delays it. `before` is what the last page to the same
 * target told (`Page.says`): another place than that is said first, unless the incident has grown graver meanwhile.
 */
export function messageOf(plan: Plan, incident: Subject, before?: PageSays): Message {
  const { kind, isVerified, sessionNote, knownRooms } = incident
  const sent = sentTo(plan, incident.whereabouts, knownRooms)
  return {
    kind,
    isVerified,
    isSuspect: Boolean(incident.suspect),
    wearer: nameIn(plan, incident),
    where: sent.where,
    rooms: sent.places,
    note: sessionNote ?? null,
    ...(typeof sessionNote === 'string' && incident.source ? { isNoteOfSource: true } : {}),
    isMoved: before !== undefined && isElsewhere(before, sent) && !isGraver(kind, before.kind),
  }
}

/** What a page with this message told, as values that the next one is compared with. */
export const saysOf = ({ kind, where, rooms, note }: Message): PageSays => ({
  kind,
  where,
  rooms: rooms.map(({ id }) => id),
  ...(note === null ? {} : { hasNote: true }),
})

/**
 * What of this message is new for whoever has a page that told `before`, and of which `told` is the message where it has one: a place or a note that a responder acts on, and no
 * confidence, no runner-up, no room said again. Of a page that does not say what it told, nothing is known to be new.
 */
export function newSince(
  before: PageSays | undefined,
  message: Message,
  told?: Message,
): Pick<Tells, 'isElsewhere' | 'isNoteNew'> {
  if (before === undefined) return { isElsewhere: false, isNoteNew: false }
  const says = saysOf(message)
  return {
    isElsewhere: isElsewhere(before, says),
    isNoteNew: says.hasNote === true && (before.hasNote !== true || (told ?? message).note !== message.note),
  }
}

/** The message of a page; a page whose row has none is given what there is to tell of its incident now. */
export function messageOfPage(plan: Plan, incident: Incident, page: Page): Message {
  if (page.message !== undefined) return page.message
  const last = lastBefore(incident, page)
  return messageOf(plan, incident, last?.began ?? last?.says)
}

/** The page before this one to the same target: what somebody there was told. */
export const lastBefore = ({ pages }: Incident, page: Page): Page | undefined =>
  pages
    .slice(0, pages.indexOf(page))
    .findLast(each => each.channel === page.channel && each.target === page.target)
