// In: the state. Out: what the desk is shown of it, in the shapes of schemas/api.
import type {
  DeskSnapshot,
  IncidentView,
  LiveEvent,
  PageView,
  WearerTold,
} from '../../../schemas/api/desk.ts'
import {
  TOLD_ACKNOWLEDGED,
  TOLD_COMING,
  TOLD_HEARD,
  TOLD_RESOLVED,
  TOLD_STORED,
} from '../../../schemas/frame.ts'
import type { JournalEntry } from '../../ports.ts'
import { escalate } from '../incident/escalation.ts'
import { type Incident, isCancelled, nameIn, type Page } from '../incident/incident.ts'
import { isGivenAway } from '../incident/overtaken.ts'
import { hasMoved, isRoomDoubtful, roomOf } from '../incident/place.ts'
import { policyOf } from '../incident/policy.ts'
import { SUSPICION_WORDS } from '../incident/story.ts'
import { doorWords, hearing, listedAt, nameBeside, type Plan, placeOf } from '../plan/plan.ts'
import type { State } from '../state/state.ts'
import { armedView, technicalView } from './health-view.ts'
import { sessionsView } from './session-view.ts'
import { walksView } from './walk-view.ts'

export function snapshotView(state: State, nowMs: number): DeskSnapshot {
  return {
    seq: state.seq,
    site: state.plan.site.site,
    nowMs,
    incidents: [...state.incidents.values()].map(incident => incidentView(state.plan, incident, nowMs)),
    technical: technicalView(state),
    mended: [...state.mended],
    armed: armedView(state.plan, state.armed),
    security: [...state.security],
    tests: [...state.tests],
    sessions: sessionsView(state, nowMs),
    receivers: receiversView(state),
    ...(state.siteChanged === null ? {} : { siteChanged: state.siteChanged }),
  }
}

export function incidentView(plan: Plan, incident: Incident, nowMs: number): IncidentView {
  const { room } = incident.whereabouts
  const place = room === null ? undefined : placeOf(plan, room)
  const known = room === null ? undefined : roomOf(plan, room, incident.knownRooms)
  return {
    id: incident.id,
    state: incident.state,
    kind: incident.kind,
    pendant: incident.pendant,
    ...(incident.source !== null && { source: incident.source }),
    wearer: nameIn(plan, incident),
    verified: incident.isVerified,
    building: known?.building ?? null,
    floor: place?.floor ?? known?.floor ?? null,
    roomNumber: known?.number ?? null,
    roomName: place === undefined ? null : nameBeside(place.room),
    roomNote: place?.room.note ?? known?.note ?? null,
    whereabouts: incident.whereabouts,
    runnerUpRoom: doorWords(plan, incident.whereabouts.runnerUp),
    bookedRoom: doorWords(plan, incident.whereabouts.booked ?? null),
    isRoomDoubtful: isRoomDoubtful(incident.whereabouts),
    ...(hasMoved(plan, incident) && { movedFrom: doorWords(plan, incident.takenAt?.room ?? null) }),
    sessionNote: incident.sessionNote,
    ...(incident.suspect !== null && { suspicion: SUSPICION_WORDS[incident.suspect] }),
    raisedAtMs: incident.raisedAtMs,
    presses: incident.presses,
    pages: incident.pages.map(page => pageView(plan, page)),
    acknowledged: incident.acknowledged,
    attended: incident.attended,
    resolved: incident.resolved,
    nextPageAtMs: nextPageAtMs(plan, incident, nowMs),
    lines: incident.lines.map((line, i) => ({ seq: i + 1, ...line })),
    wearerTold: wearerTold(plan, incident),
    ...cancelView(incident),
  }
}

const TOLD: Readonly<Record<number, WearerTold>> = {
  [TOLD_HEARD]: 'heard',
  [TOLD_STORED]: 'stored',
  [TOLD_ACKNOWLEDGED]: 'acknowledged',
  [TOLD_COMING]: 'coming',
  [TOLD_RESOLVED]: 'resolved',
}

function wearerTold(plan: Plan, { pendant, wearer, told, isPendantIdle }: Incident): WearerTold {
  if (pendant === null) return 'no-pendant'
  if (plan.pendants.has(pendant) && hearing(plan, pendant) === null) return 'cannot'
  if (isGivenAway(plan, { pendant, wearer })) return 'nothing'
  if (isPendantIdle) return 'ended'
  return told === null ? 'nothing' : (TOLD[told.told] ?? 'nothing')
}

function cancelView(incident: Incident) {
  const { cancelledAtMs } = incident
  return isCancelled(incident) && cancelledAtMs !== null ? { wearerCancelledAtMs: cancelledAtMs } : {}
}

export function receiversView(state: State): DeskSnapshot['receivers'] {
  return [...state.plan.receivers.values()].map(({ id, room }) => {
    const receiver = state.receivers.get(id)
    const isOnline = receiver?.isOnline ?? false
    return { id, room: doorWords(state.plan, room) ?? room, isOnline, sinceMs: receiver?.sinceMs ?? null }
  })
}

/**
 * The live events of one commit, each numbered by its own newest row, so that a client that got only some of them
 * is sent the others when it comes back.
 */
export function liveEvents(state: State, entries: readonly JournalEntry[], nowMs: number): LiveEvent[] {
  const bySubject = new Map<string, LiveEvent>()
  for (const { seq, change } of entries) {
    if ('incident' in change) {
      const incident = state.incidents.get(change.incident)
      if (incident === undefined) continue
      const event: LiveEvent = { kind: 'incident', seq, incident: incidentView(state.plan, incident, nowMs) }
      bySubject.set(change.incident, event)
    } else if (change.is === 'security') {
      const event = state.security.find(each => each.seq === seq)
      if (event !== undefined) bySubject.set(`security ${seq}`, { kind: 'security', seq, event })
    } else if (change.is === 'tested') {
      const test = state.tests.find(each => each.seq === seq)
      if (test !== undefined) bySubject.set(`tested ${seq}`, { kind: 'tested', seq, test })
    } else if ('session' in change) {
      bySubject.set('sessions', { kind: 'sessions', seq, sessions: sessionsView(state, nowMs) })
    } else if (change.is === 'site-changed') {
      bySubject.set('site', { kind: 'snapshot', seq, snapshot: snapshotView(state, nowMs) })
    } else if (change.is.startsWith('walk-')) {
      bySubject.set('walks', { kind: 'walks', seq, walks: walksView(state, nowMs) })
    } else {
      const mended = state.mended.find(each => each.seq === seq)
      if (mended !== undefined) bySubject.set(`mended ${seq}`, { kind: 'mended', seq, mended })
      bySubject.set('technical', { kind: 'technical', seq, technical: technicalView(state) })
    }
  }
  return [...bySubject.values()].sort((a, b) => a.seq - b.seq)
}

function pageView(plan: Plan, page: Page): PageView {
  const { message, says, began, withinMs, news, sentAtMs, acceptedAtMs, reachedAtMs, ...shown } = page
  return {
    ...shown,
    targetName: listedAt(plan, page.channel, page.target)?.name ?? page.target,
    ...(sentAtMs === undefined ? {} : { invitedAtMs: sentAtMs }),
    ...(acceptedAtMs === undefined ? {} : { ringingAtMs: acceptedAtMs }),
    ...(reachedAtMs === undefined ? {} : { answeredAtMs: reachedAtMs }),
  }
}

function nextPageAtMs(plan: Plan, incident: Incident, nowMs: number): number | null {
  const policy = policyOf(plan, incident)
  return policy === undefined ? null : escalate(incident, policy, nowMs).nextAtMs
}
