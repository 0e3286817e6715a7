// In: an incident and what is about to change in it. Out: those changes and all that follows from them:
// pages due, pages no longer needed, what a page under way tells now, what the wearer is told, and the loud alarm when nobody
// answers.
import {
  TOLD_ACKNOWLEDGED,
  TOLD_COMING,
  TOLD_HEARD,
  TOLD_RESOLVED,
  TOLD_STORED,
} from '../../../schemas/frame.ts'
import type { PageOrder, ReplyOrder, ToldOrder } from '../../ports.ts'
import type { Change } from '../plan/change.ts'
import type { Message, Tells } from '../plan/message.ts'
import { hearing, type Plan } from '../plan/plan.ts'
import { advance } from './advance.ts'
import { sealBeacon } from './beacon.ts'
import { escalate } from './escalation.ts'
import {
  hasHeard,
  type Incident,
  type IncidentChange,
  isLive,
  nameIn,
  newsOf,
  type Page,
  pageNumber,
} from './incident.ts'
import { lastBefore, messageOf, newSince } from './message.ts'
import { pageDue, pageOrder, writtenIn } from './page.ts'
import { policyOf } from './policy.ts'
import { newsParts, WRITTEN } from './sentence.ts'

export type Consequences = {
  changes: Change[]
  pages: PageOrder[]
  withdrawn: string[]
  replies: ReplyOrder[]
  told: Told[]
}

/** An order with what it must not leave before: a counter that is reserved, and what it says being true. */
export type Told = ToldOrder & {
  beaconCounter: number
  /** It says that this is on disk; null where it says nothing of the kind. */
  vouchesFor: 'alarm' | 'test' | null
}

export type Circumstances = {
  plan: Plan
  technical: ReadonlyMap<string, unknown>
  /** The last beacon counter used for this pendant. */
  beaconCounter: number
  /** The pendant has another alarm since, or another wearer (overtaken.ts): of this one it is told no more. */
  isOvertaken: boolean
  nowMs: number
  by: string
}

/** Receivers stop a beacon by themselves after so long; open ones are renewed well before. */
const TOLD_FOR_MS = 600_000
/** Long enough for a pendant that scans now and then to hear that it is over. */
const TOLD_RESOLVED_FOR_MS = 120_000

/** Works out what follows when `changes` happen to `before`. */
export function consequences(
  before: Incident,
  changes: readonly IncidentChange[],
  so: Circumstances,
): Consequences {
  let incident = before
  for (const change of changes) incident = advance(incident, change, so.nowMs, so.by)
  const told = tellWearer(before, incident, so)
  const paged = pageOn(incident, so)
  const withdrawn = incident.pages.filter(page => isNotNeeded(before, incident, page))
  const listening = incident.pages.filter(page => isLive(page) && !withdrawn.includes(page))
  const news = listening.flatMap(page => newsIn(incident, page, changes, so.plan) ?? [])
  return {
    changes: [...changes, ...news.map(each => each.change), ...told.changes, ...paged.changes],
    pages: paged.pages,
    withdrawn: withdrawn.map(page => page.id),
    replies: [
      ...news.map(each => each.reply),
      ...listening.flatMap(page => overWith(before, incident, page)),
    ],
    told: told.orders,
  }
}

/** What the wearer is being told about this incident, ready to broadcast; null before anything was. */
export function toldOrder(plan: Plan, incident: Incident): Told | null {
  const pendant = incident.pendant === null ? null : hearing(plan, incident.pendant)
  if (pendant === null || incident.told === null) return null
  const { address, key } = pendant
  const { told, beaconCounter } = incident.told
  const { alarmNumber, counter: frameCounter } = incident
  return {
    pendant: pendant.id,
    data: sealBeacon({ address, key, told, alarmNumber, frameCounter, beaconCounter }),
    forMs: told === TOLD_RESOLVED ? TOLD_RESOLVED_FOR_MS : TOLD_FOR_MS,
    beaconCounter,
    vouchesFor: null,
  }
}

/** The wearer is told this much of an incident that nobody has yet: *heard* until it is on disk, *stored* then. */
export function tellRaised(incident: Incident, told: number, so: Circumstances): Consequences {
  const { changes, orders } = tellThat(incident, told, so)
  return { changes, pages: [], withdrawn: [], replies: [], told: orders }
}

export const unansweredKey = (incident: string): string => `unanswered:${incident}`

function tellWearer(
  before: Incident,
  incident: Incident,
  so: Circumstances,
): { changes: Change[]; orders: Told[] } {
  const told = whatToTell(incident)
  const isSameAlarm = before.alarmNumber === incident.alarmNumber
  if (isSameAlarm && isSaid(incident, told)) return { changes: [], orders: [] }
  return tellThat(incident, told, so)
}

/** One that is only *heard* is *stored* when the disk says so, not because time goes by. */
const isSaid = ({ told: said }: Incident, told: number): boolean =>
  said?.told === told || (said?.told === TOLD_HEARD && told === TOLD_STORED)

function tellThat(
  incident: Incident,
  told: number,
  so: Circumstances,
): { changes: Change[]; orders: Told[] } {
  const { pendant } = incident
  if (so.isOvertaken || pendant === null || hearing(so.plan, pendant) === null)
    return { changes: [], orders: [] }
  const change: IncidentChange = {
    is: 'told',
    incident: incident.id,
    pendant,
    told,
    beaconCounter: so.beaconCounter + 1,
  }
  const order = toldOrder(so.plan, advance(incident, change, so.nowMs, so.by))
  const vouchesFor = told === TOLD_STORED ? 'alarm' : null
  return { changes: [change], orders: order === null ? [] : [{ ...order, vouchesFor }] }
}

