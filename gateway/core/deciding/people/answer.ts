// In: what a person did, at the desk or by a page, and what became of a page. Out: the decision it brings.
// A human's answer comes in by the same door as every other event.
import type { AnswerEvent, PageEvent, PageProgress, ReplyOrder } from '../../../ports.ts'
import { takenReply, tellsOf } from '../../incident/consequence.ts'
import {
  hasHeard,
  type Incident,
  type IncidentChange,
  isLive,
  newsOf,
  type Page,
} from '../../incident/incident.ts'
import { messageOfPage } from '../../incident/message.ts'
import { targetWords } from '../../incident/story.ts'
import { SYSTEM } from '../../plan/change.ts'
import type { Plan } from '../../plan/plan.ts'
import type { State } from '../../state/state.ts'
import { type Decision, follow, nothing, refused } from '../decision/decision.ts'

export function decidePage(state: State, event: PageEvent, nowMs: number): Decision {
  const incident = state.incidents.get(event.page.slice(0, event.page.lastIndexOf('-p')))
  const page = incident?.pages.find(each => each.id === event.page)
  if (incident === undefined || page === undefined) return nothing()
  if (event.progress.step === 'answered')
    return decideKey(state, incident, page, { ...event.progress, atMs: event.atMs }, nowMs)
  const changes = isLive(page) ? pageChanges(incident, event) : []
  return changes.length === 0 ? nothing() : follow(state, incident, changes, nowMs, SYSTEM)
}

function pageChanges(incident: Incident, { page, atMs, progress }: PageEvent): IncidentChange[] {
  const about = { incident: incident.id, page, atMs }
  switch (progress.step) {
    case 'ended':
      return [{ is: 'page-ended', ...about, outcome: progress.outcome, detail: progress.detail }]
    case 'said':
      return [{ is: 'page-said', ...about, news: progress.news }]
    case 'answered':
      return []
    default:
      return [{ is: ROWS[progress.step], ...about }]
  }
}

/** Rows are named after a call, as they were before there were other channels. */
const ROWS = { sent: 'page-invited', accepted: 'page-ringing', reached: 'page-answered' } as const

type Answer = Omit<Extract<PageProgress, { step: 'answered' }>, 'step'> & { atMs: number }

/** An answer counts even when the page has just ended: the human gave it. The page says what came of it. */
function decideKey(state: State, incident: Incident, page: Page, answer: Answer, nowMs: number): Decision {
  const target = targetWords(state.plan, page)
  const by = answer.by === undefined ? `${target} (key ${answer.with})` : `${answer.by} (${target})`
  const { changes, reply } = keyAnswer(state.plan, incident, page, answer)
  const decision = follow(state, incident, changes, nowMs, by)
  return { ...decision, replies: reply === null ? decision.replies : [reply, ...decision.replies] }
}

type KeyAnswer = { changes: IncidentChange[]; reply: ReplyOrder | null }

function keyAnswer(plan: Plan, incident: Incident, page: Page, { with: key, by, atMs }: Answer): KeyAnswer {
  const about = { incident: incident.id, page: page.id, atMs }
  const pressed: IncidentChange = { is: 'page-key', ...about, key, ...(by === undefined ? {} : { by }) }
  const meaning = keyMeaning(key)
  if (meaning === null) return { changes: [pressed], reply: again(plan, incident, page) }
  if (incident.state === 'raised' && !hasHeard(incident, page)) {
    // The page is saying so.
    return { changes: [{ ...pressed, ignored: 'not-told' }], reply: null }
  }
  const taken = takes(incident, meaning)
  if (taken.length > 0) {
    const end: IncidentChange[] = isLive(page)
      ? [{ is: 'page-ended', ...about, outcome: 'acknowledged', detail: `key ${key} pressed` }]
      : []
    return { changes: [pressed, ...taken, ...end], reply: thanks(plan, incident, page, meaning) }
  }
  // Pressed once more by whoever has it: they are being thanked already.
  if (page.outcome === 'acknowledged') return { changes: [pressed], reply: null }
  return { changes: [{ ...pressed, ignored: 'taken' }], reply: takenReply(incident, page) }
}

/** 1: I have it. 2: and I am on my way. */
const keyMeaning = (key: string): 'has' | 'coming' | null =>
  key === '1' ? 'has' : key === '2' ? 'coming' : null

/** What this key changes in the incident: nothing where it is somebody's already. */
function takes({ id, state }: Incident, meaning: 'has' | 'coming'): IncidentChange[] {
  const acknowledged: IncidentChange[] = state === 'raised' ? [{ is: 'acknowledged', incident: id }] : []
  if (meaning === 'has') return acknowledged
  return state === 'raised' || state === 'acknowledged'
    ? [...acknowledged, { is: 'attended', incident: id }]
    : []
}

/** It goes with news that the page has not come to: whoever has it should know where. */
function thanks(plan: Plan, incident: Incident, page: Page, meaning: 'has' | 'coming'): ReplyOrder {
  const [is, state] =
    meaning === 'has' ? (['thank', 'acknowledged'] as const) : (['coming', 'attended'] as const)
  const message = owesNews(incident, page) ? messageOfPage(plan, incident, page) : null
  return { page: page.id, is, tells: { ...tellsOf(incident), state }, message, isLast: true, news: null }
}

const owesNews = (incident: Incident, { id }: Page): boolean => {
  const { given, said } = newsOf(incident, id)
  return given > said
}

/** Which keys there are, unless the page is telling something new. */
function again(plan: Plan, incident: Incident, page: Page): ReplyOrder | null {
  if (incident.state !== 'raised' || !isLive(page) || owesNews(incident, page)) return null
  const message = messageOfPage(plan, incident, page)
  return { page: page.id, is: 'again', tells: tellsOf(incident), message, isLast: false, news: null }
}

export function decideAnswer(state: State, event: AnswerEvent, nowMs: number): Decision {
  const incident = state.incidents.get(event.incident)
  if (incident === undefined)
    return refused('an incident that is open', `${event.incident}, which is not known`, true)
  const changes = answerChanges(incident, event)
  if (changes === null) {
    return refused(
      `an incident that one can ${event.kind}`,
      `${incident.id}, which is ${incident.state}`,
      false,
    )
  }
  return follow(state, incident, changes, nowMs, event.by)
}

function answerChanges({ id, state }: Incident, event: AnswerEvent): IncidentChange[] | null {
  const acknowledged: IncidentChange = { is: 'acknowledged', incident: id }
  switch (event.kind) {
    case 'acknowledge':
      return state === 'raised' ? [acknowledged] : null
    case 'attend':
      if (state !== 'raised' && state !== 'acknowledged') return null
      return [...(state === 'raised' ? [acknowledged] : []), { is: 'attended', incident: id }]
    case 'release':
      return state === 'acknowledged' || state === 'attended' ? [{ is: 'released', incident: id }] : null
    case 'resolve':
      if (state === 'resolved') return null
      return [{ is: 'resolved', incident: id, outcome: event.outcome, reason: event.reason }]
    default:
      return event satisfies never
  }
}
