// In: the time, or that the gateway has just started. Out: what falls due now: pages, silent receivers, beacons to renew.
import { armedChanges, armedNow } from './armed.ts'
import { auditsOver, decideAudit, isAuditKey } from './audit.ts'
import type { Change } from './change.ts'
import { decideClockStart, decideClockTick, isClockBehind } from './clock-step.ts'
import { pageOrder, toldOrder } from './consequence.ts'
import { type Decision, follow, merge, nothing, SYSTEM } from './decision.ts'
import { decideKept } from './disk.ts'
import { dutyChanges, dutyNow, SILENT_TOGETHER, silentIn } from './duty.ts'
import { deafChanges, hearingNow } from './ears.ts'
import { escalate } from './escalation.ts'
import { decideTests } from './event.ts'
import { garbledNoMore } from './garbled.ts'
import { advance, type Incident, type IncidentChange, isLive, isOpen } from './incident.ts'
import { isAboutRows } from './journal-row.ts'
import { decideLocating } from './locating-fault.ts'
import { isOvertaken } from './overtaken.ts'
import { part } from './part.ts'
import { cloneKey, rivalsGone } from './rival.ts'
import { summedUp } from './security.ts'
import { decideSessionTick } from './session.ts'
import type { State } from './state.ts'
import { deafKey, pendantKey, receiverKey, silentReceivers } from './supervision.ts'
import { decideWalkStart, decideWalkTick, isWalkKey } from './walk.ts'

/** Half of how long receivers keep a beacon by themselves. */
const BEACON_RENEWAL_MS = 300_000

/** Each incident and each watch by itself: a fault in one keeps nothing of the others. */
export function decideTick(state: State, nowMs: number): Decision {
  const raised = [...state.incidents.values()].filter(incident => incident.state === 'raised')
  const watches: [what: string, decides: () => Decision][] = [
    ['the audit', () => ({ ...nothing(), changes: auditsOver(state) })],
    ['the clock', () => decideClockTick(state, nowMs)],
    ['tests', () => decideTests(state, nowMs)],
    ['receivers', () => decideSilent(state, nowMs)],
    ['what cannot be read', () => ({ ...nothing(), changes: garbledNoMore(state, nowMs) })],
    ['copies', () => ({ ...nothing(), changes: rivalsGone(state, nowMs) })],
    ['security', () => ({ ...nothing(), ...summedUp(state, nowMs) })],
    ['being armed', () => decideArmed(state, nowMs)],
    ['who is on duty', () => decideDuty(state, nowMs)],
    ['beacons', () => decideRenewal(state, nowMs)],
    ['locating', () => decideLocating(state, nowMs)],
    ['walk tests', () => decideWalkTick(state, nowMs)],
    ['sessions', () => decideSessionTick(state, nowMs)],
  ]
  return merge([
    ...raised.map(incident => escalated(state, incident, nowMs)),
    ...watches.map(([what, decides]) => part(state, what, decides)),
  ])
}

/** What the ladder does with one incident, and what the auditor finds after that. */
function escalated(state: State, incident: Incident, nowMs: number): Decision {
  const ladder = part(state, incident.id, () => follow(state, incident, [], nowMs, SYSTEM))
  const after = ladder.changes.reduce(
    (each, change) => (isOf(incident, change) ? advance(each, change, nowMs, SYSTEM) : each),
    incident,
  )
  const found = part(state, `the audit of ${incident.id}`, () =>
    decideAudit(state, after, nextAtMs(state, after, nowMs), nowMs),
  )
  return merge([ladder, found])
}

const isOf = (incident: Incident, change: Change): change is IncidentChange =>
  'incident' in change && change.incident === incident.id

/** When the ladder says that the next page falls due; null too where it can't be asked. */
function nextAtMs({ plan }: State, incident: Incident, nowMs: number): number | null {
  const policy = plan.policies.get(incident.policy) ?? plan.policies.get(plan.site.policy)
  try {
    return policy === undefined ? null : escalate(incident, policy, nowMs).nextAtMs
  } catch {
    return null
  }
}

function decideSilent(state: State, nowMs: number): Decision {
  return { ...nothing(), changes: silentReceivers(state, state.plan.receivers.keys(), nowMs) }
}