function whatToTell(incident: Incident): number {
  switch (incident.state) {
    case 'raised':
      return TOLD_STORED
    case 'acknowledged':
      return TOLD_ACKNOWLEDGED
    case 'attended':
      return TOLD_COMING
    case 'resolved':
      return TOLD_RESOLVED
    default:
      return incident.state satisfies never
  }
}

function pageOn(incident: Incident, so: Circumstances): { changes: Change[]; pages: PageOrder[] } {
  const key = unansweredKey(incident.id)
  if (incident.state !== 'raised') {
    return { changes: so.technical.has(key) ? [{ is: 'technical-mended', key }] : [], pages: [] }
  }
  const policy = policyOf(so.plan, incident)
  if (policy === undefined) throw new Error('a site without a policy: the site check let it through')
  const { due, isUnanswered } = escalate(incident, policy, so.nowMs)
  const changes: Change[] = []
  const pages: PageOrder[] = []
  let paged = incident
  for (const each of due) {
    const change = pageDue(so.plan, paged, each)
    paged = advance(paged, change, so.nowMs, so.by)
    changes.push(change)
    pages.push(pageOrder(so.plan, paged, paged.pages.at(-1) as Page))
  }
  if (isUnanswered && !so.technical.has(key)) changes.push(unanswered(so.plan, incident, policy.rounds))
  return { changes, pages }
}

function unanswered(plan: Plan, incident: Incident, rounds: number): Change {
  const text = `Nobody has answered the alarm of ${nameIn(plan, incident)} (${incident.id}) after ${rounds} rounds of pages: go there, and telephone by hand`
  return { is: 'technical-raised', key: unansweredKey(incident.id), text }
}

/**
 * A page that has reached nobody yet is not needed once a human has the incident, and neither is one of a ladder that was
 * begun anew: it says less than there is to say. Where somebody is listening it is never cut, but told (below); only one that
 * is answered when all is over already is, since it was to be withdrawn and crossed that.
 */
function isNotNeeded(before: Incident, incident: Incident, page: Page): boolean {
  if (!isLive(page)) return false
  const wasListening = before.pages.some(each => each.id === page.id && each.reachedAtMs !== undefined)
  if (incident.state !== 'raised') return !wasListening
  return pageNumber(page) <= incident.pagesBefore && page.reachedAtMs === undefined
}

/** Whoever is in a call about an incident that somebody else took just now is told so, and the call ends with it. */
function overWith(before: Incident, incident: Incident, page: Page): ReplyOrder[] {
  if (before.state !== 'raised' || incident.state === 'raised') return []
  return [takenReply(incident, page)]
}

/** That somebody else has it: the page is over with that. */
export const takenReply = (incident: Incident, page: Page): ReplyOrder => ({
  page: page.id,
  is: 'taken',
  tells: tellsOf(incident),
  message: null,
  isLast: true,
  news: null,
})

/** What a reply tells where nothing is new but what has become of the incident. */
export const tellsOf = ({ state }: Incident): Tells => ({
  worse: null,
  isGivenBack: false,
  isPressedAgain: false,
  isElsewhere: false,
  isNoteNew: false,
  state,
})

type News = { change: Extract<IncidentChange, { is: 'page-news' }>; reply: ReplyOrder }

/** What a page under way has to tell that it does not tell yet; one that has reached nobody begins with it. Null where there is nothing. */
function newsIn(incident: Incident, page: Page, changes: readonly IncidentChange[], plan: Plan): News | null {
  if (incident.state !== 'raised') return null
  const message = messageOf(plan, incident)
  const fresh = newSince(page.says, message, page.message)
  const isFresh = fresh.isElsewhere || fresh.isNoteNew
  const about = { plan, incident, page }
  if (page.reachedAtMs === undefined) return isFresh ? begunWith(about) : null
  const isPressedAgain = changes.some(({ is }) => is === 'pressed-again' || is === 'raised-again')
  const isGivenBack = changes.some(change => change.is === 'released')
  const hasWorsened = isGivenBack || changes.some(change => change.is === 'worsened')
  const isOwed = !hasHeard(incident, page)
  const isGiven = newsOf(incident, page.id).worse > 0
  // What it has not told yet of how grave it is, is not lost to what is newer.
  const isNews = isFresh || isPressedAgain
  if (hasWorsened || (isOwed && (isNews || !isGiven)))
    return tellNews(
      about,
      'worse',
      { ...tellsOf(incident), ...fresh, isGivenBack, worse: isGivenBack ? null : incident.kind },
      message,
    )
  return isNews ? tellNews(about, 'news', { ...tellsOf(incident), ...fresh, isPressedAgain }, message) : null
}

type About = { plan: Plan; incident: Incident; page: Page }

/** Nobody was told anything yet: it says first what is new since the page before it. */
const begunWith = (about: About): News =>
  tellNews(
    about,
    'news',
    tellsOf(about.incident),
    messageOf(about.plan, about.incident, lastBefore(about.incident, about.page)?.says),
  )

/** The row and the order by which this page tells what is new, and then the message as it is now. */
function tellNews(
  { plan, incident, page }: About,
  why: 'worse' | 'news',
  tells: Tells,
  message: Message,
): News {
  const news = newsOf(incident, page.id).given + 1
  const words = newsParts(tells, message, WRITTEN)
  const said = writtenIn(plan, page.channel, message)
  const about = { incident: incident.id, page: page.id }
  return {
    change: { is: 'page-news', ...about, news, why, words, said, message },
    reply: { page: page.id, is: why, tells, message, isLast: false, news },
  }
}
