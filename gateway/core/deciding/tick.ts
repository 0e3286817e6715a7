// In: the time. Out: what falls due now: pages, silent receivers, beacons to renew.
import { deafChanges, hearingNow } from '../hearing/receivers/ears.ts'
import { advance } from '../incident/advance.ts'
import { escalate } from '../incident/escalation.ts'
import type { Incident, IncidentChange } from '../incident/incident.ts'
import { policyOf } from '../incident/policy.ts'
import { type Change, SYSTEM } from '../plan/change.ts'
import type { State } from '../state/state.ts'
import { type Decision, follow, merge, nothing } from './decision/decision.ts'
import { part } from './decision/part.ts'
import { decideSessionTick } from './people/session.ts'
import { decideWalkTick } from './people/walk.ts'
import { decideTests } from './radio/pendant-event.ts'
import { rivalsGone } from './radio/rival.ts'
import { armedChanges, armedNow } from './watching/armed.ts'
import { auditsOver, decideAudit } from './watching/audit.ts'
import { decideRenewal } from './watching/beacon-renewal.ts'
import { decideClockTick } from './watching/clock-step.ts'
import { dutyChanges, dutyNow, SILENT_TOGETHER, silentIn } from './watching/duty.ts'
import { garbledNoMore } from './watching/garbled.ts'
import { decideLocating } from './watching/locating-fault.ts'
import { summedUp } from './watching/security.ts'
import { silentReceivers } from './watching/supervision.ts'

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
  const policy = policyOf(plan, incident)
  try {
    return policy === undefined ? null : escalate(incident, policy, nowMs).nextAtMs
  } catch {
    return null
  }
}

function decideSilent(state: State, nowMs: number): Decision {
  return { ...nothing(), changes: silentReceivers(state, state.plan.receivers.keys(), nowMs) }
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