function decideRenewal(state: State, nowMs: number): Decision {
  return nowMs - state.beaconsRenewedAtMs >= BEACON_RENEWAL_MS ? renewBeacons(state, nowMs) : nothing()
}

function decideArmed(state: State, nowMs: number): Decision {
  const hearing = hearingNow(state, nowMs)
  const armed = armedNow(state.armed, state.plan, state.reach, hearing, nowMs)
  const changes = [
    ...deafChanges(state, hearing, nowMs),
    ...armedChanges(state.technical, state.plan, armed, nowMs),
  ]
  return { ...nothing(), changes, observations: armed === state.armed ? [] : [{ is: 'armed', armed }] }
}

/** Pendants of people who are signed in: said on the desk at each change, and written down where one is silent. */
function decideDuty(state: State, nowMs: number): Decision {
  if (state.sessions.size === 0 && !isAnySilenceSaid(state)) return nothing()
  const changes = dutyChanges(state, nowMs)
  const duty = dutyNow(state, nowMs)
  const isSame = duty.size === state.duty.size && [...duty].every(([id, so]) => state.duty.get(id) === so)
  return { ...nothing(), changes, observations: isSame ? [] : [{ is: 'duty', duty }] }
}

const isAnySilenceSaid = ({ technical, duty }: State): boolean =>
  duty.size > 0 || technical.has(SILENT_TOGETHER) || [...technical.keys()].some(key => silentIn(key) !== null)

/** A new process: calls of the old one are gone, its unplaced pages are not, and the wearer is still to be told. */
export function decideStart(state: State, nowMs: number): Decision {
  const open = [...state.incidents.values()].filter(isOpen)
  const gone = [...state.technical.keys()].filter(key => !survivesRestart(state, key))
  const mended = gone.map((key): Change => ({ is: 'technical-mended', key }))
  const resumed = open.map(incident => part(state, incident.id, () => resume(state, incident, nowMs)))
  return merge([
    { ...nothing(), changes: mended },
    part(state, 'the clock', () => decideClockStart(state)),
    ...resumed,
    part(state, 'beacons', () => renewBeacons(state, nowMs)),
    part(state, 'what was not on disk', () => decideKept(state, nowMs)),
    part(state, 'walk tests', () => decideWalkStart(state)),
  ])
}

function resume(state: State, incident: Incident, nowMs: number): Decision {
  const live = incident.pages.filter(isLive)
  const unplaced = live.filter(page => page.invitedAtMs === undefined && incident.state === 'raised')
  const interrupted = live.filter(page => !unplaced.includes(page))
  const changes: IncidentChange[] = interrupted.map(
    (page): IncidentChange => ({
      is: 'page-ended',
      incident: incident.id,
      page: page.id,
      outcome: 'interrupted',
      detail: 'the gateway was restarted during the call',
      atMs: nowMs,
    }),
  )
  // For how long nobody was called is not known: long enough.
  if (isClockBehind(state) && incident.state === 'raised')
    changes.push({ is: 'hurried', incident: incident.id })
  const decision = follow(state, incident, changes, nowMs, SYSTEM)
  return { ...decision, pages: [...unplaced.map(page => pageOrder(incident.id, page)), ...decision.pages] }
}

/** Faults of the rim are told anew by the rim; what is about an incident, a receiver or a pendant of this site stays. */
const survivesRestart = (state: State, key: string): boolean =>
  key.startsWith('unanswered:') ||
  isAuditKey(key) ||
  isAboutRows(key) ||
  isWalkKey(key) ||
  [...state.plan.receivers.keys()].some(id => receiverKey(id) === key || deafKey(id) === key) ||
  [...state.sessions.values()].some(({ pendant }) => pendant === silentIn(key)) ||
  [...state.plan.pendants.keys()].some(id => pendantKey(id) === key || cloneKey(id) === key)

function renewBeacons(state: State, nowMs: number): Decision {
  const open = [...state.incidents.values()].filter(
    each => isOpen(each) && !isOvertaken(state.incidents, each),
  )
  const told = open.flatMap(incident => toldOrder(state.plan, incident) ?? [])
  return { ...nothing(), told, observations: [{ is: 'beacons-renewed', atMs: nowMs }] }
}
