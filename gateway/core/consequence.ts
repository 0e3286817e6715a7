// In: an incident and what is about to change in it. Out: those changes and all that follows from them:
// pages due, pages no longer needed, what the wearer is told, and the loud alarm when nobody answers.
import { TOLD_COMING, TOLD_HEARD, TOLD_RESOLVED, TOLD_STORED } from '../../schemas/frame.ts'
import type { PageOrder, ToldOrder } from '../ports.ts'
import { sealBeacon } from './beacon.ts'
import type { Change } from './change.ts'
import { escalate } from './escalation.ts'
import { advance, type Incident, type IncidentChange, isLive, type Page, pageNumber } from './incident.ts'
import { pageDue } from './page.ts'
import { hearing, type Plan, wearerName } from './plan.ts'

export type Consequences = {
  changes: Change[]
  pages: PageOrder[]
  withdrawn: string[]
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
  nowMs: number
  by: string
}

/** Receivers stop a beacon by themselves after so long; open ones are renewed well before. */
const TOLD_FOR_MS = 600_000
/** Long enough for a pendant that scans now and then to hear that it is over. */
const TOLD_RESOLVED_FOR_MS = 120_000
const KEY_ACKNOWLEDGES = '1'

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
  return {
    changes: [...changes, ...told.changes, ...paged.changes],
    pages: paged.pages,
    withdrawn: incident.pages.filter(page => isNotNeeded(incident, page)).map(page => page.id),
    told: told.orders,
  }
}

/** What the wearer is being told about this incident, ready to broadcast; null before anything was. */
export function toldOrder(plan: Plan, incident: Incident): Told | null {
  const pendant = hearing(plan, incident.pendant)
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
  return { changes, pages: [], withdrawn: [], told: orders }
}

export const pageOrder = (incident: string, page: Page): PageOrder => ({
  page: page.id,
  incident,
  channel: page.channel,
  target: page.target,
  phrases: page.phrases,
  ringMs: page.ringMs,
  talkMs: page.talkMs,
})

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
  if (hearing(so.plan, incident.pendant) === null) return { changes: [], orders: [] }
  const change: IncidentChange = {
    is: 'told',
    incident: incident.id,
    pendant: incident.pendant,
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
  const policy = so.plan.policies.get(incident.policy) ?? so.plan.policies.get(so.plan.site.policy)
  if (policy === undefined)
    throw new Error(`a site without its own policy ${so.plan.site.policy}: the site check let it through`)
  const { due, isUnanswered } = escalate(incident, policy, so.nowMs)
  const changes: Change[] = []
  const pages: PageOrder[] = []
  let paged = incident
  for (const each of due) {
    const change = pageDue(so.plan, paged, each)
    paged = advance(paged, change, so.nowMs, so.by)
    changes.push(change)
    pages.push(pageOrder(incident.id, paged.pages.at(-1) as Page))
  }
  if (isUnanswered && !so.technical.has(key)) changes.push(unanswered(so.plan, incident, policy.rounds))
  return { changes, pages }
}

function unanswered(plan: Plan, incident: Incident, rounds: number): Change {
  const text = `Nobody has answered ${incident.id} (${wearerName(plan, incident.wearer)}) after ${rounds} rounds of pages: go there, and telephone by hand`
  return { is: 'technical-raised', key: unansweredKey(incident.id), text }
}

/**
 * A page that was just answered with the key ends by itself, after saying thank you. While nobody has the incident only
 * the calls of a ladder that was begun anew are not needed: they say less than there is to say, but one that somebody is
 * listening to is not cut.
 */
const isNotNeeded = (incident: Incident, page: Page): boolean => {
  if (!isLive(page) || page.key === KEY_ACKNOWLEDGES) return false
  if (incident.state !== 'raised') return true
  return pageNumber(page) <= incident.pagesBefore && page.answeredAtMs === undefined
}

export const acknowledges = (key: string): boolean => key === KEY_ACKNOWLEDGES
