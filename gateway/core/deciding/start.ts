// In: that the gateway has just started, with the state rebuilt from the journal. Out: what goes on, what is over, and what is told anew.
import { deafKey, receiverKey } from '../hearing/receivers/receiver.ts'
import { type Incident, type IncidentChange, isLive, isOpen } from '../incident/incident.ts'
import { pageOrder } from '../incident/page.ts'
import { type Change, SYSTEM } from '../plan/change.ts'
import { isClockBehind } from '../state/clock.ts'
import { isAboutRows } from '../state/journal.ts'
import type { State } from '../state/state.ts'
import { type Decision, follow, merge, nothing } from './decision/decision.ts'
import { part } from './decision/part.ts'
import { decideWalkStart, isWalkKey } from './people/walk.ts'
import { cloneKey } from './radio/rival.ts'
import { isAuditKey } from './watching/audit.ts'
import { renewBeacons } from './watching/beacon-renewal.ts'
import { decideClockStart } from './watching/clock-step.ts'
import { decideKept } from './watching/disk.ts'
import { silentIn } from './watching/duty.ts'
import { pendantKey } from './watching/supervision.ts'

/** A new process: calls of the old one are gone, its unplaced pages are not, and the wearer is still to be told. */
export function decideStart(state: State, nowMs: number): Decision {
  const open = [...state.incidents.values()].filter(isOpen)
  const gone = [...state.technical.keys()].filter(key => !survivesRestart(state, key))
  const mended = gone.map((key): Change => ({ is: 'technical-mended', key, isLetGo: true }))
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
  const unplaced = live.filter(page => page.sentAtMs === undefined && incident.state === 'raised')
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
  return {
    ...decision,
    pages: [...unplaced.map(page => pageOrder(state.plan, incident, page)), ...decision.pages],
  }
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
