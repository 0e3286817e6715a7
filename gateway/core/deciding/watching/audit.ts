// In: an incident that nobody has, and when its next page is said to fall due. Out: whether somebody is being called or will
// be in the time that its policy allows; where not, a page now and a loud alarm. It stands apart from the ladder: nothing is
// worked out as escalation.ts does it, so that a mistake there is found here.

import type { Policy } from '../../../../schemas/site/paging.ts'
import type { PageOrder } from '../../../ports.ts'
import { advance } from '../../incident/advance.ts'
import { type Target, withinOf } from '../../incident/escalation.ts'
import {
  type Incident,
  type IncidentChange,
  isLive,
  nameIn,
  type Page,
  pageNumber,
} from '../../incident/incident.ts'
import { pageDue, pageOrder } from '../../incident/page.ts'
import { policyOf } from '../../incident/policy.ts'
import { type Change, SYSTEM } from '../../plan/change.ts'
import type { Plan } from '../../plan/plan.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'

/** What a page may take besides reaching somebody and hearing from them: dialling, speech that is not rendered yet, hanging up. */
const CALL_MARGIN_MS = 30_000
/** The ladder is looked at each 250 ms; a gateway that is busy may be late. */
const LOOK_MARGIN_MS = 5_000
const PREFIX = 'audit:'

export const auditKey = (incident: string): string => `${PREFIX}${incident}`
export const isAuditKey = (key: string): boolean => key.startsWith(PREFIX)

/** What is wrong with an incident: calls of which nothing is heard, and whether nobody is being called in time. */
export type Finding = { hung: readonly Page[]; isStill: boolean }

/**
 * Looks at one incident after the ladder has. `nextAtMs` is what the ladder says of its next page; null where it says
 * nothing, or could not be asked. Somebody has an incident that is acknowledged or attended: how long they take is theirs.
 */
export function audit(
  incident: Incident,
  policy: Policy | undefined,
  nextAtMs: number | null,
  { startedAtMs }: Pick<State, 'startedAtMs'>,
  nowMs: number,
): Finding {
  if (incident.state !== 'raised') return { hung: [], isStill: false }
  const live = incident.pages.filter(isLive)
  const hung = live.filter(page => isPast(endsAtMs(page, startedAtMs) + CALL_MARGIN_MS, nowMs))
  const calls = live.filter(page => !hung.includes(page) && pageNumber(page) > incident.pagesBefore)
  if (calls.length > 0) return { hung, isStill: false }
  const waitMs = longestWaitMs(policy)
  const sinceMs = Math.max(
    incident.raisedAtMs,
    incident.pressedAtMs,
    ...incident.pages.map(({ endedAtMs }) => endedAtMs ?? Number.NEGATIVE_INFINITY),
  )
  const isFar = nextAtMs === null || !(nextAtMs - nowMs <= waitMs)
  const isLate = sinceMs > nowMs || isPast(sinceMs + waitMs + LOOK_MARGIN_MS, nowMs)
  return { hung, isStill: isFar || isLate }
}

/**
 * When a call ends by itself at the latest. A page that a restart placed anew was due before this process began; what grew worse
 * is waited for as long as an answer is.
 */
function endsAtMs({ dueAtMs, reachedAtMs, keyAtMs, news, withinMs }: Page, startedAtMs: number): number {
  if (reachedAtMs === undefined) return Math.max(dueAtMs, startedAtMs) + withinMs.reached
  return Math.max(reachedAtMs, keyAtMs ?? reachedAtMs, news?.worseAtMs ?? reachedAtMs) + withinMs.answered
}

/** The decision that an incident which stands still goes on: dead calls ended, the policy's first targets called now. */
export function decideAudit(
  state: State,
  incident: Incident,
  nextAtMs: number | null,
  nowMs: number,
): Decision {
  const policy = policyOf(state.plan, incident)
  const { hung, isStill } = audit(incident, policy, nextAtMs, state, nowMs)
  if (hung.length === 0 && !isStill) return nothing()
  const ended = hung.map(
    (page): IncidentChange => ({
      is: 'page-ended',
      incident: incident.id,
      page: page.id,
      outcome: 'failed',
      detail: `nothing was heard of this call for ${Math.round((nowMs - page.dueAtMs) / 1_000)} s`,
      atMs: nowMs,
    }),
  )
  let paged = incident
  for (const change of ended) paged = advance(paged, change, nowMs, SYSTEM)
  const changes: Change[] = [...ended]
  const pages: PageOrder[] = []
  for (const target of isStill ? targetsOf(state.plan, policy) : []) {
    const change = pageNow(state.plan, paged, policy, target)
    paged = advance(paged, change, nowMs, SYSTEM)
    changes.push(change)
    pages.push(pageOrder(state.plan, paged, paged.pages.at(-1) as Page))
  }
  const key = auditKey(incident.id)
  if (!state.technical.has(key)) {
    const text = `${incident.id} (${nameIn(state.plan, incident)}) ${isStill ? 'stood still: nobody was being called' : 'had a call of which nothing was heard'}. It is called about now: telephone by hand too`
    changes.push({ is: 'technical-raised', key, text })
  }
  return { ...nothing(), withdrawn: hung.map(({ id }) => id), changes, pages }
}

/** What the auditor said of incidents that somebody has by now. */
export function auditsOver(state: State): Change[] {
  const isRaised = (key: string) => state.incidents.get(key.slice(PREFIX.length))?.state === 'raised'
  return [...state.technical.keys()]
    .filter(key => isAuditKey(key) && !isRaised(key))
    .map((key): Change => ({ is: 'technical-mended', key }))
}

/** Also where `atMs` is no number: what can't be read is not waited for. */
const isPast = (atMs: number, nowMs: number): boolean => !(nowMs <= atMs)

function longestWaitMs(policy: Policy | undefined): number {
  const pauses = policy?.steps.map(({ pauseSeconds }) => pauseSeconds) ?? []
  return Math.max(0, policy?.onwardSeconds ?? 0, ...pauses) * 1_000
}

/** The policy's first; where there are none, everybody whom the site file lists. */
function targetsOf({ targets }: Plan, policy: Policy | undefined): readonly Target[] {
  const first = policy?.steps[0]?.targets ?? []
  return first.length > 0
    ? first
    : [...targets.values()].map(({ channel, address }) => ({ channel, to: address }))
}

/** Where no policy says how long a page may take. */
const WITHIN_MS = { reached: 45_000, answered: 60_000 }

/** A page to this target, in the words there are: a fault in naming the room must not keep the call. */
function pageNow(
  plan: Plan,
  incident: Incident,
  policy: Policy | undefined,
  target: Target,
): Extract<IncidentChange, { is: 'page-due' }> {
  const step = policy?.steps[0]
  const due = {
    target,
    step: 0,
    round: incident.pages.at(-1)?.round ?? 1,
    attempt: 1,
    withinMs: step === undefined ? WITHIN_MS : withinOf(step),
  }
  try {
    return pageDue(plan, incident, due)
  } catch {
    const whereabouts = { ...incident.whereabouts, room: null, runnerUp: null }
    return pageDue(plan, { ...incident, whereabouts }, due)
  }
}
